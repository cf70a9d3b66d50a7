// SPDX-License-Identifier: Apache-2.0
// How a verb's word becomes one managed device.
#pragma once

#include "cli/cli.h"

// By serial number, else by the name or id of the managed device.
bool managed_find(
	struct cli *cli, const char *wanted, const struct json **out, struct error *e) MUST_CHECK;
