// SPDX-License-Identifier: Apache-2.0
#include "ferryd/findings.h"

#include "base/str.h"
#include "codec/json_make.h"
#include "domain/fault.h"

static struct json_maker
one_json(struct arena *arena, enum severity severity, const char *name, const char *text)
{
	struct json_maker m = json_make(arena, JSON_OBJECT);
	const struct fault *fault = fault_find(name);

	json_put_str(&m, "severity", severity_name(severity));
	json_put_str(&m, "fault", name);
	json_put_str(&m, "text", text);
	json_put_str(&m, "title", fault ? fault->title : NULL);
	json_put_str(&m, "fix", fault ? fault->fix : NULL);
	return m;
}

enum { FINDINGS_MAX = 200 }; // in one answer; the worst come first

const struct json *
findings_json(struct arena *arena, const struct findings *list)
{
	struct json_maker all = json_make(arena, JSON_ARRAY);

	for (size_t i = 0; i < list->count && i < FINDINGS_MAX; i++) {
		const struct finding *f = &list->items[i];
		json_put(&all, NULL, one_json(arena, f->severity, f->fault, f->text).whole);
	}
	return all.whole;
}

const struct json *
preflight_json(struct arena *arena, const struct preflight_report *report)
{
	struct json_maker all = json_make(arena, JSON_ARRAY);

	for (size_t i = 0; i < report->count && i < FINDINGS_MAX; i++) {
		const struct preflight_finding *f = &report->items[i];
		struct json_maker m = one_json(arena, f->severity, f->fault, f->text);
		struct json_maker examples = json_make(arena, JSON_ARRAY);
		for (size_t k = 0; k < f->example_count; k++)
			json_put_str(&examples, NULL, f->examples[k]);
		json_put_int(&m, "devices", f->devices);
		json_put(&m, "examples", examples.whole);
		json_put(&all, NULL, m.whole);
	}
	return all.whole;
}

bool
call_is_strict(const struct call *c)
{
	const char *prefer = http_header(c->req, "Prefer");

	return (prefer && strcasestr(prefer, "handling=strict")) ||
		str_ieq(http_query(c->req, "ferryStrict"), "true");
}

bool
findings_answer(struct call *c, const struct findings *list, struct error *e)
{
	const struct finding *worst = NULL;

	c->findings = list->count ? findings_json(c->arena, list) : NULL;
	for (size_t i = 0; i < list->count; i++)
		if (!worst || list->items[i].severity > worst->severity)
			worst = &list->items[i];
	if (!worst || worst->severity == SEVERITY_NOTE ||
		(worst->severity == SEVERITY_WARNING && !call_is_strict(c)))
		return true;
	return error_fault(e, ERR_INVALID, worst->fault, "%s", worst->text);
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
