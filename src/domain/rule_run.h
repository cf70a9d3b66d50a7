// SPDX-License-Identifier: Apache-2.0
// The parts of an evaluation that rule_evaluate() and rule_explain() share: comparing texts that
// may be open, regular expressions with a bound, one condition.
#pragma once

#include "domain/rule_internal.h"

// The literal as comparisons want it; needle: for rule_text_contains().
struct rule_literal rule_literal_make(struct arena *arena, const char *text, bool needle);

enum rule_truth rule_text_equals(const struct rule_literal *literal, struct rule_text text);
enum rule_truth rule_text_starts(const struct rule_literal *literal, struct rule_text text);
enum rule_truth rule_text_ends(const struct rule_literal *literal, struct rule_text text);
enum rule_truth rule_text_contains(const struct rule_literal *literal, struct rule_text text);

// Compile a regular expression (PCRE2, Unicode, without case). On failure NULL, with the reason and
// the byte of the pattern.
const struct rule_regex *rule_regex_compile(
	struct arena *arena, const char *pattern, char *why, size_t size, size_t *at) MUST_CHECK;

// Bytes of the compiled expression.
size_t rule_regex_size(const struct rule_regex *regex);

// What matching needs, made at the first -match of an evaluation.
struct rule_matcher {
	void *data, *context;
};

enum rule_match { MATCH_NO, MATCH_YES, MATCH_TOO_SLOW };

// Search the text, taking what it needs from *steps. MATCH_TOO_SLOW: *steps were not enough.
enum rule_match rule_regex_search(const struct rule_regex *regex, struct rule_matcher *matcher,
	struct rule_text text, size_t *steps);
void rule_matcher_finish(struct rule_matcher *matcher);

enum rule_run_failure { RUN_FINE, RUN_TOO_SLOW, RUN_WRONG_TYPE };

struct rule_run {
	const struct rule_values *values;
	size_t steps; // that are left
	struct rule_matcher matcher;
	enum rule_run_failure failure;
	const struct rule_node *culprit;
};

// The truth of a node; `element` is the value of `_`, NULL outside -any and -all. RULE_UNKNOWN with
// run->failure set when it failed.
enum rule_truth rule_run_node(
	struct rule_run *run, const struct rule_node *node, const struct rule_text *element);

// What a failure is in words.
const char *rule_run_failure_text(enum rule_run_failure failure);

// The value has the type of the property.
bool rule_value_fits(enum rule_property property, const struct rule_value *value);

// AND and -all are decided by a false child or element, OR and -any by a true one.
static inline enum rule_truth
rule_decisive(const struct rule_node *node)
{
	return node->kind == NODE_OR || node->kind == NODE_ANY ? RULE_TRUE : RULE_FALSE;
}

static inline enum rule_truth
rule_not(enum rule_truth truth)
{
	return truth == RULE_UNKNOWN ? truth : truth == RULE_TRUE ? RULE_FALSE : RULE_TRUE;
}
