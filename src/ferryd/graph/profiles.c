// SPDX-License-Identifier: Apache-2.0
// Deployment profiles and enrolment configurations (graph-api.md sections 5 and 7).
#include "ferryd/graph/chosen.h"
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"
#include "ferryd/graph/judge.h"

#include "base/str.h"
#include "domain/esp_profile.h"
#include <ctype.h>

// --- deployment profiles ---

static const char *
profile_kind(const struct odata_type *type)
{
	(void)type;
	return "profile";
}

static bool
project_profile(struct call *c, struct graph_change *change, struct error *e)
{
	const struct json *d = change->object.document;
	const char *trust = json_str(d, "ferryTrustStore"), *text = json_str(d, "description");
	bool hybrid = odata_type_is(change->type, &graph_profile_hybrid);
	struct new_profile in = {
		.name = change->object.name,
		.description = text ? text : "",
		.join_type = hybrid ? "hybrid" : "directory",
		.preprovisioning = json_bool(d, "preprovisioningAllowed", false),
		.trust_store = str_empty(trust) ? "hardware" : trust,
	};

	return store_put_profile(&c->work, change->object.id, &in, e);
}

// A profile of no particular type is one for Entra joined devices, as older clients mean it.
static bool
check_profile(struct call *c, struct graph_change *change, struct error *e)
{
	if (change->type == &graph_profile) {
		change->type = &graph_profile_directory;
		change->object.type = change->type->name;
	}
	return judge_profile(c, change, e);
}

// behaviour P26.
static bool
may_delete_profile(struct call *c, const struct object *object, struct error *e)
{
	struct assignment *found;
	size_t count;

	if (!store_assignments(&c->work, object->id, &found, &count, e))
		return false;
	if (count == 0)
		return graph_chosen_forget(c, object->id, e);
	error_fault(e, ERR_CONFLICT, "profile_in_use", "the profile is assigned to %zu target%s",
		count, count == 1 ? "" : "s");
	return error_hint(e, "remove its assignments first");
}

const struct graph_collection graph_profiles = {
	.path = "deviceManagement/windowsAutopilotDeploymentProfiles",
	.type = &graph_profile,
	.noun = "WindowsAutopilotDeploymentProfile",
	.category = "Enrollment",
	.kind = profile_kind,
	.check = check_profile,
	.project = project_profile,
	.may_delete = may_delete_profile,
	.assigned = judge_assigned,
};

// GET …/{id}/assignedDevices
bool
graph_profile_devices(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id");
	struct object profile;

	return graph_find(c, c->collection, id, &profile, e) &&
		graph_list_view(c, &view_profile_devices,
			arena_printf(c->arena, "%s('%s')/assignedDevices", c->collection->path, id),
			profile.id, e);
}

// POST …/hasPayloadLinks {"payloadIds":[…]}: which of these are assigned.
bool
graph_payload_links(struct call *c, struct error *e)
{
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	const struct json *body, *ids;
	struct assignment *found;
	size_t count;

	if (!graph_body(c, &body, e))
		return false;
	ids = json_get(body, "payloadIds");
	if (!ids || ids->type != JSON_ARRAY || ids->count > 100)
		return error_set(e, ERR_INVALID, "payloadIds must be a list of at most 100 ids");
	for (const struct json *id = ids->first; id; id = id->next) {
		struct json_maker m = json_make(c->arena, JSON_OBJECT);
		if (id->type != JSON_STRING)
			return error_set(e, ERR_INVALID, "payloadIds must hold texts");
		const char *key = str_lower(c->arena, id->text);
		key = arena_strndup(c->arena, key, strcspn(key, "_"));
		if (!store_assignments(&c->work, key, &found, &count, e))
			return false;
		json_put_str(&m, "payloadId", id->text);
		json_put_bool(&m, "hasLink", count > 0);
		json_put_str(&m, "error", NULL);
		json_put_str(&m, "sourceId", NULL);
		json_put(&list, NULL, m.whole);
	}
	return graph_send_value(c, list.whole, e);
}

