// SPDX-License-Identifier: Apache-2.0
#include "cli/identifier_file.h"

#include "base/str.h"
#include "codec/csv.h"
#include <string.h>

enum { DESCRIPTION_MAX = 128, IDENTIFIER_MAX = 512, IMEI_MIN = 14, IMEI_MAX = 16 };

static size_t
characters(const char *text)
{
	struct slice rest = slice_str(text);
	size_t pos = 0, n = 0;
	uint32_t cp;

	while (utf8_next(rest, &pos, &cp))
		n++;
	return n;
}

// Each of the three says something, and none has a comma of its own.
static bool
is_triple(const char *text)
{
	const char *model = strchr(text, ','), *serial = model ? strchr(model + 1, ',') : NULL;

	return serial && model > text && serial > model + 1 && serial[1] &&
		!strchr(serial + 1, ',');
}

const char *
identifier_problem(enum identifier_kind kind, const char *identifier)
{
	size_t len = strlen(identifier);

	if (!len)
		return "it is empty";
	if (len > IDENTIFIER_MAX)
		return "it is longer than 512 bytes";
	if (kind == IDENTIFIER_IMEI &&
		(len < IMEI_MIN || len > IMEI_MAX || strspn(identifier, "0123456789") != len))
		return "an IMEI is 14 to 16 digits";
	if (kind == IDENTIFIER_MODEL && !is_triple(identifier))
		return "it is not manufacturer,model,serial number";
	return NULL;
}

static char *
field(struct arena *arena, const struct csv_row *row, size_t i)
{
	const char *text = csv_field(row, i);

	text += strspn(text, " \t");
	size_t len = strlen(text);
	while (len && strchr(" \t", text[len - 1]))
		len--;
	return arena_strndup(arena, text, len);
}

static const char *
problem_of(struct arena *arena, const struct csv_row *row, enum identifier_kind kind,
	const struct identifier_line *line)
{
	size_t columns = kind == IDENTIFIER_MODEL ? 3 : 2;

	if (row->error.code)
		return arena_strdup(arena, row->error.message);
	for (size_t i = columns; i < row->count; i++)
		if (*csv_field(row, i))
			return columns == 3 ? "there are more than three columns"
					    : "there are more than two columns";
	if (kind == IDENTIFIER_MODEL)
		for (size_t i = 0; i < columns; i++)
			if (strchr(csv_field(row, i), ','))
				return "a comma cannot be part of a column here";
	if (characters(line->description) > DESCRIPTION_MAX)
		return "the description is longer than 128 characters";
	return identifier_problem(kind, line->identifier);
}

static struct identifier_line
read_row(struct arena *arena, const struct csv_row *row, enum identifier_kind kind)
{
	struct identifier_line line = {.line = row->line, .description = ""};

	if (kind == IDENTIFIER_MODEL) {
		line.identifier = arena_printf(arena, "%s,%s,%s", field(arena, row, 0),
			field(arena, row, 1), field(arena, row, 2));
	} else {
		line.identifier = field(arena, row, 0);
		line.description = field(arena, row, 1);
	}
	line.problem = problem_of(arena, row, kind, &line);
	return line;
}

// In UTF-16 too a line break has a byte of that value, though not every such byte is one.
static size_t
most_rows(struct slice file)
{
	size_t n = 2;

	for (size_t i = 0; i < file.len; i++)
		n += file.data[i] == '\n' || file.data[i] == '\r';
	return n;
}

bool
identifier_file_read(struct arena *arena, struct slice file, enum identifier_kind kind,
	struct identifier_list *out, struct error *e)
{
	struct csv_reader *r = arena_new(arena, struct csv_reader);
	size_t room = most_rows(file);
	const struct csv_row *row;

	*out = (struct identifier_list){.lines = arena_array(arena, room, sizeof *out->lines)};
	csv_init(r, arena, NULL);
	csv_feed(r, file);
	csv_finish(r);
	while (csv_next(r, &row) == CSV_ROW && out->count < room) {
		out->lines[out->count] = read_row(arena, row, kind);
		out->bad += out->lines[out->count++].problem != NULL;
	}
	return out->count || error_set(e, ERR_INVALID, "there is no line in it");
}
