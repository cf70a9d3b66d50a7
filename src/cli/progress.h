// SPDX-License-Identifier: Apache-2.0
// How somebody who waits at a terminal is told how far it is: a bar with rate and time left.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what, *unit; // "import", "rows"; unit "bytes" is shown as KiB, MiB …
	uint64_t total;		 // 0: not known
	uint64_t done;
	int64_t begun_ms, shown_ms;
	bool quiet;
};

// Drawn on standard error, and only if that is a terminal; `quiet`: not even then.
void progress_begin(
	struct progress *p, const char *what, const char *unit, uint64_t total, bool quiet);

// So much is done; drawn at most ten times a second.
void progress_set(struct progress *p, uint64_t done);

// Make room for a message: the bar is taken off the line, the next progress_set draws it again.
void progress_hide(struct progress *p);

// The end: the bar disappears.
void progress_end(struct progress *p);

// What a line of `width` columns says, without a line end; narrow ones have no bar.
void progress_text(const struct progress *p, int64_t now_ms, int width, char *out, uint64_t size);
