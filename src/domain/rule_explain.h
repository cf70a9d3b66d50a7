// SPDX-License-Identifier: Apache-2.0
// Why a membership rule selects a device or not: the evaluation as a tree that people can read.
#pragma once

#include "base/buf.h"
#include "codec/json.h"
#include "domain/membership_rule.h"

enum { RULE_TRACE_MAX = 2000 }; // nodes of a tree; what is beyond is evaluated, but only counted

// One condition, or one element of a list under its -any or -all.
struct rule_trace {
	const char *source; // the text of the rule that this node is
	size_t column;	    // of that text: characters from 1
	enum rule_truth truth;
	// Why there is no verdict ("the regular expression needs too many steps"); else NULL.
	const char *failure;
	// The rule was decided before: this verdict changed nothing.
	bool needless;
	// The value it saw in words: device.deviceModel is "Latitude 5440". NULL for -and, -or and
	// -not outside -any and -all.
	const char *saw;
	size_t omitted;			// elements that are not listed among the children
	const struct rule_trace *first; // children
	const struct rule_trace *next;	// sibling
};

// The tree of the very evaluation that rule_evaluate() does: the same verdict, or the same failure
// in `failure`. Conditions after the decision are evaluated too, and marked needless.
const struct rule_trace *rule_explain(
	struct arena *arena, const struct rule *rule, const struct rule_values *values);

// {"expression","column","result":"true|false|unknown|error","saw","error","needless","omitted",
// "children":[...]}; members without content are left out.
void rule_explain_json(struct jsonw *w, const char *name, const struct rule_trace *trace);

// One line a node, indented by two spaces a level, for a terminal.
void rule_explain_text(struct buf *out, const struct rule_trace *trace);

// "false", "true", "unknown".
const char *rule_truth_name(enum rule_truth truth);