// --- enrolment configurations ---

static const char *
enrollment_kind(const struct odata_type *type)
{
	return type == &graph_enrollment_page ? "esp"
					      : "deviceManagement/deviceEnrollmentConfigurations";
}

static const struct {
	const struct odata_type *type;
	const char *member;
} kinds[] = {
	{&graph_enrollment_page, "windows10EnrollmentCompletionPageConfiguration"},
	{&graph_enrollment_limit, "limit"},
	{&graph_enrollment_platforms, "platformRestrictions"},
	{&graph_enrollment_platform, "singlePlatformRestriction"},
	{&graph_enrollment_hello, "windowsHelloForBusiness"},
};

// deviceEnrollmentConfigurationType follows from the type, and from being a default.
static void
decorate_enrollment(struct call *c, const struct object *object, struct json_maker *m)
{
	bool is_default = strchr(object->id, '_') != NULL;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!str_eq(kinds[i].type->name, object->type))
			continue;
		char *name = arena_printf(
			c->arena, "%s%s", is_default ? "default" : "", kinds[i].member);
		if (is_default)
			name[7] = (char)toupper((unsigned char)name[7]);
		json_put_str(m, "deviceEnrollmentConfigurationType", name);
	}
	if (is_default)
		json_put_int(m, "priority", 0);
}

