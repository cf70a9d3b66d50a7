// SPDX-License-Identifier: Apache-2.0
// Devices that a deployment profile is assigned to one by one: POST …/{id}/assign {"deviceIds":[…]}
// (graph-api.md section 5).
//
// Assignment knows groups alone, so these devices are the members of a group that the profile has
// for this: it shows among the assignments, explains itself as any other, and is decided with the
// same rules. Its id follows from the profile's, so that nobody has to remember it.
#include "ferryd/graph/chosen.h"

#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "pki/hash.h"
#include "store/groups.h"

enum { MAX_DEVICES = 1000, SHORT_ID = 8 };

struct chosen {
	struct call *c;
	const struct json *ids;
	struct object profile;
	const char *group_id;
};

// A UUID of version 8 (RFC 9562): what it is made of is our own business.
static char *
group_of(struct arena *arena, const char *profile_id)
{
	const char *text = arena_printf(arena, "devices of profile %s", profile_id);
	char *out = arena_alloc(arena, UUID_TEXT);
	uint8_t digest[SHA256_LEN];

	sha256(slice_str(text), digest);
	digest[6] = (digest[6] & 0x0f) | 0x80;
	digest[8] = (digest[8] & 0x3f) | 0x80;
	uuid_format(digest, out);
	return out;
}

// Registrations of this organization, each once.
static bool
read_devices(struct chosen *x, const char **out, size_t *count, struct error *e)
{
	struct call *c = x->c;
	const struct json *device;

	*count = 0;
	for (const struct json *id = x->ids->first; id; id = id->next) {
		if (id->type != JSON_STRING)
			return error_set(e, ERR_INVALID, "deviceIds must hold texts");
		if (!graph_view_object(c, &graph_autopilot_devices, id->text, &device, e))
			return error_wrap(e, "device %.40s", id->text);
		const char *known = json_str(device, "id");
		size_t i = 0;
		while (i < *count && !str_eq(out[i], known))
			i++;
		if (i == *count)
			out[(*count)++] = known;
	}
	return true;
}

static bool
make_group(struct chosen *x, struct error *e)
{
	struct call *c = x->c;
	struct group group = {.id = x->group_id,
		.name = arena_printf(
			c->arena, "Devices of %s (%.*s)", x->profile.name, SHORT_ID, x->profile.id),
		.description = "Devices that the profile is assigned to one by one.",
		.mail_nickname = "",
		.subject = "",
		.processing = "On"};

	if (store_group(&c->work, x->group_id, &(struct group){0}, e))
		return true;
	return e->code == ERR_NOT_FOUND && store_group_insert(&c->work, &group, e);
}

// The profile goes to the group, once.
static bool
assign_group(struct chosen *x, bool *moved, struct error *e)
{
	struct call *c = x->c;
	struct new_assignment in = {.object_kind = "profile",
		.object_id = x->profile.id,
		.target = "group",
		.group_id = x->group_id};
	struct assignment *list;
	size_t count;

	if (!store_assignments(&c->work, x->profile.id, &list, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].target, "group") && str_eq(list[i].group_id, x->group_id))
			return true;
	*moved = true;
	return store_assignment_add(&c->work, &in, e) && store_decide(&c->work, NULL, e);
}

// What the audit log compares: to whom the profile goes, and to which devices of its own.
static bool
look(struct chosen *x, const struct json **out, struct error *e)
{
	struct call *c = x->c;
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	const struct json *assignments;
	const char **ids;
	size_t count;

	if (!graph_assignments(c, &graph_profiles, &x->profile, &assignments, e) ||
		!store_group_device_list(&c->work, x->group_id, &ids, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		json_put_str(&list, NULL, ids[i]);
	json_put(&m, "assignments", assignments);
	json_put(&m, "deviceIds", list.whole);
	*out = m.whole;
	return true;
}

static bool
note_chosen(struct chosen *x, const struct json *before, struct error *e)
{
	static const struct odata_property members[] = {
		{.name = "assignments", .kind = OD_ANY, .flags = OD_LIST},
		{.name = "deviceIds", .kind = OD_STRING, .flags = OD_LIST}};
	static const struct odata_type type = {.name = "#", OD_PROPERTIES(members)};
	const struct json *after;

	if (!look(x, &after, e))
		return false;
	struct graph_note note = {
		.operation = "Patch",
		.action = "Assign",
		.noun = graph_profiles.noun,
		.category = graph_profiles.category,
		.resource_id = x->profile.id,
		.resource_name = x->profile.name,
		.type = &type,
		.before = before,
		.after = after,
	};
	return graph_note(x->c, &note, e);
}

// None: the group goes, and its assignment with it.
static bool
choose_none(struct chosen *x, bool *moved, struct error *e)
{
	*moved = store_group_delete(&x->c->work, x->group_id, e);
	return *moved || e->code == ERR_NOT_FOUND;
}

static bool
choose_tx(void *ctx, struct error *e)
{
	struct chosen *x = ctx;
	struct call *c = x->c;
	const char **wanted = arena_array(c->arena, MAX_DEVICES, sizeof *wanted);
	bool moved = false, assigned = false;
	const struct json *before;
	size_t count;

	if (!graph_find(c, &graph_profiles, http_param(c->req, "id"), &x->profile, e))
		return false;
	x->group_id = group_of(c->arena, x->profile.id);
	if (!read_devices(x, wanted, &count, e) || !look(x, &before, e))
		return false;
	if (!count) {
		if (!choose_none(x, &moved, e))
			return false;
	} else if (!make_group(x, e) ||
		!store_group_devices(
			&c->work, x->group_id, (const char *const *)wanted, count, &moved, e) ||
		!assign_group(x, &assigned, e) || !graph_look_at(c, &x->profile, false, e)) {
		return false;
	}
	return (!moved && !assigned) || note_chosen(x, before, e);
}

bool
graph_assign_devices(struct call *c, const struct json *ids, struct error *e)
{
	struct chosen x = {.c = c, .ids = ids};

	if (ids->type != JSON_ARRAY || ids->count > MAX_DEVICES)
		return error_set(
			e, ERR_INVALID, "deviceIds must be a list of at most %d", MAX_DEVICES);
	return store_together(c->work.session, choose_tx, &x, e) &&
		graph_look_at(c, &x.profile, true, e) && graph_done(c);
}

bool
graph_chosen_forget(struct call *c, const char *profile_id, struct error *e)
{
	const char *id = group_of(c->arena, profile_id);

	return store_group_delete(&c->work, id, e) || e->code == ERR_NOT_FOUND;
}
