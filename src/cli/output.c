// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include "base/str.h"
#include "codec/csv.h"
#include "domain/fault.h"
#include <stdlib.h>

enum { OUTPUT_MAX = 128 << 20, COLUMNS_MAX = 16, GAP = 2 };

const struct column output_made[] = {{"Id", "id"}, {"Name", "displayName"}, {0}};

char *
output_clean(struct arena *arena, const char *text)
{
	char *clean = arena_strdup(arena, text ? text : "");

	for (char *c = clean; *c; c++)
		// C1 controls are two bytes in UTF-8: C2 80 to C2 9F.
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
		else if ((unsigned char)*c == 0xc2 && (unsigned char)c[1] >= 0x80 &&
			(unsigned char)c[1] < 0xa0)
			c[0] = c[1] = ' ';
	return clean;
}

char *
output_text(struct arena *arena, const struct json *value)
{
	if (!value)
		return arena_strdup(arena, "");
	switch (value->type) {
	case JSON_BOOL:
		return arena_strdup(arena, value->boolean ? "yes" : "no");
	case JSON_NUMBER:
	case JSON_STRING:
		// Graph's way to say never.
		if (str_starts(value->text, "0001-01-01T"))
			return arena_strdup(arena, "never");
		return output_clean(arena, value->text);
	case JSON_NULL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return arena_strdup(arena, "");
}

int
output_width(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

bool
output_colour(void)
{
	return str_empty(getenv("NO_COLOR")) && isatty(STDOUT_FILENO);
}

static bool
print(const struct buf *text, struct error *e)
{
	if (!buf_ok(text, e))
		return false;
	if (fwrite(text->data ? text->data : "", 1, text->len, stdout) != text->len ||
		fflush(stdout) != 0)
		return error_errno(e, "standard output");
	return true;
}

bool
output_json(const struct buf *text, struct error *e)
{
	if (!print(text, e))
		return false;
	return fputc('\n', stdout) != EOF || error_errno(e, "standard output");
}

static bool
list_json(struct cli *cli, const struct json_list *list, struct error *e)
{
	struct buf out;

	buf_init(&out, cli->arena, OUTPUT_MAX);
	struct jsonw w = jsonw_on(&out);
	jsonw_array(&w, NULL);
	for (size_t i = 0; i < list->count; i++)
		jsonw_value(&w, NULL, list->items[i]);
	jsonw_end_array(&w);
	return output_json(&out, e);
}

static bool
list_csv(struct cli *cli, const struct column *columns, const struct json_list *list,
	struct error *e)
{
	struct buf out;
	struct csvw w = {.out = &out, .guard_formulas = true};

	buf_init(&out, cli->arena, OUTPUT_MAX);
	for (const struct column *c = columns; c->title; c++)
		csvw_field(&w, c->title);
	csvw_end_row(&w);
	for (size_t i = 0; i < list->count; i++) {
		for (const struct column *c = columns; c->title; c++)
			csvw_field(&w, output_text(cli->arena, json_get(list->items[i], c->name)));
		csvw_end_row(&w);
	}
	return print(&out, e);
}

static void
put_cell(struct buf *out, const char *text, int width, bool last)
{
	buf_puts(out, text);
	for (int i = output_width(text); !last && i < width + GAP; i++)
		buf_putc(out, ' ');
}

static bool
list_table(struct cli *cli, const struct column *columns, const struct json_list *list,
	struct error *e)
{
	int widths[COLUMNS_MAX] = {0};
	bool colour = output_colour();
	size_t n = 0;
	struct buf out;

	for (; columns[n].title; n++) {
		widths[n] = output_width(columns[n].title);
		for (size_t i = 0; i < list->count; i++) {
			int width = output_width(
				output_text(cli->arena, json_get(list->items[i], columns[n].name)));
			widths[n] = width > widths[n] ? width : widths[n];
		}
	}
	buf_init(&out, cli->arena, OUTPUT_MAX);
	buf_puts(&out, colour ? "\033[1m" : "");
	for (size_t c = 0; c < n; c++)
		put_cell(&out, columns[c].title, widths[c], c + 1 == n);
	buf_puts(&out, colour ? "\033[0m\n" : "\n");
	for (size_t i = 0; i < list->count; i++) {
		for (size_t c = 0; c < n; c++)
			put_cell(&out,
				output_text(cli->arena, json_get(list->items[i], columns[c].name)),
				widths[c], c + 1 == n);
		buf_putc(&out, '\n');
	}
	return print(&out, e);
}

bool
output_list(struct cli *cli, const struct column *columns, const struct json_list *list,
	struct error *e)
{
	switch (cli->format) {
	case OUTPUT_JSON:
		return list_json(cli, list, e);
	case OUTPUT_CSV:
		return list_csv(cli, columns, list, e);
	case OUTPUT_TABLE:
		break;
	}
	return list_table(cli, columns, list, e);
}

bool
output_object(
	struct cli *cli, const struct column *columns, const struct json *object, struct error *e)
{
	const struct json_list one = {.items = &object, .count = 1};
	struct buf out;
	int width = 0;

	if (cli->format == OUTPUT_CSV)
		return list_csv(cli, columns, &one, e);
	buf_init(&out, cli->arena, OUTPUT_MAX);
	if (cli->format == OUTPUT_JSON) {
		struct jsonw w = jsonw_on(&out);
		jsonw_value(&w, NULL, object);
		return output_json(&out, e);
	}
	for (const struct column *c = columns; c->title; c++)
		width = output_width(c->title) > width ? output_width(c->title) : width;
	for (const struct column *c = columns; c->title; c++) {
		put_cell(&out, arena_printf(cli->arena, "%s:", c->title), width + 1, false);
		buf_printf(&out, "%s\n", output_text(cli->arena, json_get(object, c->name)));
	}
	return print(&out, e);
}

char *
output_error(struct arena *arena, const struct error *e)
{
	const struct fault *fault = fault_find(e->fault);
	const char *fix = fault ? fault->fix : e->hint;

	return arena_printf(arena, "%s%s%s%s%s%s", output_clean(arena, e->message),
		fault ? " (" : "", fault ? fault->cause : "", fault ? ")" : "",
		*fix ? " — fix: " : "", output_clean(arena, fix));
}
