// SPDX-License-Identifier: Apache-2.0
// How somebody who waits is told how far it is: a bar with rate and time left on a terminal, a line
// now and then where there is none.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what, *unit; // "import", "rows"; unit "bytes" is shown as KiB, MiB …
	uint64_t total;		 // 0: not known
	uint64_t done;
	int64_t begun_ms, shown_ms;
	bool terminal, quiet;
};

// `quiet` for output that programs read. All of it goes to standard error.
void progress_begin(
	struct progress *p, const char *what, const char *unit, uint64_t total, bool quiet);

// So much is done; drawn at most ten times a second, in lines every ten seconds.
void progress_set(struct progress *p, uint64_t done);

// Make room for a message: the bar is taken off the line, the next progress_set draws it again.
void progress_hide(struct progress *p);

// The end: the bar disappears; lines end with how long it took when anything was printed.
void progress_end(struct progress *p);

// What a line says, without a line end: for tests and for whoever draws it elsewhere.
void progress_text(const struct progress *p, int64_t now_ms, int width, char *out, uint64_t size);
