// SPDX-License-Identifier: Apache-2.0
// The language of dynamic groups: text to a compiled rule, and a rule applied to what is known of
// a device or user (behaviour G1-G9).
//
// Differences from Entra ID are few and on purpose; docs/membership-rules.md has them with the
// grammar.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "domain/rule_values.h"

struct rule;

enum {
	RULE_MAX_BYTES = 3072, // behaviour G5
	RULE_MAX_DEPTH = 32,   // of parentheses, -not and -any
	RULE_MAX_NODES = 256,  // conditions and operators between them
	// Regular expressions of one rule, compiled: short ones such as (a{99}){99} grow large. A
	// whole rule takes less than 160 KiB of its arena, usually a few hundred bytes.
	RULE_MAX_PATTERNS = 40000,
	// One evaluation: a step is one comparison, 64 bytes looked at, or one step of a regular
	// expression.
	RULE_MAX_STEPS = 200000,
};

enum rule_subject { RULE_DEVICE, RULE_USER };

// RULE_UNKNOWN: what is known of the values does not decide (Kleene's logic).
enum rule_truth { RULE_FALSE, RULE_TRUE, RULE_UNKNOWN };

// Where the mistake of a rule is, for a program that points at it. Columns count characters, not
// bytes, from 1; 0 when the whole rule is meant (too long).
struct rule_place {
	size_t column;
	size_t length; // characters; 0 at the end of the rule
};

// Compile a rule; it lives in the arena and may be used by several threads. Property names are
// case-sensitive, operators and values are not (G7): letters of the Latin, Greek, Cyrillic and
// Armenian alphabets (up to U+0586, without Latin Extended-B) are compared without case, others
// exactly; -match follows Unicode. NULL with ERR_INVALID or ERR_LIMIT otherwise: "membership rule,
// column N: ...", and the hint says the fix.
const struct rule *rule_compile(struct arena *arena, const char *text, struct error *e) MUST_CHECK;

// The same, and *where is set on failure.
const struct rule *rule_compile_at(struct arena *arena, const char *text, struct rule_place *where,
	struct error *e) MUST_CHECK;

// Apply a rule. Never decides wrongly: whatever the unknown parts of `values` turn out to be, a
// RULE_FALSE or RULE_TRUE stands. ERR_LIMIT "membership_rule_too_slow" when RULE_MAX_STEPS do not
// suffice; with unknown values this says only that some devices may have the same error, so judge
// them one by one. ERR_INTERNAL when a value is not of its property's type. Allocates nothing,
// except for -match.
bool rule_evaluate(const struct rule *rule, const struct rule_values *values,
	enum rule_truth *truth, struct error *e) MUST_CHECK;

// The same, and *used grows by the steps that it took.
bool rule_evaluate_counted(const struct rule *rule, const struct rule_values *values,
	enum rule_truth *truth, size_t *used, struct error *e) MUST_CHECK;

// Whom a rule selects (G9: one or the other).
enum rule_subject rule_subject(const struct rule *rule);

// The properties that a rule reads: bit (UINT64_C(1) << property). Others need not be set.
uint64_t rule_properties(const struct rule *rule);

// Identifiers of the groups that memberOf names: lower-case, each once, sorted.
const char *const *rule_groups(const struct rule *rule, size_t *count);

// "deviceModel": as rules spell it. NULL for no such property of this subject.
const char *rule_property_name(enum rule_property property);
bool rule_property_find(enum rule_subject subject, const char *name, enum rule_property *out);

// The attributes of a device all of whose values are known. Lists end with NULL.
struct rule_device {
	const char *display_name;
	const char *device_id;
	const char *manufacturer;
	const char *model;
	const char *os_type;
	const char *ownership; // "Company" from registration on (behaviour R15)
	const char *trust_type;
	const char *profile_name; // enrollmentProfileName
	const char *const *physical_ids;
};

// rule_evaluate() for a device whose values are all known; attributes that are not in struct
// rule_device are null. A rule that is too slow matches nothing here: call rule_evaluate() where
// somebody can be told.
bool rule_matches(const struct rule *rule, const struct rule_device *device);
