// SPDX-License-Identifier: Apache-2.0
// Devices, users, the organization, and who may join (graph-api.md section 13).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "base/uuid.h"
#include "ferryd/deletions.h"
#include "store/groups.h"
#include "store/registration_edit.h"

#define MDM_APP "0000000a-0000-0000-c000-000000000000"

const struct graph_collection graph_devices = {
	.path = "devices",
	.type = &graph_device,
	.view = &view_devices,
	.noun = "Device",
	.category = "Device",
};
const struct graph_collection graph_users = {
	.path = "users",
	.type = &graph_user,
	.view = &view_users,
	.noun = "User",
	.category = "UserManagement",
};
const struct graph_collection graph_organizations = {
	.path = "organization",
	.type = &graph_organization,
	.view = &view_organization,
	.noun = "Organization",
	.category = "Directory",
};

struct device_ctx {
	struct call *c;
	const char *id;
	const struct json *sent, *after;
};

static bool
device_edit(struct device_ctx *x, const struct json *before, struct error *e)
{
	const struct json *d = x->sent, *enabled = json_get(d, "accountEnabled");
	const struct json *extensions = json_get(d, "extensionAttributes");
	struct directory_edit edit = {
		.display_name = json_str(d, "displayName"),
		.ownership = json_str(d, "deviceOwnership"),
		.category = graph_text(d, "deviceCategory"),
		.os_type = json_str(d, "operatingSystem"),
		.os_version = json_str(d, "operatingSystemVersion"),
		.account_enabled = enabled ? enabled->boolean : -1,
	};

	if (extensions && extensions->type == JSON_OBJECT &&
		!json_text(x->c->arena, extensions, 32 << 10, &edit.extensions, e))
		return false;
	return store_directory_edit(&x->c->work, json_str(before, "id"), &edit, e);
}

// Deleting the directory's facet alone would break enrolment (behaviour R14, D4); one that was made
// before any registration has nothing else.
static bool
device_end(struct call *c, const struct json *before, struct error *e)
{
	const struct json *ids = json_get(before, "physicalIds");
	const char *ztd = ids && ids->first ? strchr(ids->first->text, ':') : NULL;

	return ztd ? store_device_delete(&c->work, ztd + 1, c->actor, e)
		   : store_directory_unstage(&c->work, json_str(before, "id"), e);
}

static bool
device_tx(void *ctx, struct error *e)
{
	struct device_ctx *x = ctx;
	struct call *c = x->c;
	const struct json *before;

	x->after = NULL;
	if (!graph_view_object(c, &graph_devices, x->id, &before, e))
		return false;
	if (!x->sent) {
		if (!device_end(c, before, e))
			return false;
	} else if (!device_edit(x, before, e) ||
		!graph_view_object(c, &graph_devices, x->id, &x->after, e)) {
		return false;
	}
	struct graph_note note = {
		.operation = x->sent ? "Patch" : "Delete",
		.noun = graph_devices.noun,
		.category = graph_devices.category,
		.resource_id = json_str(before, "id"),
		.resource_name = json_str(before, "displayName"),
		.type = &graph_device,
		.before = before,
		.after = x->after,
	};
	return graph_note(c, &note, e);
}

static bool
prestage_tx(void *ctx, struct error *e)
{
	struct device_ctx *x = ctx;
	struct call *c = x->c;
	const struct json *d = x->sent;
	struct directory_edit in = {
		.display_name = json_str(d, "displayName"),
		.ownership = json_str(d, "deviceOwnership"),
		.category = graph_text(d, "deviceCategory"),
		.os_type = json_str(d, "operatingSystem"),
		.os_version = json_str(d, "operatingSystemVersion"),
		.account_enabled = json_bool(d, "accountEnabled", true),
	};

	if (!store_directory_prestage(&c->work, x->id, &in, e) ||
		!graph_view_object(c, &graph_devices, x->id, &x->after, e))
		return false;
	struct graph_note note = {
		.operation = "Create",
		.noun = graph_devices.noun,
		.category = graph_devices.category,
		.resource_id = x->id,
		.resource_name = in.display_name,
		.type = &graph_device,
		.after = x->after,
	};
	return graph_note(c, &note, e);
}

// POST /devices: a directory device before any registration. It names itself by deviceId, and gives
// nobody the right to join: that takes a registration whose TPM proves itself.
bool
graph_directory_device_create(struct call *c, struct error *e)
{
	struct device_ctx x = {.c = c};
	const struct json *sent;
	struct odata_body body;

	if (!graph_body(c, &sent, e) ||
		!odata_validate(c->arena, &graph_device, sent, ODATA_CREATE, &body, e))
		return false;
	x.sent = body.document;
	const char *id = graph_text(sent, "deviceId");
	if (!id || !uuid_valid(id))
		return error_set(e, ERR_INVALID,
			"A value is required for property 'deviceId' of resource 'Device', a "
			"GUID.");
	if (str_empty(json_str(x.sent, "displayName")))
		return error_set(e, ERR_INVALID, "displayName is missing");
	x.id = str_lower(c->arena, id);
	if (!store_together(c->work.session, prestage_tx, &x, e))
		return false;
	struct graph_answer answer = {
		.path = "devices", .type = &graph_device, .objects = &x.after, .count = 1};
	return graph_send_object(c, 201, &answer, 0, e);
}

