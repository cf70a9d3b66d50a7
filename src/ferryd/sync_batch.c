// SPDX-License-Identifier: Apache-2.0
#include "ferryd/sync_batch.h"

#include "base/str.h"
#include "base/uuid.h"
#include "wire/odj/ad_id.h"

enum { MAX_NAME = 1024, MAX_CURSOR = 1024, MAX_ATTRIBUTES = 16 << 10 };

static const char *
optional(const struct json *in, const char *name)
{
	const char *text = json_str(in, name);

	return text && strlen(text) <= MAX_NAME ? text : "";
}

static bool
need_guid(struct arena *arena, const struct json *in, const char **out, struct error *e)
{
	const char *text;

	if (!json_need_str(in, "guid", 36, &text, e))
		return false;
	*out = str_lower(arena, text);
	return uuid_valid(*out) || error_set(e, ERR_INVALID, "guid is not an objectGUID");
}

// What users and groups have in common.
static bool
read_ids(struct arena *arena, const struct json *in, const char **guid, const char **sid,
	const char **account, struct error *e)
{
	struct sid parsed;

	return need_guid(arena, in, guid, e) && json_need_str(in, "sid", 200, sid, e) &&
		sid_parse(*sid, &parsed, e) && json_need_str(in, "account", 256, account, e);
}

static bool
read_attributes(struct arena *arena, const struct json *in, const char **out, struct error *e)
{
	const struct json *object = json_get(in, "attributes");
	struct buf text;

	*out = "{}";
	if (!object)
		return true;
	if (object->type != JSON_OBJECT)
		return error_set(e, ERR_INVALID, "attributes must be an object");
	for (const struct json *m = object->first; m; m = m->next)
		if (m->type != JSON_STRING)
			return error_set(e, ERR_INVALID, "attributes hold texts only");
	buf_init(&text, arena, MAX_ATTRIBUTES);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, object);
	*out = buf_text(&text);
	return buf_ok(&text, e);
}

static bool
read_user(struct arena *arena, const struct json *in, void *place, struct error *e)
{
	struct sync_user u = {
		.display_name = optional(in, "displayName"),
		.given_name = optional(in, "givenName"),
		.surname = optional(in, "surname"),
		.mail = optional(in, "mail"),
		.department = optional(in, "department"),
		.job_title = optional(in, "jobTitle"),
		.usage_location = optional(in, "usageLocation"),
		.enabled = json_bool(in, "enabled", false),
		.usn = json_int(in, "usn", 0),
	};

	if (!read_ids(arena, in, &u.guid, &u.sid, &u.account, e) ||
		!json_need_str(in, "upn", MAX_NAME, &u.upn, e) ||
		!read_attributes(arena, in, &u.attributes, e))
		return false;
	*(struct sync_user *)place = u;
	return true;
}

static bool
read_group(struct arena *arena, const struct json *in, void *place, struct error *e)
{
	const struct json *list = json_get(in, "members");
	struct sync_group g = {
		.display_name = optional(in, "displayName"),
		.description = optional(in, "description"),
		.more = json_bool(in, "more", false),
	};

	if (!read_ids(arena, in, &g.guid, &g.sid, &g.account, e))
		return false;
	if (!list || list->type != JSON_ARRAY)
		return error_set(e, ERR_INVALID, "a group needs its members");
	const char **members = arena_array(arena, list->count + 1, sizeof *members);
	for (const struct json *m = list->first; m; m = m->next) {
		if (m->type != JSON_STRING || !uuid_valid(m->text))
			return error_set(e, ERR_INVALID, "a member is not an objectGUID");
		members[g.member_count++] = str_lower(arena, m->text);
	}
	g.members = members;
	*(struct sync_group *)place = g;
	return true;
}

static bool
read_gone(struct arena *arena, const struct json *in, void *place, struct error *e)
{
	struct sync_gone g = {.deleted = json_bool(in, "deleted", false)};

	if (!need_guid(arena, in, &g.guid, e))
		return false;
	*(struct sync_gone *)place = g;
	return true;
}

// An array of objects, each read into an element of `size` bytes.
static bool
read_list(struct arena *arena, const struct json *in, const char *name, size_t size,
	bool (*read)(struct arena *arena, const struct json *in, void *place, struct error *e),
	const void **out, size_t *count, struct error *e)
{
	const struct json *list = json_get(in, name);
	size_t i = 0;

	if (!list || list->type != JSON_ARRAY)
		return error_set(e, ERR_INVALID, "%s must be an array", name);
	if (list->count > SYNC_MAX_OBJECTS)
		return error_set(e, ERR_LIMIT, "%s: more than %d", name, SYNC_MAX_OBJECTS);
	char *places = arena_array(arena, list->count + 1, size);
	for (const struct json *m = list->first; m; m = m->next, i++)
		if (!read(arena, m, places + i * size, e))
			return error_wrap(e, "%s[%zu]", name, i);
	*out = places;
	*count = list->count;
	return true;
}

bool
sync_batch_read(struct arena *arena, struct slice text, struct sync_batch *out, struct error *e)
{
	const struct json_limits limits = {
		.max_bytes = SYNC_MAX_BYTES, .max_depth = 8, .max_nodes = 100000};
	const struct json *in = json_parse(arena, text, &limits, e);
	struct sync_batch b = {.full = json_bool(in, "full", false)};
	const void *users, *groups, *gone;
	size_t members = 0;

	if (!in)
		return false;
	if (!json_need_str(in, "runId", 36, &b.run_id, e) ||
		!read_list(
			arena, in, "users", sizeof *b.users, read_user, &users, &b.user_count, e) ||
		!read_list(arena, in, "groups", sizeof *b.groups, read_group, &groups,
			&b.group_count, e) ||
		!read_list(arena, in, "gone", sizeof *b.gone, read_gone, &gone, &b.gone_count, e))
		return false;
	b.users = users;
	b.groups = groups;
	b.gone = gone;
	for (size_t i = 0; i < b.group_count; i++)
		members += b.groups[i].member_count;
	if (members > SYNC_MAX_MEMBERS)
		return error_set(e, ERR_LIMIT, "groups: more than %d members", SYNC_MAX_MEMBERS);
	b.cursor = json_str(in, "cursor");
	if (b.cursor && strlen(b.cursor) > MAX_CURSOR)
		return error_set(e, ERR_LIMIT, "cursor: more than %d bytes", MAX_CURSOR);
	*out = b;
	return true;
}
