// SPDX-License-Identifier: Apache-2.0
// A compiled rule applied to values of which some are known only in part: Kleene's logic, and a
// bound on the work.
#include "domain/rule_run.h"

static bool
fail(struct rule_run *run, const struct rule_node *node, enum rule_run_failure failure)
{
	run->failure = failure;
	run->culprit = node;
	return false;
}

static bool
charge(struct rule_run *run, const struct rule_node *node, size_t steps)
{
	if (steps > run->steps)
		return fail(run, node, RUN_TOO_SLOW);
	run->steps -= steps;
	return true;
}

static enum rule_truth
text_in(const struct rule_node *node, struct rule_text text)
{
	enum rule_truth result = RULE_FALSE;

	for (size_t i = 0; i < node->count; i++) {
		enum rule_truth truth = rule_text_equals(&node->literals[i], text);
		if (truth == RULE_TRUE)
			return truth;
		if (truth == RULE_UNKNOWN)
			result = truth;
	}
	return result;
}

static enum rule_truth
text_matches(struct rule_run *run, const struct rule_node *node, struct rule_text text)
{
	if (text.open)
		return RULE_UNKNOWN;
	switch (rule_regex_search(node->regex, &run->matcher, text, &run->steps)) {
	case MATCH_NO:
		return RULE_FALSE;
	case MATCH_YES:
		return RULE_TRUE;
	case MATCH_TOO_SLOW:
		break;
	}
	fail(run, node, RUN_TOO_SLOW);
	return RULE_UNKNOWN;
}

static enum rule_truth (*const text_compares[])(const struct rule_literal *, struct rule_text) = {
	[CMP_EQ] = rule_text_equals,
	[CMP_STARTS] = rule_text_starts,
	[CMP_ENDS] = rule_text_ends,
	[CMP_CONTAINS] = rule_text_contains,
};

// A comparison that is not about null or a boolean, before its negation.
static enum rule_truth
compare_text(struct rule_run *run, const struct rule_node *node, struct rule_text text)
{
	if (!charge(run, node, 1 + node->count + text.len / 64))
		return RULE_UNKNOWN;
	if (node->compare == CMP_MATCH)
		return text_matches(run, node, text);
	if (node->compare == CMP_IN)
		return text_in(node, text);
	if (node->compare == CMP_NULL) // a text is something
		return RULE_FALSE;
	return text_compares[node->compare](node->literals, text);
}

// A list is compared as -any would do it (rule_property.def, LOOSE; memberOf).
static enum rule_truth
compare_list(struct rule_run *run, const struct rule_node *node, const struct rule_value *value)
{
	enum rule_truth result = value->open ? RULE_UNKNOWN : RULE_FALSE;

	if (node->compare == CMP_NULL)
		return value->count > 0 ? RULE_FALSE : value->open ? RULE_UNKNOWN : RULE_TRUE;
	for (size_t i = 0; i < value->count; i++) {
		enum rule_truth truth = compare_text(run, node, value->list[i]);
		if (truth == RULE_TRUE || run->failure)
			return truth;
		if (truth == RULE_UNKNOWN)
			result = truth;
	}
	return result;
}

bool
rule_value_fits(enum rule_property property, const struct rule_value *value)
{
	static const uint8_t kinds[] = {
		[RULE_TYPE_TEXT] = RULE_VALUE_TEXT,
		[RULE_TYPE_BOOL] = RULE_VALUE_BOOL,
		[RULE_TYPE_LIST] = RULE_VALUE_LIST,
		[RULE_TYPE_GROUPS] = RULE_VALUE_LIST,
	};

	return value->kind == RULE_VALUE_NULL || value->kind == RULE_VALUE_UNKNOWN ||
		value->kind == kinds[rule_property_row(property)->type];
}

static enum rule_truth
compare_value(struct rule_run *run, const struct rule_node *node)
{
	const struct rule_value *value = &run->values->of[node->property];

	if (!rule_value_fits(node->property, value)) {
		fail(run, node, RUN_WRONG_TYPE);
		return RULE_UNKNOWN;
	}
	switch ((enum rule_value_kind)value->kind) {
	case RULE_VALUE_NULL:
		return node->compare == CMP_NULL ? RULE_TRUE : RULE_FALSE;
	case RULE_VALUE_TEXT:
		return compare_text(run, node,
			(struct rule_text){
				.data = value->text, .len = value->count, .open = value->open});
	case RULE_VALUE_BOOL:
		return node->compare == CMP_BOOL && value->boolean == node->boolean ? RULE_TRUE
										    : RULE_FALSE;
	case RULE_VALUE_LIST:
		return compare_list(run, node, value);
	case RULE_VALUE_UNKNOWN:
		break;
	}
	return RULE_UNKNOWN;
}

