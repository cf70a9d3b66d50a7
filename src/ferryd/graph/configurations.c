// SPDX-License-Identifier: Apache-2.0
// Device configurations, apps, connectors, device preparation (graph-api.md sections 8 and 11).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "base/uuid.h"
#include "domain/domain_join_profile.h"
#include "domain/vpn_profile.h"
#include "ferryd/graph/judge.h"
#include "store/groups.h"
#include "store/registration_edit.h"
#include "store/vpn.h"

// --- domain join, and settings by OMA-URI ---

static const char *
configuration_kind(const struct odata_type *type)
{
	return type == &graph_domain_join ? "domain_join" : "item";
}

static struct domain_join_settings
settings_of(struct call *c, const struct json *document)
{
	struct domain_join_settings s;

	domain_join_read(c->arena, document, &s);
	return s;
}

// Prefix and number of random digits as Graph has them take the place of Ferry's full template
// (pains row 14) when they are sent without one.
static bool
check_domain_join(struct call *c, struct graph_change *change, struct error *e)
{
	static const struct json null = {.type = JSON_NULL};
	bool parts = json_get(change->sent, "computerNameStaticPrefix") ||
		json_get(change->sent, "computerNameSuffixRandomCharCount");

	if (change->before && parts && !json_get(change->sent, "ferryNameTemplate"))
		change->object.document = graph_with(c, change->object.document,
			"ferryNameTemplate", arena_memdup(c->arena, &null, sizeof null));
	return judge_domain_join(c, change, e);
}

static const char *
item_kind(const char *loc_uri)
{
	if (strstr(loc_uri, "/RootCATrustedCertificates/"))
		return "certificate";
	return strstr(loc_uri, "/WiFi/Profile/") || strstr(loc_uri, "/" VPN_NODE) ? "network"
										  : "policy";
}

static const struct json *
setting_of(const struct json *document)
{
	const struct json *settings = json_get(document, "omaSettings");

	return settings && settings->type == JSON_ARRAY && settings->count == 1 ? settings->first
										: NULL;
}

// A device has it before anybody signs in, and it becomes a configuration file there. Its name is
// that of an interface and of the gateway's peers, so an organization has each once.
static bool
check_tunnel(
	struct call *c, const struct json *setting, const struct object *object, struct error *e)
{
	const char *value = json_str(setting, "value"), *uri = json_str(setting, "omaUri"), *other;
	struct vpn_profile profile;

	if (!strstr(uri, "/" VPN_NODE))
		return true;
	if (!str_starts(uri, "./Device/") || !vpn_name(c->arena, uri))
		return error_set(e, ERR_INVALID,
			"./Device/" VPN_NODE "NAME/Config: NAME has at most %d letters",
			VPN_NAME_MAX);
	if (!vpn_profile_read(c->arena, value ? value : "", &profile, e) ||
		!store_vpn_taken(&c->work, uri, object->id, &other, e))
		return false;
	if (!profile.pool)
		return error_set(e, ERR_INVALID, "pool is missing");
	if (!other)
		return true;
	return error_fault(e, ERR_CONFLICT, "vpn_name_taken",
		"\"%.100s\" is a tunnel of the name %s already", other, vpn_name(c->arena, uri));
}

static bool
check_custom(struct call *c, struct graph_change *change, struct error *e)
{
	const struct json *setting = setting_of(change->object.document);

	if (!setting)
		return error_set(e, ERR_INVALID, "omaSettings must have one element");
	if (!str_starts(json_str(setting, "omaUri"), "./"))
		return error_set(e, ERR_INVALID, "an omaUri begins with ./");
	return check_tunnel(c, setting, &change->object, e);
}

static bool
check_configuration(struct call *c, struct graph_change *change, struct error *e)
{
	return change->type == &graph_domain_join ? check_domain_join(c, change, e)
						  : check_custom(c, change, e);
}

static bool
project_domain_join(struct call *c, const struct graph_change *change, struct error *e)
{
	struct domain_join_settings s = settings_of(c, change->object.document);
	struct new_domain_join in = {
		.name = change->object.name,
		.domain = s.domain,
		.ou = s.ou,
		.name_template = s.name_template,
	};

	return store_put_domain_join(&c->work, change->object.id, &in, e);
}

