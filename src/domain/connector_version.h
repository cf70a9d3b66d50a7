// SPDX-License-Identifier: Apache-2.0
// Which versions of the connector the service still works with (behaviour K2).
#pragma once

#include <stdbool.h>

// Connectors of older versions get no work: what they do is not what the service expects.
#define CONNECTOR_MINIMUM "0.1.0"

enum {
	CONNECTOR_GONE_DAYS = 30
}; // unseen for so long it is removed and must be enrolled again (K11)

// Is this version ("1.2.3", with anything after it) at least that one? What is no version is older.
bool connector_version_ok(const char *version, const char *minimum);
