// SPDX-License-Identifier: Apache-2.0
// How one OMA-URI setting is written as a device configuration.
#pragma once

#include "cli/resource.h"

// Make a configuration with one setting and assign it as the options say; prints id and name.
bool configuration_add(struct cli *cli, const char *name, const char *loc_uri, const char *format,
	const char *value, struct error *e) MUST_CHECK;

// Give it another value. NULL format: as it was.
bool configuration_set(struct cli *cli, const struct json *before, const char *format,
	const char *value, struct error *e) MUST_CHECK;
