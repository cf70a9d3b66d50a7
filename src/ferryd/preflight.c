// SPDX-License-Identifier: Apache-2.0
// What would stop devices, why a device gets what it gets, which group a rule puts it in, and how
// it would be called: questions that change nothing.
#include "base/str.h"
#include "base/uuid.h"
#include "domain/domain_join_profile.h"
#include "domain/membership_rule.h"
#include "domain/naming.h"
#include "ferryd/findings.h"
#include "ferryd/graph/collection.h"
#include "ferryd/handlers.h"
#include "store/explain.h"
#include "store/naming.h"

enum { TEMPLATE_MAX = 64, SERIAL_MAX = 128, EXAMPLES = 5 };

// POST /ferry/v1/preflight {"id"} of a deployment profile, domain-join profile or page; without
// one, everything. The body may be empty.
bool
preflight_run(struct call *c, struct error *e)
{
	struct trust_fact trust[MAX_TRUST_STORES];
	struct preflight_scope scope = {.trust = trust};
	struct preflight_report report;
	const struct json *body = NULL;
	struct buf reply;

	c->noted = true; // a question
	if (c->req->body.len && !call_json(c, &body, e))
		return false;
	scope.object_id = json_str(body, "id");
	if (!scope.object_id)
		scope.object_id = json_str(body, "profileId");
	trust_facts(c, trust, &scope.trust_count);
	if (!store_preflight(&c->work, &scope, &report, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_bool(&w, "blocked", preflight_blocks(&report));
	jsonw_value(&w, "findings", preflight_json(c->arena, &report));
	jsonw_int(&w, "devices", report.devices);
	jsonw_int(&w, "ready", report.ready);
	return call_send(c, 200, &w, &reply, e);
}

// GET /ferry/v1/devices/{serial}/explain?groupTag=…&user=…
bool
device_explanation(struct call *c, struct error *e)
{
	struct trust_fact trust[MAX_TRUST_STORES];
	struct explain_ask ask = {.trust = trust,
		.group_tag = http_query(c->req, "groupTag"),
		.assigned_upn = http_query(c->req, "user")};
	struct device device;
	const char *json;

	trust_facts(c, trust, &ask.trust_count);
	if (!store_device_by_serial(&c->work, http_param(c->req, "serial"), &device, e))
		return false;
	ask.device_id = device.device_id;
	if (!store_explain(&c->work, &ask, &json, e))
		return false;
	http_response_set(c->resp, 200, "application/json", slice_str(json));
	return true;
}

// POST /ferry/v1/groups/evaluate {"rule","serial"}
bool
group_evaluate(struct call *c, struct error *e)
{
	const struct json *body;
	const char *rule, *serial, *json;
	struct device device;

	c->noted = true; // a question
	if (!call_json(c, &body, e) || !json_need_str(body, "rule", RULE_MAX_BYTES * 4, &rule, e) ||
		!json_need_str(body, "serial", SERIAL_MAX, &serial, e) ||
		!store_device_by_serial(&c->work, serial, &device, e) ||
		!store_explain_rule(&c->work, rule, device.device_id, &json, e))
		return false;
	http_response_set(c->resp, 200, "application/json", slice_str(json));
	return true;
}

static void
write_examples(struct call *c, struct jsonw *w, const char *template_text, const char *serial)
{
	unsigned char random[NAME_RANDOM_DIGITS];
	int count = naming_is_random(template_text) ? EXAMPLES : 1;
	struct error why;
	char *name;

	jsonw_array(w, "examples");
	for (int i = 0; i < count; i++) {
		random_bytes(random, sizeof random);
		if (naming_expand(c->arena, template_text, serial, random, &name, &why))
			jsonw_str(w, NULL, name);
	}
	jsonw_end_array(w);
}

static void
write_naming(struct call *c, struct jsonw *w, const struct naming_view *view)
{
	struct findings found = {.arena = c->arena};
	struct naming_space space = {0};
	struct error why;

	naming_findings(view->template_text, (uint64_t)view->devices,
		view->serial ? naming_serial_length(view->serial) : 0, &found);
	if (view->holder)
		finding_add(&found, SEVERITY_WARNING, "name_taken", "%s is the name of %s",
			view->name, view->holder);
	if (naming_check(view->template_text, &why)) {
		naming_space(view->template_text, &space);
		write_examples(
			c, w, view->template_text, view->serial ? view->serial : "5CG1234567");
	}
	jsonw_int(w, "names", space.names > INT64_MAX ? INT64_MAX : (int64_t)space.names);
	jsonw_int(w, "serialCharacters", (int64_t)space.serial_room);
	jsonw_int(w, "devices", view->devices);
	jsonw_value(w, "findings", findings_json(c->arena, &found));
}

// The template that names a device, or the devices of a profile.
static bool
template_of(struct call *c, const char *id, const char *serial, const char **out, struct error *e)
{
	struct domain_join_settings join;
	struct object object;
	struct device device;

	if (!str_empty(serial)) {
		if (!store_device_by_serial(&c->work, serial, &device, e))
			return false;
		id = device.profile_id;
		*out = device.name_template;
		if (str_eq(device.join_type, "hybrid"))
			return true;
	}
	if (str_empty(id))
		return error_set(e, ERR_INVALID,
			str_empty(serial) ? "\"template\" is missing"
					  : "the device has no profile");
	if (store_object(&c->work, graph_device_configurations.path, id, &object, e)) {
		domain_join_read(c->arena, object.document, &join);
		*out = join.name_template;
		return true;
	}
	if (!store_object(&c->work, graph_profiles.path, id, &object, e))
		return false;
	*out = json_str(object.document, "deviceNameTemplate");
	if (!str_eq(object.type, graph_profile_hybrid.name))
		return true;
	error_set(e, ERR_INVALID, "domain-join profiles name the computers of a hybrid profile");
	return error_hint(e, "preview the domain-join profile, or one device");
}

// GET with ?template=…&serial=…, or POST {"template","serial","profileId"}: nothing is kept.
// Without a template, that of the device or of the deployment or domain-join profile.
bool
naming_preview(struct call *c, struct error *e)
{
	const struct json *body = NULL;
	struct naming_view view = {.template_text = http_query(c->req, "template"),
		.serial = http_query(c->req, "serial")};
	struct buf reply;

	c->noted = true; // a question
	if (str_eq(c->req->method, "POST")) {
		if (!call_json(c, &body, e))
			return false;
		view.template_text = json_str(body, "template");
		view.serial = json_str(body, "serial");
		view.object_id = json_str(body, "profileId");
	}
	if (str_empty(view.template_text) &&
		!template_of(c, view.object_id, view.serial, &view.template_text, e))
		return false;
	if (str_empty(view.template_text))
		return error_set(e, ERR_INVALID, "no template: the device keeps its name");
	if (strlen(view.template_text) > TEMPLATE_MAX)
		return error_set(e, ERR_LIMIT, "a template has at most %d bytes", TEMPLATE_MAX);
	if (!store_naming_view(&c->work, &view, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "template", view.template_text);
	jsonw_str(&w, "serial", view.serial);
	write_naming(c, &w, &view);
	return call_send(c, 200, &w, &reply, e);
}