bool
graph_directory_device_patch(struct call *c, struct error *e)
{
	struct device_ctx x = {.c = c, .id = http_param(c->req, "id")};
	const struct json *sent;
	struct odata_body body;

	if (!graph_body(c, &sent, e) ||
		!odata_validate(c->arena, &graph_device, sent, ODATA_PATCH, &body, e))
		return false;
	x.sent = body.document;
	if (!store_together(c->work.session, device_tx, &x, e))
		return false;
	struct graph_answer answer = {
		.path = "devices", .type = &graph_device, .objects = &x.after, .count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}

// The whole device goes: registration, directory, enrolment are facets of one record.
bool
graph_directory_device_delete(struct call *c, struct error *e)
{
	struct device_ctx x = {.c = c, .id = http_param(c->req, "id")};

	if (!store_together(c->work.session, device_tx, &x, e))
		return false;
	deletions_done(c, 1);
	return call_done(c);
}

bool
graph_device_groups(struct call *c, struct error *e)
{
	const struct json *device;

	return graph_view_object(c, &graph_devices, http_param(c->req, "id"), &device, e) &&
		graph_list_view(
			c, &view_device_groups, "directoryObjects", json_str(device, "id"), e);
}

// registeredOwners, registeredUsers: nobody; the assigned user stands on the registration.
bool
graph_device_users(struct call *c, struct error *e)
{
	const struct json *device;
	struct graph_answer answer = {.path = "directoryObjects", .type = &graph_member};

	return graph_view_object(c, &graph_devices, http_param(c->req, "id"), &device, e) &&
		graph_send_list(c, &answer, e);
}

bool
graph_user_groups(struct call *c, struct error *e)
{
	const struct json *user;

	return graph_view_object(c, &graph_users, http_param(c->req, "id"), &user, e) &&
		graph_list_view(c, &view_user_groups, "directoryObjects", json_str(user, "id"), e);
}

// GET /me
bool
graph_me(struct call *c, struct error *e)
{
	struct odata_query *query;
	const struct json *user;

	if (!c->user_id)
		return error_set(e, ERR_INVALID, "/me is for signed-in people, not for programs");
	if (!graph_query(c, &graph_user, &query, e) ||
		!graph_view_object(c, &graph_users, c->user_id, &user, e))
		return false;
	struct graph_answer answer = {
		.path = "users", .type = &graph_user, .query = query, .objects = &user, .count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}

// --- who may join, and where devices enrol ---

static void
decorate_mobility(struct call *c, const struct object *object, struct json_maker *m)
{
	const char *discovery = json_str(object->document, "discoveryUrl");

	json_put_str(m, "discoveryUrl",
		!str_empty(discovery) ? discovery
				      : arena_printf(c->arena, "%s/EnrollmentServer/Discovery.svc",
						c->service->base_url));
	json_put_bool(m, "isValid", true);
}

static bool
expand_mobility(struct call *c, const struct odata_expand *expand, const struct json *object,
	struct json_maker *m, struct error *e)
{
	const struct json *ids = json_get(object, "ferryIncludedGroups");
	struct json_maker list = json_make(c->arena, JSON_ARRAY);

	for (const struct json *id = ids ? ids->first : NULL; id; id = id->next) {
		const struct json *group;
		if (graph_view_object(c, &graph_groups, id->text, &group, e))
			json_put(&list, NULL, group);
		else if (e->code != ERR_NOT_FOUND)
			return false;
	}
	json_put(m, expand->path.properties[expand->path.count - 1]->name, list.whole);
	return true;
}

static const struct graph_default mobility_defaults[] = {
	{MDM_APP, &graph_mobility_policy, "{\"appliesTo\":\"all\"}"}, {0}};
const struct graph_collection graph_mobility_policies = {
	.path = "policies/mobileDeviceManagementPolicies",
	.type = &graph_mobility_policy,
	.noun = "MobileDeviceManagementPolicy",
	.category = "Policy",
	.defaults = mobility_defaults,
	.default_ids_are_keys = true,
	.decorate = decorate_mobility,
	.expand = expand_mobility,
};

struct included_ctx {
	struct call *c;
	const char *group_id;
	bool add;
};

static bool
included_tx(void *ctx, struct error *e)
{
	struct included_ctx *x = ctx;
	struct call *c = x->c;
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	struct object object;
	struct group group;
	bool there = false;

	if (!graph_find(c, &graph_mobility_policies, http_param(c->req, "id"), &object, e) ||
		!store_group(&c->work, x->group_id, &group, e))
		return false;
	const struct json *ids = json_get(object.document, "ferryIncludedGroups");
	for (const struct json *id = ids ? ids->first : NULL; id; id = id->next) {
		bool same = str_eq(id->text, x->group_id);
		there |= same;
		if (!same || x->add)
			json_put(&list, NULL, id);
	}
	if (there == x->add)
		return error_set(e, x->add ? ERR_INVALID : ERR_NOT_FOUND,
			x->add ? "the group is included already" : "the group is not included");
	if (x->add)
		json_put_str(&list, NULL, x->group_id);
	struct graph_change change = {.collection = &graph_mobility_policies,
		.type = &graph_mobility_policy,
		.object = object,
		.before = object.document};
	change.object.document = graph_with(c, object.document, "ferryIncludedGroups", list.whole);
	return graph_store(c, &change, e);
}

bool
graph_included_group_add(struct call *c, struct error *e)
{
	struct included_ctx x = {.c = c, .add = true};

	return graph_reference(c, &x.group_id, e) &&
		store_together(c->work.session, included_tx, &x, e) && call_done(c);
}

bool
graph_included_group_remove(struct call *c, struct error *e)
{
	struct included_ctx x = {
		.c = c, .group_id = str_lower(c->arena, http_param(c->req, "member"))};

	return store_together(c->work.session, included_tx, &x, e) && call_done(c);
}

bool
graph_included_groups(struct call *c, struct error *e)
{
	static const struct odata_property property = {.name = "groups"};
	static const struct odata_property *properties[] = {&property};
	struct odata_expand expand = {.path = {.properties = properties, .count = 1}};
	struct object object;

	if (!graph_find(c, &graph_mobility_policies, http_param(c->req, "id"), &object, e))
		return false;
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	if (!expand_mobility(c, &expand, object.document, &m, e))
		return false;
	return graph_send_value(c, json_get(m.whole, "groups"), e);
}

static const struct graph_default registration_defaults[] = {
	{"deviceRegistrationPolicy", &graph_registration_policy, "{}"}, {0}};
const struct graph_collection graph_registration_policies = {
	.path = "policies/deviceRegistrationPolicy",
	.type = &graph_registration_policy,
	.noun = "DeviceRegistrationPolicy",
	.category = "Policy",
	.defaults = registration_defaults,
	.default_ids_are_keys = true,
};

static bool
send_registration_policy(struct call *c, struct error *e)
{
	struct object object;

	if (!graph_find(c, &graph_registration_policies, "deviceRegistrationPolicy", &object, e))
		return false;
	const struct json *json = graph_object(c, &graph_registration_policies, &object).whole;
	struct graph_answer answer = {.path = graph_registration_policies.path,
		.type = &graph_registration_policy,
		.objects = &json,
		.count = 1};
	return graph_send_object(c, 200, &answer, object.version, e);
}

bool
graph_registration_policy_get(struct call *c, struct error *e)
{
	return send_registration_policy(c, e);
}

struct policy_ctx {
	struct call *c;
	const struct json *document;
};

static bool
registration_policy_tx(void *ctx, struct error *e)
{
	struct policy_ctx *x = ctx;
	struct graph_change change = {
		.collection = &graph_registration_policies, .type = &graph_registration_policy};

	if (!graph_find(x->c, change.collection, "deviceRegistrationPolicy", &change.object, e) ||
		!graph_if_match(x->c, change.object.version, e))
		return false;
	change.before = change.object.document;
	change.object.document = x->document;
	return graph_store(x->c, &change, e);
}

bool
graph_registration_policy_put(struct call *c, struct error *e)
{
	struct policy_ctx x = {.c = c};
	const struct json *sent;
	struct odata_body body;

	if (!graph_body(c, &sent, e) ||
		!odata_validate(c->arena, &graph_registration_policy, sent, ODATA_CREATE, &body, e))
		return false;
	x.document = body.document;
	return store_together(c->work.session, registration_policy_tx, &x, e) &&
		send_registration_policy(c, e);
}

// GET /servicePrincipals/appId=0000000a-…/endpoints: where clients look for the enrolment address.
bool
graph_endpoints(struct call *c, struct error *e)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	const struct json *object = m.whole;

	if (!strcasestr(http_param(c->req, "id"), MDM_APP))
		return error_set(e, ERR_NOT_FOUND, "there is no such service principal");
	json_put_str(&m, "id", MDM_APP);
	json_put_str(&m, "capability", "MobileDeviceManagement");
	json_put_str(&m, "providerId", MDM_APP);
	json_put_str(&m, "providerName", "MDMEnrollment");
	json_put_str(&m, "providerResourceId", MDM_APP);
	json_put_str(&m, "uri",
		arena_printf(c->arena, "%s/EnrollmentServer/Discovery.svc", c->service->base_url));
	struct graph_answer answer = {
		.path = "endpoints", .type = &graph_endpoint, .objects = &object, .count = 1};
	return graph_send_list(c, &answer, e);
}