static bool
project_custom(struct call *c, const struct graph_change *change, struct error *e)
{
	const struct json *setting = setting_of(change->object.document);
	const struct json *value = json_get(setting, "value");
	const char *uri = json_str(setting, "omaUri"), *format = json_str(setting, "ferryFormat");
	const char *kind = item_kind(uri), *type = json_str(setting, "@odata.type");
	struct new_item in = {
		.kind = kind,
		.scope = str_starts(uri, "./User/") ? "user" : "device",
		.name = change->object.name,
		.loc_uri = uri,
		.data = "",
	};

	if (value && value->type == JSON_BOOL)
		in.data = value->boolean ? "true" : "false";
	else if (value && value->text)
		in.data = value->text;
	in.format = !str_empty(format)					  ? format
		: str_eq(kind, "certificate") || str_ends(type, "Base64") ? "b64"
		: str_ends(type, "Integer")				  ? "int"
		: str_ends(type, "Boolean")				  ? "bool"
		: str_ends(type, "StringXml")				  ? "xml"
									  : "chr";
	return store_put_item(&c->work, change->object.id, &in, e);
}

static bool
project_configuration(struct call *c, struct graph_change *change, struct error *e)
{
	return change->type == &graph_domain_join ? project_domain_join(c, change, e)
						  : project_custom(c, change, e);
}

static void
decorate_configuration(struct call *c, const struct object *object, struct json_maker *m)
{
	const struct json *setting = setting_of(object->document);
	const char *uri = json_str(setting, "omaUri");

	if (!setting) {
		json_put_str(
			m, "ferryNameTemplate", settings_of(c, object->document).name_template);
		return;
	}
	json_put_str(m, "ferryKind", item_kind(uri));
	json_put_str(m, "ferryScope", str_starts(uri, "./User/") ? "user" : "device");
	json_put_str(m, "omaUri", uri);
}

static bool
configuration_assigned(struct call *c, const struct object *object, struct error *e)
{
	return str_eq(object->type, graph_domain_join.name) ? judge_assigned(c, object, e)
							    : judge_item(c, object, e);
}

const struct graph_collection graph_device_configurations = {
	.path = "deviceManagement/deviceConfigurations",
	.type = &graph_configuration,
	.noun = "DeviceConfiguration",
	.category = "DeviceConfiguration",
	.kind = configuration_kind,
	.check = check_configuration,
	.project = project_configuration,
	.decorate = decorate_configuration,
	.assigned = configuration_assigned,
};

// GET …/{id}/deviceStatuses, /userStatuses: reported by item in autopilotEvents.
bool
graph_no_statuses(struct call *c, struct error *e)
{
	struct object object;
	struct graph_answer answer = {
		.path = "deviceManagement/deviceConfigurations/deviceStatuses",
		.type = &graph_policy_status};

	return graph_find(c, c->collection, http_param(c->req, "id"), &object, e) &&
		graph_send_list(c, &answer, e);
}

// --- apps ---

static const char *
app_kind(const struct odata_type *type)
{
	(void)type;
	return "item";
}

// The node that Windows installs MSI packages by.
static const char *
app_uri(struct call *c, const char *id)
{
	return arena_printf(c->arena,
		"./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%%7B%s%%7D/"
		"DownloadInstall",
		id);
}

static bool
project_app(struct call *c, struct graph_change *change, struct error *e)
{
	const struct json *d = change->object.document;
	struct new_item in = {
		.kind = "app",
		.scope = "device",
		.name = change->object.name,
		.loc_uri = app_uri(c, change->object.id),
		.format = "xml",
		.data = json_bool(d, "ferryRestart", false) ? "restart" : "",
		.content_sha256 = json_str(d, "ferrySha256"),
		.content_name = json_str(d, "fileName"),
		.content_size = json_int(d, "size", 0),
	};

	return store_put_item(&c->work, change->object.id, &in, e);
}

static void
decorate_app(struct call *c, const struct object *object, struct json_maker *m)
{
	json_put_str(m, "ferryKind", "app");
	json_put_str(m, "ferryScope", "device");
	json_put_str(m, "omaUri", app_uri(c, object->id));
}

const struct graph_collection graph_mobile_apps = {
	.path = "deviceAppManagement/mobileApps",
	.type = &graph_app,
	.noun = "MobileApp",
	.category = "Application",
	.kind = app_kind,
	.project = project_app,
	.decorate = decorate_app,
};

