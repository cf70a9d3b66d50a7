// SPDX-License-Identifier: Apache-2.0
// Running the system's own tools: without a shell, with a time limit, keeping the end of what they
// said.
#pragma once

#include "base/arena.h"
#include "base/error.h"

// Run argv (NULL-terminated; argv[0] is a path or found in PATH). *output gets the last 2 KiB of
// standard output and error together. ERR_NOT_FOUND when there is no such program, ERR_IO when it
// cannot be run or ends with another status than 0, ERR_TIMEOUT when it took too long and was
// killed with everything it started.
bool command_run(struct arena *arena, const char *const *argv, int timeout_s, const char **output,
	struct error *e) MUST_CHECK;
