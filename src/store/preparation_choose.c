// SPDX-License-Identifier: Apache-2.0
// Which device preparation policy reaches a device and its person (behaviour Z3, Z12, Z15).
#include "store/preparation.h"

#include "base/str.h"
#include "domain/assignment.h"
#include "store/cohort.h"
#include "store/policy.h"
#include "store/queries.h"

struct choose_ctx {
	const struct work *w;
	const char *device_id, *upn;
	struct id_list device_groups, user_groups;
	const char *source, *association, *associated_policy;
	struct preparation_choice choice;
	const char *organization;
};

// What the registration says of the device.
static bool
load_device(struct db *db, struct choose_ctx *c, struct error *e)
{
	const struct work *w = c->w;

	c->source = c->association = c->associated_policy = "";
	c->device_groups = (struct id_list){0};
	if (!c->device_id)
		return true;
	{
		autorows r = NULL;
		if (!db_one(db, Q_PREPARATION_DEVICE,
			    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->device_id)), &r, e))
			return false;
		c->source = db_text(w->arena, r, "source");
		c->association = db_text(w->arena, r, "association");
		c->associated_policy = db_text(w->arena, r, "policy_id");
	}
	autorows r = NULL;
	if (!db_query(db, Q_GROUP_OF_DEVICE, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->device_id)),
		    &r, e))
		return false;
	while (db_next(r))
		ids_add(w->arena, &c->device_groups, db_text(w->arena, r, "group_id"));
	return true;
}

enum reach { REACH_NOT, REACH_USER, REACH_DEVICE };

// An excluded group takes the policy away, however it was included (as P18).
static bool
reaches(struct db *db, const struct choose_ctx *c, const char *policy_id, enum reach *out,
	struct error *e)
{
	const struct work *w = c->w;
	bool device = false, user = false, excluded = false;
	autorows r = NULL;

	if (!db_query(db, Q_ASSIGNMENT_OF_OBJECT, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(policy_id)),
		    &r, e))
		return false;
	while (db_next(r)) {
		enum assignment_target target = assignment_target(db_text(w->arena, r, "target"));
		const char *group =
			db_is_null(r, "group_id") ? "" : db_text(w->arena, r, "group_id");
		bool of_device = ids_has(&c->device_groups, group);
		bool of_user = ids_has(&c->user_groups, group);
		excluded |= target == TARGET_EXCLUDE_GROUP && (of_device || of_user);
		device |= (target == TARGET_GROUP && of_device) ||
			(target == TARGET_ALL_DEVICES && c->device_id);
		user |= (target == TARGET_GROUP && of_user) ||
			(target == TARGET_ALL_USERS && c->upn);
	}
	*out = excluded ? REACH_NOT : device ? REACH_DEVICE : user ? REACH_USER : REACH_NOT;
	return true;
}

static void
offer(struct choose_ctx *c, const struct preparation *policy, int64_t version, bool by_device)
{
	struct preparation_choice *best = &c->choice;

	if (best->found &&
		preparation_order(&best->policy, best->by_device, policy, by_device) <= 0)
		return;
	*best = (struct preparation_choice){.found = true,
		.associated = best->associated,
		.policy = *policy,
		.version = version,
		.by_device = by_device};
}

struct candidate {
	struct preparation policy;
	int64_t version;
};

static bool
load_policies(
	struct db *db, const struct work *w, struct candidate **out, size_t *count, struct error *e)
{
	size_t room = 0;
	autorows r = NULL;

	*out = NULL;
	*count = 0;
	if (!db_query(db, Q_PREPARATION_POLICIES, PARAMS(DB_TEXT(w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		const char *text = db_text(w->arena, r, "document");
		const struct json *json = json_parse(w->arena, slice_str(text), NULL, e);
		struct candidate one = {.version = db_int(r, "version")};
		if (!json)
			return error_wrap(e, "a device preparation policy");
		if (!preparation_read(w->arena, json, &one.policy))
			continue;
		one.policy.id = db_text(w->arena, r, "object_id");
		*out = arena_more(w->arena, *out, *count, &room, sizeof **out);
		(*out)[(*count)++] = one;
	}
	return true;
}

static const char *
why_chosen(const struct choose_ctx *c)
{
	const struct preparation_choice *best = &c->choice;

	if (!best->found)
		return c->upn ? "no device preparation policy reaches the device or its person"
			      : "no device preparation policy reaches the device";
	if (!str_empty(c->associated_policy))
		return arena_printf(
			c->w->arena, "the device is associated with \"%s\"", best->policy.name);
	return arena_printf(c->w->arena, "\"%s\" is assigned to %s, with priority %lld",
		best->policy.name, best->by_device ? "the device" : "the person",
		(long long)best->policy.priority);
}

static bool
decide(struct db *db, struct choose_ctx *c, struct error *e)
{
	struct candidate *list;
	size_t count;

	if (!load_policies(db, c->w, &list, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct candidate *one = &list[i];
		enum reach reach = REACH_NOT;
		if (!str_empty(c->associated_policy)) {
			if (str_ieq(c->associated_policy, one->policy.id))
				offer(c, &one->policy, one->version, true);
			continue;
		}
		if (!reaches(db, c, one->policy.id, &reach, e))
			return false;
		// Automatic is for devices alone: there is no person whom it could wait for (Z3).
		if (reach == REACH_NOT || (one->policy.automatic && reach != REACH_DEVICE))
			continue;
		offer(c, &one->policy, one->version, reach == REACH_DEVICE);
	}
	c->choice.reason = why_chosen(c);
	return true;
}

static bool
choose_tx(struct db *db, void *ctx, struct error *e)
{
	struct choose_ctx *c = ctx;

	c->choice = (struct preparation_choice){0};
	if (!load_device(db, c, e) || !user_groups(db, c->w, c->upn, &c->user_groups, e))
		return false;
	bool associated = !str_empty(c->association) && !str_eq(c->association, "removing");
	if (!associated)
		c->associated_policy = "";
	c->choice.associated = associated;
	c->choice.reason = c->device_id
		? preparation_refused(!str_eq(c->source, "preparation"), associated, false)
		: NULL;
	return c->choice.reason || decide(db, c, e);
}

bool
store_preparation_choose(const struct work *w, const char *device_id, const char *upn,
	struct preparation_choice *out, struct error *e)
{
	struct choose_ctx c = {.w = w, .device_id = device_id, .upn = str_empty(upn) ? NULL : upn};

	if (!store_read(w->session, choose_tx, &c, e))
		return false;
	*out = c.choice;
	return true;
}

static bool
offered_tx(struct db *db, void *ctx, struct error *e)
{
	struct choose_ctx *c = ctx;
	autorows r = NULL;

	if (!db_query(db, Q_PREPARATION_OFFERED, NO_PARAMS, &r, e))
		return false;
	c->organization = db_next(r) ? db_text(c->w->arena, r, "name") : NULL;
	return true;
}

bool
store_preparation_offered(const struct work *w, const char **organization, struct error *e)
{
	struct choose_ctx c = {.w = w};

	if (!store_read(w->session, offered_tx, &c, e))
		return false;
	*organization = c.organization;
	return true;
}
