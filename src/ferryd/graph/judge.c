// SPDX-License-Identifier: Apache-2.0
#include "ferryd/graph/judge.h"

#include "base/str.h"
#include "domain/deployment_profile.h"
#include "domain/device_preparation.h"
#include "domain/domain_join_profile.h"
#include "domain/enrollment_gate.h"
#include "domain/esp_profile.h"
#include "ferryd/findings.h"
#include "store/groups.h"

bool
judge_profile(struct call *c, const struct graph_change *change, struct error *e)
{
	struct findings found = {.arena = c->arena};
	struct object *brandings;
	size_t count;

	if (!store_objects(&c->work, graph_brandings.path, &brandings, &count, e))
		return false;
	profile_settings_check(change->object.document, count > 0, &found);
	return findings_answer(c, &found, e);
}

bool
judge_enrollment(struct call *c, const struct graph_change *change, struct error *e)
{
	struct findings found = {.arena = c->arena};

	if (change->type == &graph_enrollment_page)
		esp_settings_check(change->object.document, &found);
	if (change->type == &graph_enrollment_platforms ||
		change->type == &graph_enrollment_platform)
		gate_check_restriction(change->object.document, &found);
	return findings_answer(c, &found, e);
}

bool
judge_domain_join(struct call *c, const struct graph_change *change, struct error *e)
{
	struct findings found = {.arena = c->arena};

	domain_join_check(change->object.document, &found);
	return findings_answer(c, &found, e);
}

// What the directory says of a policy's device group.
static bool
device_group(struct call *c, const char *id, struct preparation_group *out, struct error *e)
{
	struct group group;

	*out = (struct preparation_group){.name = ""};
	if (str_empty(id))
		return true;
	if (!store_group(&c->work, id, &group, e))
		return e->code == ERR_NOT_FOUND;
	*out = (struct preparation_group){
		.exists = true,
		.dynamic = group.rule != NULL,
		.synchronized = !str_eq(group.source, "ferry"),
		.name = group.name,
	};
	return true;
}

static bool
check_preparation(
	struct call *c, const struct json *document, struct findings *found, struct error *e)
{
	struct preparation policy;
	struct preparation_group group;

	if (!preparation_read(c->arena, document, &policy))
		return true;
	if (!device_group(c, policy.group_id, &group, e))
		return false;
	preparation_check(&policy, &group, found);
	return true;
}

// The group is set after the policy was made (graph-api.md section 11): until it is assigned, a
// missing one is only said.
bool
judge_preparation(struct call *c, struct graph_change *change, struct error *e)
{
	struct findings found = {.arena = c->arena};

	if (!check_preparation(c, change->object.document, &found, e))
		return false;
	for (size_t i = 0; i < found.count; i++)
		if (str_eq(found.items[i].fault, "preparation_group_missing"))
			found.items[i].severity = SEVERITY_NOTE;
	return findings_answer(c, &found, e);
}

static bool
goes_to_nobody(struct call *c, const struct object *object, bool *nobody, struct error *e)
{
	struct assignment *found;
	size_t count;

	if (!store_assignments(&c->work, object->id, &found, &count, e))
		return false;
	*nobody = count == 0;
	return true;
}

bool
judge_assigned(struct call *c, const struct object *object, struct error *e)
{
	struct trust_fact trust[MAX_TRUST_STORES];
	struct preflight_scope scope = {.object_id = object->id, .trust = trust};
	struct preflight_report report;
	bool nobody;

	if (!goes_to_nobody(c, object, &nobody, e))
		return false;
	if (nobody)
		return true;
	trust_facts(c, trust, &scope.trust_count);
	if (!store_preflight(&c->work, &scope, &report, e))
		return false;
	c->findings = report.count ? preflight_json(c->arena, &report) : NULL;
	if (!preflight_blocks(&report) || !call_is_strict(c))
		return true;
	return error_fault(e, ERR_CONFLICT, report.items[0].fault, "%s", report.items[0].text);
}

bool
judge_item(struct call *c, const struct object *object, struct error *e)
{
	const struct preflight_scope scope = {.item_id = object->id};
	struct preflight_report report;

	if (!store_preflight(&c->work, &scope, &report, e))
		return false;
	c->findings = report.count ? preflight_json(c->arena, &report) : NULL;
	if (!report.count || !call_is_strict(c))
		return true;
	return error_fault(e, ERR_CONFLICT, report.items[0].fault, "%s", report.items[0].text);
}

bool
judge_preparation_assigned(struct call *c, const struct object *object,
	const struct new_assignment *targets, size_t count, struct error *e)
{
	struct findings found = {.arena = c->arena};

	(void)targets;
	if (count == 0)
		return true;
	if (!check_preparation(c, object->document, &found, e))
		return false;
	if (call_is_strict(c))
		return findings_answer(c, &found, e);
	c->findings = found.count ? findings_json(c->arena, &found) : NULL;
	return true;
}
