// SPDX-License-Identifier: Apache-2.0
// evaluateDynamicMembership: a rule is put to a device, and nothing is kept.
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "domain/membership_rule.h"
#include "store/explain.h"
#include "store/groups.h"

// 'device.deviceModel is "Latitude"' as Graph has it: the property and its value apart.
static const struct json *
property_seen(struct call *c, const char *saw)
{
	static const char is[] = " is ";
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	const char *verb = saw ? strstr(saw, is) : NULL, *dot = saw ? strchr(saw, '.') : NULL;

	if (!verb)
		return NULL;
	if (!dot || dot > verb)
		dot = saw - 1;
	const char *value = verb + sizeof is - 1;
	size_t len = strlen(value);
	if (len >= 2 && value[0] == '"' && value[len - 1] == '"')
		value = arena_strndup(c->arena, value + 1, len - 2);
	json_put_str(
		&m, "propertyName", arena_strndup(c->arena, dot + 1, (size_t)(verb - dot - 1)));
	json_put_str(&m, "propertyValue", value);
	return m.whole;
}

// expressionEvaluationDetails of one node of the tree and those below it. Depth is bounded by the
// rule's own (domain/membership_rule.h).
static const struct json *
details(struct call *c, const struct json *node)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	const struct json *children = json_get(node, "children");

	for (const struct json *child = children ? children->first : NULL; child;
		child = child->next)
		json_put(&list, NULL, details(c, child));
	json_put_str(&m, "expression", json_str(node, "expression"));
	json_put_bool(&m, "expressionResult", str_eq(json_str(node, "result"), "true"));
	json_put(&m, "propertyToEvaluate", property_seen(c, json_str(node, "saw")));
	json_put(&m, "expressionEvaluationDetails", list.whole);
	return m.whole;
}

// The registration of a directory device.
static bool
find_member(struct call *c, const char *id, const char **device_id, struct error *e)
{
	const struct json *device;

	if (!graph_view_object(c, &graph_devices, str_lower(c->arena, id), &device, e))
		return false;
	const struct json *ids = json_get(device, "physicalIds");
	const char *ztd = ids && ids->first ? strchr(ids->first->text, ':') : NULL;
	if (!ztd)
		return error_set(e, ERR_NOT_FOUND, "the device has no registration");
	*device_id = ztd + 1;
	return true;
}

static bool
send_result(struct call *c, const char *rule, const char *text, struct error *e)
{
	const struct json *found = json_parse(c->arena, slice_str(text), NULL, e);
	const struct json *tree = json_get(found, "tree");
	struct buf body;

	if (!found)
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "@odata.context",
		arena_printf(c->arena,
			"%s/$metadata#microsoft.graph.evaluateDynamicMembershipResult",
			graph_root(c)));
	jsonw_str(&w, "membershipRule", rule);
	jsonw_bool(&w, "membershipRuleEvaluationResult", str_eq(json_str(found, "result"), "true"));
	jsonw_value(&w, "membershipRuleEvaluationDetails", tree ? details(c, tree) : NULL);
	return call_send(c, 200, &w, &body, e);
}

// POST /groups/evaluateDynamicMembership {"memberId","membershipRule"}, or of a group with
// {"memberId"}.
bool
graph_evaluate_membership(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id"), *device_id, *text;
	const struct json *body;
	struct group group;

	if (!graph_body(c, &body, e))
		return false;
	const char *member = graph_text(body, "memberId");
	const char *rule = graph_text(body, "membershipRule");
	if (str_empty(member))
		return error_set(e, ERR_INVALID, "memberId is missing");
	if (id && !store_group(&c->work, str_lower(c->arena, id), &group, e))
		return false;
	if (id)
		rule = group.rule;
	if (str_empty(rule))
		return error_set(e, ERR_INVALID,
			id ? "the group has no membershipRule" : "membershipRule is missing");
	return find_member(c, member, &device_id, e) &&
		store_explain_rule(&c->work, rule, device_id, &text, e) &&
		send_result(c, rule, text, e);
}