static enum rule_truth
run_compare(struct rule_run *run, const struct rule_node *node, const struct rule_text *element)
{
	enum rule_truth truth =
		node->element ? compare_text(run, node, *element) : compare_value(run, node);

	return node->negated && !run->failure ? rule_not(truth) : truth;
}

static enum rule_truth
run_chain(struct rule_run *run, const struct rule_node *node, const struct rule_text *element)
{
	enum rule_truth decisive = rule_decisive(node), result = rule_not(decisive);

	for (const struct rule_node *child = node->first; child; child = child->next) {
		enum rule_truth truth = rule_run_node(run, child, element);
		if (truth == decisive || run->failure)
			return truth;
		if (truth == RULE_UNKNOWN)
			result = truth;
	}
	return result;
}

static enum rule_truth
run_not(struct rule_run *run, const struct rule_node *node, const struct rule_text *element)
{
	return rule_not(rule_run_node(run, node->first, element));
}

static enum rule_truth
run_quantifier(struct rule_run *run, const struct rule_node *node, const struct rule_text *element)
{
	const struct rule_value *value = &run->values->of[node->property];
	enum rule_truth decisive = rule_decisive(node), result = rule_not(decisive);

	(void)element;
	if (!rule_value_fits(node->property, value))
		fail(run, node, RUN_WRONG_TYPE);
	if (value->kind == RULE_VALUE_UNKNOWN || run->failure)
		return RULE_UNKNOWN;
	for (size_t i = 0; value->kind == RULE_VALUE_LIST && i < value->count; i++) {
		enum rule_truth truth = rule_run_node(run, node->first, &value->list[i]);
		if (truth == decisive || run->failure)
			return truth;
		if (truth == RULE_UNKNOWN)
			result = truth;
	}
	return value->open ? RULE_UNKNOWN : result;
}

enum rule_truth
rule_run_node(struct rule_run *run, const struct rule_node *node, const struct rule_text *element)
{
	static enum rule_truth (*const run_kinds[])(
		struct rule_run *, const struct rule_node *, const struct rule_text *) = {
		[NODE_AND] = run_chain,
		[NODE_OR] = run_chain,
		[NODE_NOT] = run_not,
		[NODE_ANY] = run_quantifier,
		[NODE_ALL] = run_quantifier,
		[NODE_COMPARE] = run_compare,
	};

	return run_kinds[node->kind](run, node, element);
}

const char *
rule_run_failure_text(enum rule_run_failure failure)
{
	static const char *const texts[] = {
		[RUN_FINE] = NULL,
		[RUN_TOO_SLOW] = "the rule needs too much work for this value",
		[RUN_WRONG_TYPE] = "the value is not of the property's type",
	};

	return texts[failure];
}

static bool
report(const struct rule *rule, const struct rule_run *run, struct error *e)
{
	size_t column = rule_column(rule->text, run->culprit->from);

	if (run->failure == RUN_WRONG_TYPE)
		return error_set(e, ERR_INTERNAL, "membership rule, column %zu: %s", column,
			rule_run_failure_text(run->failure));
	error_fault(e, ERR_LIMIT, "membership_rule_too_slow",
		"membership rule, column %zu: more than %d steps of work for one value", column,
		RULE_MAX_STEPS);
	return error_hint(e,
		"Write -startsWith or -eq instead of -match, or a pattern without nested "
		"repetition such as (a+)+.");
}

bool
rule_evaluate_counted(const struct rule *rule, const struct rule_values *values,
	enum rule_truth *truth, size_t *used, struct error *e)
{
	struct rule_run run = {.values = values, .steps = RULE_MAX_STEPS};

	*truth = rule_run_node(&run, rule->root, NULL);
	if (run.matcher.data)
		rule_matcher_finish(&run.matcher);
	*used += run.failure ? RULE_MAX_STEPS : RULE_MAX_STEPS - run.steps;
	return run.failure ? report(rule, &run, e) : true;
}

bool
rule_evaluate(const struct rule *rule, const struct rule_values *values, enum rule_truth *truth,
	struct error *e)
{
	size_t used = 0;

	return rule_evaluate_counted(rule, values, truth, &used, e);
}