// --- connectors ---

// behaviour K11: Error after an hour without a heartbeat, Inactive after five days.
static void
connector_params(struct call *c, struct db_param *out, size_t *count)
{
	out[(*count)++] = DB_INT(c->work.now - 5 * US_PER_DAY);
	out[(*count)++] = DB_INT(c->work.now - 60 * US_PER_MIN);
}

const struct graph_collection graph_domain_join_connectors = {
	.path = "deviceManagement/domainJoinConnectors",
	.type = &graph_domain_join_connector,
	.view = &view_connectors,
	.noun = "DomainJoinConnector",
	.category = "Enrollment",
	.params = connector_params,
};

const struct graph_collection graph_ndes_connectors = {
	.path = "deviceManagement/ndesConnectors",
	.type = &graph_ndes_connector,
	.noun = "NdesConnector",
	.category = "Enrollment",
};

struct connector_ctx {
	struct call *c;
	const char *id, *name;
	const struct json *after;
};

static bool
connector_tx(void *ctx, struct error *e)
{
	struct connector_ctx *x = ctx;
	struct call *c = x->c;
	const struct json *before;

	if (!graph_view_object(c, &graph_domain_join_connectors, x->id, &before, e))
		return false;
	x->after = NULL;
	if (x->name ? !store_connector_rename(&c->work, x->id, x->name, e) ||
				!graph_view_object(
					c, &graph_domain_join_connectors, x->id, &x->after, e)
		    : !store_connector_delete(&c->work, x->id, e))
		return false;
	struct graph_note note = {
		.operation = x->name ? "Patch" : "Delete",
		.noun = graph_domain_join_connectors.noun,
		.category = graph_domain_join_connectors.category,
		.resource_id = x->id,
		.resource_name = json_str(before, "displayName"),
		.type = &graph_domain_join_connector,
		.before = before,
		.after = x->after,
	};
	return graph_note(c, &note, e);
}

