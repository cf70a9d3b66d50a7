// SPDX-License-Identifier: Apache-2.0
// How a device preparation policy is written: settings with ids, of which options are the short
// form (graph-api.md section 11).
#pragma once

#include "cli/cli.h"

// As struct resource's `complete`.
bool complete_preparation(
	struct cli *cli, const struct json *before, struct jsonw *w, struct error *e) MUST_CHECK;
