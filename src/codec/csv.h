// SPDX-License-Identifier: Apache-2.0
// Comma-separated files as people really upload them: rows with line numbers, each good or bad on
// its own, and a writer that no spreadsheet mistakes for formulas.
#pragma once

#include "base/buf.h"

enum { CSV_COLUMNS = 64 };

struct csv_options {
	// As Intune reads registration files (behaviour R3): no quotes, nothing but ASCII, no more
	// columns than the header has.
	bool strict;
	// A quoted field may contain line breaks (RFC 4180). Off, a line break ends the row, so
	// that one forgotten quote costs one row and not the rest of the file.
	bool line_breaks;
	size_t max_field; // bytes; 0: 64 KiB
};

struct csv_row {
	size_t line;			 // where the row begins, from 1
	size_t count;			 // fields
	const char *fields[CSV_COLUMNS]; // UTF-8, NUL-terminated
	// A bad row: ERR_INVALID or ERR_LIMIT with a message that names line and column; ERR_NONE
	// in a good one. The fields of a bad row are what was read until then.
	struct error error;
	size_t column; // field in which the error is, from 1; 0 in a good row
};

enum csv_result {
	CSV_ROW,  // a row, good or bad
	CSV_MORE, // all fed bytes are used up: feed the next chunk, or say csv_finish
	CSV_END,  // after csv_finish: no more rows
};

// Streaming reader. UTF-8 (with or without BOM), or UTF-16 of either order with BOM; rows end with
// CR LF, LF or CR; rows without any text are skipped. Later rows are never lost by an earlier bad
// one.
struct csv_reader {
	struct csv_options options;
	struct slice in;
	size_t pos;
	bool finished;
	// Decoding: the first bytes, to find the BOM; then one unit or surrogate pair in progress.
	uint8_t head[3];
	size_t head_len;
	unsigned encoding;
	uint8_t unit;
	bool have_unit;
	uint32_t high;
	// Decoded bytes that wait for the row machine.
	char pending[8];
	size_t pending_len, pending_pos;
	// The row in progress.
	struct buf text;
	size_t starts[CSV_COLUMNS];
	size_t count;
	unsigned state;
	bool after_cr, any_text, delivered, ended;
	size_t line, breaks, header_columns, rows;
	struct csv_row *row;
};

// Start reading; the memory of the row lives in `arena`. NULL options: tolerant.
void csv_init(struct csv_reader *r, struct arena *arena, const struct csv_options *options);

// Hand over the next bytes, which must live until csv_next says CSV_MORE.
void csv_feed(struct csv_reader *r, struct slice chunk);

// No more bytes will come: what is read so far is the last row.
void csv_finish(struct csv_reader *r);

// The next row. `row` is valid until the next call.
enum csv_result csv_next(struct csv_reader *r, const struct csv_row **row);

// Field `i` (from 0), or "" when the row is shorter.
const char *csv_field(const struct csv_row *row, size_t i);

// Writer (RFC 4180: CR LF, fields quoted where needed).
struct csvw {
	struct buf *out;
	// Put ' before a field that begins with = + - @ TAB or CR, which a spreadsheet would run.
	bool guard_formulas;
	bool begun;
};

void csvw_field(struct csvw *w, const char *text); // NULL writes an empty field
void csvw_end_row(struct csvw *w);