bool
graph_connector_patch(struct call *c, struct error *e)
{
	struct connector_ctx x = {.c = c, .id = str_lower(c->arena, http_param(c->req, "id"))};
	const struct json *sent;
	struct odata_body body;

	if (!graph_body(c, &sent, e) ||
		!odata_validate(
			c->arena, &graph_domain_join_connector, sent, ODATA_PATCH, &body, e))
		return false;
	x.name = json_str(body.document, "displayName");
	if (str_empty(x.name))
		return error_set(e, ERR_INVALID, "displayName is what can be changed");
	if (!store_together(c->work.session, connector_tx, &x, e))
		return false;
	struct graph_answer answer = {.path = graph_domain_join_connectors.path,
		.type = &graph_domain_join_connector,
		.objects = &x.after,
		.count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}

bool
graph_connector_delete(struct call *c, struct error *e)
{
	struct connector_ctx x = {.c = c, .id = str_lower(c->arena, http_param(c->req, "id"))};

	return store_together(c->work.session, connector_tx, &x, e) && call_done(c);
}

// --- device preparation ---

static const char *
preparation_kind(const struct odata_type *type)
{
	(void)type;
	return "deviceManagement/configurationPolicies";
}

static void
decorate_preparation(struct call *c, const struct object *object, struct json_maker *m)
{
	const struct json *settings = json_get(object->document, "settings");
	struct assignment *found;
	struct error ignored;
	size_t count = 0;

	json_put_int(m, "settingCount", settings ? (int64_t)settings->count : 0);
	if (!store_assignments(&c->work, object->id, &found, &count, &ignored))
		count = 0;
	json_put_bool(m, "isAssigned", count > 0);
}

const struct graph_collection graph_preparation_policies = {
	.path = "deviceManagement/configurationPolicies",
	.type = &graph_preparation_policy,
	.noun = "DeviceManagementConfigurationPolicy",
	.category = "DeviceConfiguration",
	.kind = preparation_kind,
	.check = judge_preparation,
	.decorate = decorate_preparation,
	.may_assign = judge_preparation_assigned,
};

// GET …/{id}/settings: a collection of its own on read.
bool
graph_policy_settings(struct call *c, struct error *e)
{
	static const struct json none = {.type = JSON_ARRAY};
	struct object object;

	if (!graph_find(c, c->collection, http_param(c->req, "id"), &object, e))
		return false;
	const struct json *settings = json_get(object.document, "settings");
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	int64_t n = 0;
	if (!settings || settings->type != JSON_ARRAY)
		settings = &none;
	for (const struct json *s = settings->first; s; s = s->next) {
		struct json_maker m = json_make(c->arena, JSON_OBJECT);
		json_put_str(&m, "id", arena_printf(c->arena, "%lld", (long long)n++));
		json_put(&m, "settingInstance", json_get(s, "settingInstance"));
		json_put(&list, NULL, m.whole);
	}
	return graph_send_value(c, list.whole, e);
}

struct group_ctx {
	struct call *c;
	const char *group_id; // NULL: none any more
	struct object object;
};

static bool
device_group_tx(void *ctx, struct error *e)
{
	struct group_ctx *x = ctx;
	struct call *c = x->c;
	struct json text = {.type = x->group_id ? JSON_STRING : JSON_NULL,
		.text = x->group_id,
		.len = x->group_id ? strlen(x->group_id) : 0};

	if (!graph_find(c, c->collection, http_param(c->req, "id"), &x->object, e))
		return false;
	struct graph_change change = {
		.collection = c->collection,
		.type = &graph_preparation_policy,
		.object = x->object,
		.before = x->object.document,
	};
	change.object.document = graph_with(c, x->object.document, "ferryDeviceGroupId",
		arena_memdup(c->arena, &text, sizeof text));
	return graph_store(c, &change, e);
}

// The group must exist and take members one by one; who is missing is said, not passed over.
static const char *
group_problem(struct call *c, const char *id, struct error *e)
{
	struct group group;

	if (str_empty(id))
		return "targetId is missing";
	if (!store_group(&c->work, str_lower(c->arena, id), &group, e))
		return e->code == ERR_NOT_FOUND ? "securityGroupNotFound" : "unknown";
	return group.rule ? "notStaticSecurityGroup" : NULL;
}

// POST …/setEnrollmentTimeDeviceMembershipTarget
bool
graph_set_device_group(struct call *c, struct error *e)
{
	struct group_ctx x = {.c = c};
	const struct json *body, *list;

	if (!graph_body(c, &body, e))
		return false;
	list = json_get(body, "enrollmentTimeDeviceMembershipTargets");
	if (!list || list->type != JSON_ARRAY || list->count != 1)
		return error_set(e, ERR_INVALID,
			"enrollmentTimeDeviceMembershipTargets must have one element");
	const char *id = json_str(list->first, "targetId");
	const char *problem = group_problem(c, id, e);
	x.group_id = id ? str_lower(c->arena, id) : NULL;
	if (!problem && !store_together(c->work.session, device_group_tx, &x, e))
		return false;
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	struct json_maker status = json_make(c->arena, JSON_OBJECT);
	struct json_maker statuses = json_make(c->arena, JSON_ARRAY);
	json_put_str(&status, "targetId", id);
	json_put_str(&status, "targetValidationErrorCode", problem ? problem : "none");
	json_put_bool(&status, "validationSucceeded", !problem);
	json_put(&statuses, NULL, status.whole);
	json_put_bool(&m, "validationSucceeded", !problem);
	json_put(&m, "enrollmentTimeDeviceMembershipTargetValidationStatuses", statuses.whole);
	return graph_send_value(c, m.whole, e);
}

bool
graph_get_device_group(struct call *c, struct error *e)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	struct object object;

	if (!graph_find(c, c->collection, http_param(c->req, "id"), &object, e))
		return false;
	const char *id = json_str(object.document, "ferryDeviceGroupId");
	if (id) {
		struct json_maker target = json_make(c->arena, JSON_OBJECT);
		json_put_str(&target, "targetType", "staticSecurityGroup");
		json_put_str(&target, "targetId", id);
		json_put(&list, NULL, target.whole);
	}
	json_put(&m, "enrollmentTimeDeviceMembershipTargetValidationStatuses", list.whole);
	json_put(&m, "enrollmentTimeDeviceMembershipTargets", list.whole);
	return graph_send_value(c, m.whole, e);
}

bool
graph_clear_device_group(struct call *c, struct error *e)
{
	struct group_ctx x = {.c = c};

	return store_together(c->work.session, device_group_tx, &x, e) && graph_done(c);
}
