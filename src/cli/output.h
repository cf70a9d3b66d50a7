// SPDX-License-Identifier: Apache-2.0
// The shapes in which answers are printed: aligned table, JSON, CSV; and errors for people.
#pragma once

#include "cli/api.h"

struct column {
	const char *title; // NULL ends the list
	const char *name;  // member of the object
};

// A list of objects on standard output. JSON prints them whole, the others the columns.
bool output_list(struct cli *cli, const struct column *columns, const struct json_list *list,
	struct error *e) MUST_CHECK;

// One object: "Title: value" lines, JSON, or CSV with one row.
bool output_object(struct cli *cli, const struct column *columns, const struct json *object,
	struct error *e) MUST_CHECK;

// Id and name: what is printed of a thing that was made.
extern const struct column output_made[];

// A value as text without control characters, which a terminal would obey; "" for NULL and null.
char *output_text(struct arena *arena, const struct json *value);
char *output_clean(struct arena *arena, const char *text);

// Characters a text takes on a terminal.
int output_width(const char *text);

// True when standard output is a terminal and NO_COLOR is not set (no-color.org).
bool output_colour(void);

// JSON that was written, and a line end.
bool output_json(const struct buf *text, struct error *e) MUST_CHECK;

// "message (cause) — fix: what to do" of an error, with what the catalogue knows of its fault.
char *output_error(struct arena *arena, const struct error *e);
