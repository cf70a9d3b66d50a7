// SPDX-License-Identifier: Apache-2.0
#include "ferryd/graph.h"

#include "base/str.h"
#include "domain/fault.h"

enum { COLLECTION_MAX = 32 << 20, MAX_TARGETS = 100 };

struct jsonw
graph_collection(struct call *c, struct buf *body, const char *context)
{
	buf_init(body, c->arena, COLLECTION_MAX);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.context",
		arena_printf(c->arena, "%s/beta/$metadata#%s", c->service->base_url, context));
	jsonw_array(&w, "value");
	return w;
}

bool
graph_collection_send(struct call *c, struct jsonw *w, struct buf *body, struct error *e)
{
	jsonw_end_array(w);
	return call_send(c, 200, w, body, e);
}

static bool
read_target(const struct json *item, const char *kind, const char *object_id,
	struct new_assignment *out, struct error *e)
{
	static const struct {
		const char *type, *target;
	} types[] = {
		{"#microsoft.graph.groupAssignmentTarget", "group"},
		{"#microsoft.graph.exclusionGroupAssignmentTarget", "exclude"},
		{"#microsoft.graph.allDevicesAssignmentTarget", "all_devices"},
		{"#microsoft.graph.allLicensedUsersAssignmentTarget", "all_users"},
	};
	const struct json *target = json_get(item, "target");

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (!str_ieq(json_str(target, "@odata.type"), types[i].type))
			continue;
		*out = (struct new_assignment){
			.object_kind = kind, .object_id = object_id, .target = types[i].target};
		return i >= 2 || json_need_str(target, "groupId", 64, &out->group_id, e);
	}
	return error_set(e, ERR_INVALID, "a target needs one of the known @odata.type values");
}

static bool
read_targets(struct call *c, const char *object_kind, const char *object_id,
	struct new_assignment targets[MAX_TARGETS], size_t *count, struct error *e)
{
	static const char *const names[] = {
		"assignments", "enrollmentConfigurationAssignments", "mobileAppAssignments"};
	const struct json *body, *list = NULL;

	*count = 0;
	if (!call_json(c, &body, e))
		return false;
	if (json_get(body, "target") &&
		!read_target(body, object_kind, object_id, &targets[(*count)++], e))
		return false;
	for (size_t i = 0; i < 3 && !list; i++)
		list = json_get(body, names[i]);
	for (const struct json *item = list ? list->first : NULL; item; item = item->next)
		if (*count == MAX_TARGETS)
			return error_set(e, ERR_LIMIT, "too many targets");
		else if (!read_target(item, object_kind, object_id, &targets[(*count)++], e))
			return false;
	return list || *count || error_set(e, ERR_INVALID, "\"assignments\" is missing");
}

void
trust_facts(struct call *c, struct trust_fact facts[MAX_TRUST_STORES], size_t *count)
{
	const struct service *service = c->service;

	for (*count = 0; *count < service->trust_count; (*count)++)
		facts[*count] =
			(struct trust_fact){.name = tpm_trust_store_name(service->trust[*count]),
				.roots = tpm_trust_store_roots(service->trust[*count])};
}

void
preflight_write(struct jsonw *w, const struct preflight_report *report)
{
	jsonw_array(w, "findings");
	for (size_t i = 0; i < report->count; i++) {
		const struct preflight_finding *f = &report->items[i];
		const struct fault *fault = fault_find(f->fault);
		jsonw_object(w, NULL);
		jsonw_str(w, "severity", severity_name(f->severity));
		jsonw_str(w, "fault", f->fault);
		jsonw_str(w, "text", f->text);
		jsonw_str(w, "title", fault ? fault->title : NULL);
		jsonw_str(w, "fix", fault ? fault->fix : NULL);
		jsonw_int(w, "devices", f->devices);
		jsonw_array(w, "examples");
		for (size_t k = 0; k < f->example_count; k++)
			jsonw_str(w, NULL, f->examples[k]);
		jsonw_end_array(w);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	jsonw_int(w, "devices", report->devices);
	jsonw_int(w, "ready", report->ready);
}

// 409 in Graph's shape (as call.c), with everything that was found.
static bool
refuse_assignment(struct call *c, const struct preflight_report *report, struct error *e)
{
	const struct preflight_finding *first = &report->items[0];
	const struct fault *fault = fault_find(first->fault);
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_object(&w, "error");
	jsonw_str(&w, "code", "Conflict");
	jsonw_str(&w, "message", first->text);
	jsonw_object(&w, "innerError");
	jsonw_str(&w, "date", clock_rfc3339(c->arena, c->work.now));
	jsonw_str(&w, "client-request-id", http_header(c->req, "client-request-id"));
	jsonw_str(&w, "fault", first->fault);
	jsonw_str(&w, "hint",
		arena_printf(c->arena,
			"%s Nothing was assigned; ferryForce=true assigns it all the same.",
			fault ? fault->fix : ""));
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	preflight_write(&w, report);
	return call_send(c, 409, &w, &body, e);
}

bool
graph_assign(struct call *c, const char *object_kind, const char *object_id, struct error *e)
{
	struct new_assignment targets[MAX_TARGETS];
	struct trust_fact trust[MAX_TRUST_STORES];
	struct preflight_scope scope = {.trust = trust};
	struct preflight_report report;
	bool refused,
		force = str_ieq(http_header(c->req, "Ferry-Force"), "true") ||
		str_ieq(http_query(c->req, "ferryForce"), "true");
	size_t count;
	struct buf body;

	trust_facts(c, trust, &scope.trust_count);
	if (!read_targets(c, object_kind, object_id, targets, &count, e))
		return false;
	if (!store_assign_checked(&c->work, object_kind, object_id, targets, count, &scope, force,
		    &report, &refused, e))
		return refused && refuse_assignment(c, &report, e);
	if (!report.count)
		return call_done(c);
	struct jsonw w = call_object(c, &body);
	preflight_write(&w, &report);
	return call_send(c, 200, &w, &body, e);
}

bool
graph_list(struct call *c, int query, const char *context,
	bool (*row)(struct db_rows *rows, const struct work *w, void *ctx, struct error *e),
	struct error *e)
{
	struct buf body;
	struct jsonw w = graph_collection(c, &body, context);

	return store_list(&c->work, query, row, &w, e) && graph_collection_send(c, &w, &body, e);
}
