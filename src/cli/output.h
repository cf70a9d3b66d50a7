// SPDX-License-Identifier: Apache-2.0
// The shapes in which answers are printed: aligned table, JSON, JSON lines, CSV; and errors for
// people.
#pragma once

#include "cli/api.h"

enum { COLUMNS_MAX = 32 };

struct column {
	const char *title; // NULL ends the list
	const char *name;  // member of the object, or a path as state/deviceImportStatus
	bool prose;	   // sentences: on a terminal they get more lines rather than fewer words
};

// A list of objects on standard output. JSON prints them whole, the others the columns, or those of
// --columns.
bool output_list(struct cli *cli, const struct column *columns, const struct json_list *list,
	struct error *e) MUST_CHECK;

// The same piece by piece, for lists that are longer than memory should be: a table is as wide as
// its first piece needs.
struct printer {
	struct cli *cli;
	struct arena *arena; // of the whole list
	struct column columns[COLUMNS_MAX + 1];
	size_t count;
	int widths[COLUMNS_MAX];
	int terminal; // its width, 0: none
	bool begun, colour;
	size_t rows;
};
bool printer_begin(struct printer *p, struct cli *cli, const struct column *columns,
	struct error *e) MUST_CHECK;
bool printer_put(struct printer *p, const struct json_list *list, struct buf *out,
	struct error *e) MUST_CHECK; // what printer_rows would print
bool printer_rows(struct printer *p, const struct json_list *list, struct error *e) MUST_CHECK;
bool printer_end(struct printer *p, struct error *e) MUST_CHECK;

// One object: "Title: value" lines, JSON, or CSV with one row. Nothing in a dry run.
bool output_object(struct cli *cli, const struct column *columns, const struct json *object,
	struct error *e) MUST_CHECK;

// One object with every member that has a value, under the API's own names; `columns` are those of
// a CSV.
bool output_whole(struct cli *cli, const struct column *columns, const struct json *object,
	struct error *e) MUST_CHECK;

// Id and name: what is printed of a thing that was made.
extern const struct column output_made[];

// The value at a path of member names with / between them, or NULL.
const struct json *output_at(const struct json *object, const char *path);

// A value as text without control characters; "" for NULL and null, lists with commas. For people:
// "never" and types without their prefix.
char *output_text(struct arena *arena, const struct json *value);
char *output_clean(struct arena *arena, const char *text);

// Columns of a terminal that standard output has; 0: it is none.
int output_terminal(void);

// True when standard output is a terminal and NO_COLOR is not set (no-color.org).
bool output_colour(void);

// Text as it is; and JSON that was written, with a line end.
bool output_write(const struct buf *text, struct error *e) MUST_CHECK;
bool output_json(const struct buf *text, struct error *e) MUST_CHECK;

// True once the reader of standard output has gone away, which is no failure of ours: head(1).
bool output_gone(void);

// "message (cause) — fix: what to do" of an error, with what the catalogue knows of its fault.
char *output_error(struct arena *arena, const struct error *e);
