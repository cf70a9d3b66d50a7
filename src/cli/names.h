// SPDX-License-Identifier: Apache-2.0
// How a verb is told many things: each as an operand, or a line of the file that --from names.
#pragma once

#include "cli/cli.h"

// The operands from `first` on, then the lines of the file; blank lines are none. ERR_INVALID when
// there are none at all.
bool names_read(struct cli *cli, size_t first, const char ***names, size_t *count,
	struct error *e) MUST_CHECK;
