// SPDX-License-Identifier: Apache-2.0
// Files that a command line names: "-" is standard input.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

// At most `max` bytes; NUL follows. ERR_NOT_FOUND, ERR_IO, ERR_LIMIT.
bool input_read(struct arena *arena, const char *file, size_t max, struct slice *out,
	struct error *e) MUST_CHECK;

// The same, UTF-8 and without NUL. ERR_INVALID.
bool input_read_text(struct arena *arena, const char *file, size_t max, const char **out,
	struct error *e) MUST_CHECK;
