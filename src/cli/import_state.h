// SPDX-License-Identifier: Apache-2.0
// What is remembered of an import that was interrupted: which one it is, of which file, with which
// options.
#pragma once

#include "cli/cli.h"

struct import_state {
	const char *path;      // of the state file; NULL: nothing can be remembered
	const char *import_id; // of the interrupted import of this very file, or NULL
	const char *file_mark; // size, time of change and options: what must be the same
};

// Look for an interrupted import of `file` with these options. A state that is of another version
// of the file is passed over.
void import_state_find(
	struct arena *arena, const char *file, const char *options, struct import_state *out);

// Remember, and forget. That it cannot be remembered is no reason not to import.
void import_state_keep(struct arena *arena, struct import_state *s, const char *import_id);
void import_state_forget(struct import_state *s);
