// SPDX-License-Identifier: Apache-2.0
// What belongs to devices under management: people, states of policies (graph-api.md section 9).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "store/items.h"

// --- people ---

// What the client asks for, of this person's devices alone. The two filters are joined as trees: a
// text could be written so that it ends the first.
static bool
narrow(struct call *c, const char *user_id, struct odata_query *query, struct error *e)
{
	const char *own = arena_printf(c->arena, "userId eq '%s'", user_id);
	struct odata_query mine = {.top = -1};

	if (!odata_filter_parse(c->arena, own, &mine.filter, e) ||
		!odata_bind(c->arena, &mine, &graph_managed_device, graph_version(c), e))
		return false;
	if (query->filter) {
		struct odata_node *both = arena_new(c->arena, struct odata_node);
		*both = (struct odata_node){.op = ODATA_AND, .first = mine.filter};
		mine.filter->next = query->filter;
		mine.filter = both;
	}
	query->filter = mine.filter;
	return true;
}

// GET /users/{id}/managedDevices
bool
graph_user_managed_devices(struct call *c, struct error *e)
{
	const struct json *user;
	struct odata_query *query;
	struct view_page page;

	if (!graph_view_object(c, &graph_users, http_param(c->req, "id"), &user, e) ||
		!graph_query(c, &graph_managed_device, &query, e) ||
		!narrow(c, json_str(user, "id"), query, e))
		return false;
	struct view_request request = {.view = &view_managed_devices,
		.collection = "users/managedDevices",
		.query = query,
		.page = graph_page_size(c, query, 0)};
	if (!store_view_page(&c->work, &request, &page, e))
		return false;
	struct graph_answer answer = {.path = graph_managed_devices.path,
		.type = &graph_managed_device,
		.query = query,
		.objects = page.objects,
		.count = page.count,
		.skiptoken = page.skiptoken,
		.total = -1};
	return graph_send_list(c, &answer, e);
}

static const char *
part_path(struct call *c, const char *part)
{
	return arena_printf(c->arena, "%s('%s')/%s", graph_managed_devices.path,
		http_param(c->req, "id"), part);
}

// GET …/{id}/users: the person whose device it is, if the directory knows one.
bool
graph_managed_users(struct call *c, struct error *e)
{
	const struct json *device, *user;
	struct odata_query *query;

	if (!graph_view_object(c, &graph_managed_devices, http_param(c->req, "id"), &device, e) ||
		!graph_query(c, &graph_user, &query, e))
		return false;
	struct graph_answer answer = {.path = part_path(c, "users"),
		.type = &graph_user,
		.query = query,
		.objects = &user};
	const char *id = json_str(device, "userId");
	if (!str_empty(id)) {
		if (graph_view_object(c, &graph_users, id, &user, e))
			answer.count = 1;
		else if (e->code != ERR_NOT_FOUND)
			return false;
	}
	answer.total = (int64_t)answer.count;
	return graph_send_list(c, &answer, e);
}

// --- policies ---

// GET …/{id}/deviceConfigurationStates
bool
graph_managed_configuration_states(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id");
	const struct json *device;

	return graph_view_object(c, &graph_managed_devices, id, &device, e) &&
		graph_list_view(c, &view_configuration_states,
			part_path(c, "deviceConfigurationStates"), id, e);
}

// GET …/{id}/deviceCompliancePolicyStates: Ferry judges compliance by what it assigned, without
// policies of its own; so there are none.
bool
graph_managed_nothing(struct call *c, struct error *e)
{
	const struct json *device;
	const char *part = strrchr(c->req->path, '/') + 1;
	struct graph_answer answer = {
		.path = part_path(c, part), .type = &graph_configuration_state};

	return graph_view_object(c, &graph_managed_devices, http_param(c->req, "id"), &device, e) &&
		graph_send_list(c, &answer, e);
}

// --- antivirus ---

static const struct {
	const char *node, *name; // below Defender's Health (Defender CSP), and Graph's
	bool text;
} protection[] = {
	{"DefenderEnabled", "malwareProtectionEnabled", false},
	{"RtpEnabled", "realTimeProtectionEnabled", false},
	{"NisEnabled", "networkInspectionSystemEnabled", false},
	{"QuickScanOverdue", "quickScanOverdue", false},
	{"FullScanOverdue", "fullScanOverdue", false},
	{"SignatureOutOfDate", "signatureUpdateOverdue", false},
	{"RebootRequired", "rebootRequired", false},
	{"FullScanRequired", "fullScanRequired", false},
	{"EngineVersion", "engineVersion", true},
	{"SignatureVersion", "signatureVersion", true},
	{"DefenderVersion", "antiMalwareVersion", true},
	{"QuickScanSigVersion", "lastQuickScanSignatureVersion", true},
	{"FullScanSigVersion", "lastFullScanSignatureVersion", true},
	{"IsVirtualMachine", "isVirtualMachine", false},
	{"TamperProtectionEnabled", "tamperProtectionEnabled", false},
};

#define DEFENDER_HEALTH "./Vendor/MSFT/Defender/Health/"

static void
put_protection(struct json_maker *m, const struct report *report)
{
	if (!str_starts(report->loc_uri, DEFENDER_HEALTH))
		return;
	const char *node = report->loc_uri + strlen(DEFENDER_HEALTH);
	for (size_t i = 0; i < sizeof protection / sizeof *protection; i++) {
		if (!str_eq(node, protection[i].node))
			continue;
		if (protection[i].text)
			json_put_str(m, protection[i].name, report->value);
		else
			json_put_bool(m, protection[i].name, str_ieq(report->value, "true"));
	}
}

// GET …/{id}/windowsProtectionState: what the device has reported of it, and nothing made up: a
// device without that antivirus has only nulls here.
bool
graph_managed_protection(struct call *c, struct error *e)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	const struct json *device, *object = m.whole;
	struct odata_query *query;
	struct report *reports;
	size_t count;

	if (!graph_query(c, &graph_protection_state, &query, e) ||
		!graph_view_object(
			c, &graph_managed_devices, http_param(c->req, "id"), &device, e) ||
		!store_report_list(
			&c->work, json_str(device, "ferryRegistrationId"), &reports, &count, e))
		return false;
	json_put_str(&m, "id", json_str(device, "id"));
	for (size_t i = 0; i < count; i++)
		put_protection(&m, &reports[i]);
	if (m.whole->count > 1)
		json_put(&m, "lastReportedDateTime", json_get(device, "lastSyncDateTime"));
	struct graph_answer answer = {.path = part_path(c, "windowsProtectionState"),
		.type = &graph_protection_state,
		.query = query,
		.objects = &object,
		.count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}
