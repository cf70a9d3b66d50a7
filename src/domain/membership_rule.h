// SPDX-License-Identifier: Apache-2.0
// The language of dynamic groups: text to a compiled rule, and a rule applied to one device
// (behaviour G1-G8).
#pragma once

#include "base/arena.h"
#include "base/error.h"

struct rule;

// The attributes a rule can ask for. Lists end with NULL.
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

enum { RULE_MAX_BYTES = 3072 }; // behaviour G5

// Compile. Supported: device.<property> with -eq -ne -startsWith -notStartsWith -endsWith
// -notEndsWith -contains -notContains; device.devicePhysicalIds with -any and -all over `_`; -and
// -or -not; parentheses; values in double quotes or null. Property names are case-sensitive,
// operators and values are not (G7). NULL with ERR_INVALID and the column of the mistake otherwise.
const struct rule *rule_compile(struct arena *arena, const char *text, struct error *e) MUST_CHECK;

bool rule_matches(const struct rule *rule, const struct rule_device *device);
