// SPDX-License-Identifier: Apache-2.0
// A program's configuration file: which setting goes where, as rows of a table, and in which line a
// mistake is.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include <stdbool.h>

enum { CONF_MAX = 256 << 10 }; // bytes of a file

struct conf_row {
	const char *section, *name;
	size_t offset;	      // in the target: of a const char *, or of an unsigned
	unsigned least, most; // of a number; most 0: a text
};

struct conf {
	const struct conf_row *rows;
	size_t count;
	void *target;
	// What no row has; NULL when there is nothing else. False without an error (ERR_NONE):
	// there is no such setting either.
	bool (*other)(void *context, const char *section, const char *name, const char *value,
		struct error *e);
	void *context;
};

// Read the text of the file of that name. ERR_INVALID says name and line. The target keeps its
// values where nothing is said, and is only half filled after an error.
bool conf_parse(struct arena *arena, const struct conf *conf, const char *name, const char *text,
	struct error *e) MUST_CHECK;

// The same of a file of at most CONF_MAX bytes. Also the errors of fs_read.
bool conf_read(
	struct arena *arena, const struct conf *conf, const char *file, struct error *e) MUST_CHECK;
