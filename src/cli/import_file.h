// SPDX-License-Identifier: Apache-2.0
// How a registration file is read: which column is which, and what each line registers or why it
// cannot.
#pragma once

#include "cli/cli.h"
#include "codec/csv.h"

enum import_column {
	IMPORT_SERIAL,
	IMPORT_PRODUCT_ID,
	IMPORT_HASH,
	IMPORT_TAG,
	IMPORT_USER,
	IMPORT_MANUFACTURER,
	IMPORT_MODEL,
	IMPORT_COLUMNS
};

struct import_file {
	FILE *file;
	const char *path;
	struct csv_reader reader;
	bool strict, header_read;
	int columns[IMPORT_COLUMNS]; // field of each column, -1: absent
	char chunk[64 << 10];
};

struct import_entry {
	size_t line;
	const char *serial; // of the line, else of the hash; "" when neither can be read
	const char *hash;   // base64 with padding
	const char *product_id, *tag, *user;
	struct error error; // ERR_NONE: can be sent
};

// Begin; `arena` holds the reader's memory. ERR_NOT_FOUND, ERR_IO.
bool import_open(struct arena *arena, const char *path, bool strict, struct import_file *f,
	struct error *e) MUST_CHECK;
void import_close(struct import_file *f);

// The next line, in `arena`; *more is false at the end. A bad line is an entry with an error. Fails
// only when the file cannot be read on, or its first line is not a header (behaviour R1;
// clients-and-conventions.md section 2.4).
bool import_next(struct arena *arena, struct import_file *f, struct import_entry *entry, bool *more,
	struct error *e) MUST_CHECK;