// A new one comes last; 0 is the default's.
static bool
check_enrollment(struct call *c, struct graph_change *change, struct error *e)
{
	struct object *all;
	size_t count;
	int64_t last = 0;

	const struct json *hello = change->object.document;
	if (change->type == &graph_enrollment_hello &&
		json_int(hello, "pinMaximumLength", 127) < json_int(hello, "pinMinimumLength", 4))
		return error_set(e, ERR_INVALID, "pinMaximumLength is below pinMinimumLength");
	if (!judge_enrollment(c, change, e))
		return false;
	if (change->before || json_int(change->object.document, "priority", 0) > 0 ||
		strchr(change->object.id, '_'))
		return true;
	if (!store_objects(&c->work, change->object.collection, &all, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (str_eq(all[i].type, change->object.type) && all[i].priority > last)
			last = all[i].priority;
	change->object.document = graph_with_int(c, change->object.document, "priority", last + 1);
	return true;
}

static bool
project_enrollment(struct call *c, struct graph_change *change, struct error *e)
{
	const struct json *d = change->object.document;
	struct new_esp in = {
		.name = change->object.name,
		.priority = change->object.priority,
		.timeout_minutes = json_int(d, "installProgressTimeoutInMinutes", 60),
		.hybrid_extra_minutes = json_int(d, "ferryHybridExtraMinutes", 40),
	};

	if (change->type != &graph_enrollment_page || strchr(change->object.id, '_'))
		return true;
	change->decide = change->before &&
		json_int(change->before, "priority", 0) != change->object.priority;
	return store_put_esp(&c->work, change->object.id, &in, e);
}

#define ALL_USERS_TEXT "This is the default configuration applied with the lowest priority."
static const struct graph_default enrollment_defaults[] = {
	{ESP_DEFAULT_KEY, &graph_enrollment_page,
		"{\"displayName\":\"All users and all devices\",\"description\":\"" ALL_USERS_TEXT
		"\"}"},
	{"DefaultLimit", &graph_enrollment_limit,
		"{\"displayName\":\"All Users\",\"description\":\"" ALL_USERS_TEXT "\"}"},
	{"DefaultPlatformRestrictions", &graph_enrollment_platforms,
		"{\"displayName\":\"All Users\",\"description\":\"" ALL_USERS_TEXT "\"}"},
	{"DefaultWindowsHelloForBusiness", &graph_enrollment_hello,
		"{\"displayName\":\"All Users\",\"description\":\"" ALL_USERS_TEXT "\"}"},
	{0},
};

// Only pages reach devices.
static bool
enrollment_assigned(struct call *c, const struct object *object, struct error *e)
{
	return !str_eq(object->type, graph_enrollment_page.name) || judge_assigned(c, object, e);
}

const struct graph_collection graph_enrollment_configurations = {
	.path = "deviceManagement/deviceEnrollmentConfigurations",
	.type = &graph_enrollment,
	.noun = "DeviceEnrollmentConfiguration",
	.category = "Enrollment",
	.typed_ids = true,
	.defaults = enrollment_defaults,
	.kind = enrollment_kind,
	.decorate = decorate_enrollment,
	.check = check_enrollment,
	.project = project_enrollment,
	.assigned = enrollment_assigned,
};

struct priority_ctx {
	struct call *c;
	int64_t priority;
	struct object target, *all;
	size_t count;
};

static bool
takes_part(const struct priority_ctx *p, const struct object *object)
{
	return str_eq(object->type, p->target.type) && !strchr(object->id, '_');
}

static bool
set_priority(struct call *c, const struct object *object, int64_t priority, struct error *e)
{
	struct graph_change change = {
		.collection = c->collection,
		.type = graph_type_of(c->collection, object),
		.object = *object,
		.before = object->document,
		.quiet = true,
	};

	if (object->priority == priority)
		return true;
	change.object.document = graph_with_int(c, object->document, "priority", priority);
	return graph_store(c, &change, e);
}

// Everything between the old and the new place moves by one, so that priorities stay 1, 2, 3 …
static int64_t
place_after(const struct priority_ctx *p, const struct object *object)
{
	int64_t from = p->target.priority, to = p->priority, now = object->priority;

	if (str_eq(object->id, p->target.id))
		return to;
	if (from < to && now > from && now <= to)
		return now - 1;
	return from > to && now >= to && now < from ? now + 1 : now;
}

static bool
note_priority(struct priority_ctx *p, struct error *e)
{
	struct call *c = p->c;
	const struct object *o = &p->target;
	struct graph_note note = {
		.operation = "Action",
		.action = "SetPriority",
		.noun = c->collection->noun,
		.category = c->collection->category,
		.resource_id = graph_id(c, c->collection, o),
		.resource_name = o->name,
		.type = graph_type_of(c->collection, o),
		.before = graph_with_int(c, o->document, "priority", o->priority),
		.after = graph_with_int(c, o->document, "priority", p->priority),
	};

	return graph_note(c, &note, e);
}

static bool
priority_tx(void *ctx, struct error *e)
{
	struct priority_ctx *p = ctx;
	struct call *c = p->c;
	int64_t last = 0;

	if (!graph_find(c, c->collection, http_param(c->req, "id"), &p->target, e) ||
		!store_objects(&c->work, c->collection->path, &p->all, &p->count, e))
		return false;
	if (strchr(p->target.id, '_'))
		return error_set(e, ERR_INVALID, "the default's priority is 0 and stays so");
	for (size_t i = 0; i < p->count; i++)
		if (takes_part(p, &p->all[i]) && p->all[i].priority > last)
			last = p->all[i].priority;
	if (p->priority > last)
		p->priority = last;
	for (size_t i = 0; i < p->count; i++)
		if (takes_part(p, &p->all[i]) &&
			!set_priority(c, &p->all[i], place_after(p, &p->all[i]), e))
			return false;
	return note_priority(p, e);
}

// POST …/{id}/setPriority {"priority":2}
bool
graph_set_priority(struct call *c, struct error *e)
{
	struct priority_ctx p = {.c = c};
	const struct json *body;

	if (!graph_body(c, &body, e))
		return false;
	const char *text = graph_text(body, "priority");
	uint64_t number;
	if (!str_to_u64(text ? text : "", 10000, &number) || number == 0)
		return error_set(e, ERR_INVALID, "priority must be a number from 1 on");
	p.priority = (int64_t)number;
	return store_together(c->work.session, priority_tx, &p, e) && graph_done(c);
}
