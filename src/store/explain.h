// SPDX-License-Identifier: Apache-2.0
// Why a device is in its groups and gets what it gets, and what it would get if something were
// different: worked out when somebody asks, from the same rows and by the same functions that
// decided it.
#pragma once

#include "store/preflight.h"

struct explain_ask {
	const char *device_id;
	const char *group_tag, *assigned_upn; // what if they were these; NULL: as they are
	const struct trust_fact *trust;	      // as in struct preflight_scope
	size_t trust_count;
};

// The members of a JSON object: {"groups","notIn","profile","espDevice","espUser","domainJoin",
// "name","items","enrollment","findings", …}; docs/assignments.md has them. ERR_NOT_FOUND.
bool store_explain(const struct work *w, const struct explain_ask *ask, const char **json,
	struct error *e) MUST_CHECK;

// Put a rule to a device: {"result","tree","text"}. Errors as rule_compile(). ERR_NOT_FOUND.
bool store_explain_rule(const struct work *w, const char *rule_text, const char *device_id,
	const char **json, struct error *e) MUST_CHECK;
