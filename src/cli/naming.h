// SPDX-License-Identifier: Apache-2.0
// How the names that a template gives are asked for and shown.
#pragma once

#include "cli/cli.h"

// Ask for the names of what `w` says so far, with --device, and print them with their findings.
bool naming_preview_send(
	struct cli *cli, struct jsonw *w, struct buf *body, struct error *e) MUST_CHECK;
