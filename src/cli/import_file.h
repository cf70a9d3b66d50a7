// SPDX-License-Identifier: Apache-2.0
// How a file is cut into parts that end where lines end, always at the same places, whatever its
// size and encoding.
#pragma once

#include "cli/cli.h"

// Below what the service takes in one request of an import, 16 MiB.
enum { IMPORT_PART_BYTES = (16 << 20) - (64 << 10) };

struct import_file;

// One part: lines as they are, in UTF-8.
struct import_cut {
	char *bytes; // room for IMPORT_PART_BYTES
	size_t len;
	size_t first_line; // from 1
	uint64_t end;	   // how far into the file this is, bytes
};

// Begin; UTF-16 with a byte order mark is made UTF-8. ERR_NOT_FOUND, ERR_IO.
bool import_file_open(struct arena *arena, const char *path, struct import_file **out,
	struct error *e) MUST_CHECK;
void import_file_close(struct import_file *f); // NULL is fine

uint64_t import_file_size(const struct import_file *f); // 0: not known

// The first line that is not blank, without its end; it is passed over unless `keep`. ERR_INVALID
// for an empty file.
bool import_file_header(struct import_file *f, const char **out, struct error *e) MUST_CHECK;
void import_file_keep_header(struct import_file *f);

// The next part; *more is false, and nothing read, at the end. ERR_LIMIT for a line that is longer
// than a part.
bool import_file_next(
	struct import_file *f, struct import_cut *cut, bool *more, struct error *e) MUST_CHECK;
