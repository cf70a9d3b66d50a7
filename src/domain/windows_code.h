// SPDX-License-Identifier: Apache-2.0
// What Windows shows for a failure (a code, or the name of a known issue), and which of Ferry's
// named causes that can be.
#pragma once

#include "base/arena.h"
#include "domain/fault.h"

struct windows_code {
	const char *code;
	const char *meaning; // of Windows
	const char *also;    // further faults, with blanks between them
	const char *note;    // "" or what is different in Ferry
};

extern const struct windows_code windows_codes[];
extern const int windows_code_count;

// ASCII letter case does not matter, nor does a missing 0x. NULL: not known.
const struct windows_code *windows_code_find(const char *code);

// The faults that it can be: those whose code it is, then the others. Gives how many; *out lives in
// the arena.
int windows_code_faults(
	struct arena *arena, const struct windows_code *code, const struct fault ***out);
