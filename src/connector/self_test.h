// SPDX-License-Identifier: Apache-2.0
// Everything a job depends on, tried before any device depends on it.
#pragma once

#include "connector/config.h"
#include <stdio.h>

// Check identity, trust store, service and clock, DNS, domain controller and the delegation in each
// allowed unit; print a table, or one JSON object:
// {"ok","checks":[{"name","ok","level","detail","fault","hint"}]}. Returns the exit code: 0, or
// that of the first failure (base/error.h).
int self_test(struct arena *arena, const struct connector_config *config, bool json, FILE *out);

// The same checks as text of that object, for the service.
const char *self_test_report(struct arena *arena, const struct connector_config *config, bool *ok);
