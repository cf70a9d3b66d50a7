// SPDX-License-Identifier: Apache-2.0
// How a file of corporate identifiers is read: CSV without a header, one kind a file (behaviour
// E13).
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

enum identifier_kind {
	IDENTIFIER_SERIAL, // serial number[,description]
	IDENTIFIER_IMEI,   // IMEI[,description]
	IDENTIFIER_MODEL,  // manufacturer,model,serial number
};

struct identifier_line {
	size_t line;		 // from 1
	const char *identifier;	 // as the API has it; "maker,model,serial" for a model
	const char *description; // "" for none
	const char *problem;	 // why it is not one; NULL: it is
};

struct identifier_list {
	struct identifier_line *lines;
	size_t count, bad;
};

// Bad lines cost no other line. ERR_INVALID when there is no line at all.
bool identifier_file_read(struct arena *arena, struct slice file, enum identifier_kind kind,
	struct identifier_list *out, struct error *e) MUST_CHECK;

// One identifier that somebody typed; NULL, or why it is none.
const char *identifier_problem(enum identifier_kind kind, const char *identifier);
