// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include "base/clock.h"
#include "base/str.h"
#include "cli/text.h"
#include "codec/csv.h"
#include "domain/fault.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

enum { OUTPUT_MAX = 128 << 20, GAP = 2, NARROWEST = 6, NARROW_PROSE = 14, ID = 36 };

const struct column output_made[] = {{"Id", "id"}, {"Name", "displayName"}, {0}};

static bool gone;

// --- values ---

char *
output_clean(struct arena *arena, const char *text)
{
	return text_clean(arena, text);
}

const struct json *
output_at(const struct json *object, const char *path)
{
	char name[128];

	for (;;) {
		size_t len = strcspn(path, "/");
		snprintf(name, sizeof name, "%.*s", (int)len, path);
		object = json_get(object, name);
		if (!object || !path[len])
			return object;
		path += len + 1;
	}
}

static char *
list_text(struct arena *arena, const struct json *list)
{
	struct buf out;

	buf_init(&out, arena, OUTPUT_MAX);
	for (const struct json *v = list->first; v; v = v->next)
		buf_printf(&out, "%s%s", v == list->first ? "" : ", ", output_text(arena, v));
	return arena_strdup(arena, buf_text(&out));
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
		return text_clean(arena, value->text);
	case JSON_ARRAY:
		return list_text(arena, value);
	case JSON_NULL:
	case JSON_OBJECT:
		break;
	}
	return arena_strdup(arena, "");
}

// For people: times as they feel, types without Graph's prefix.
static const char *
human_text(struct arena *arena, const struct json *value, bool whole)
{
	static const char prefix[] = "#microsoft.graph.";
	const char *text = output_text(arena, value), *relative;

	if (!value || value->type != JSON_STRING)
		return text;
	if (str_starts(text, prefix))
		return text + strlen(prefix);
	if (!(relative = text_relative(arena, text, clock_now())))
		return text;
	return whole ? arena_printf(arena, "%s (%s)", text, relative) : relative;
}

// --- standard output ---

static bool
failed(struct error *e)
{
	gone |= errno == EPIPE;
	return error_errno(e, "standard output");
}

bool
output_gone(void)
{
	return gone;
}

bool
output_write(const struct buf *text, struct error *e)
{
	if (!buf_ok(text, e))
		return false;
	if (fwrite(text->data ? text->data : "", 1, text->len, stdout) != text->len ||
		fflush(stdout) != 0)
		return failed(e);
	return true;
}

bool
output_json(const struct buf *text, struct error *e)
{
	if (!output_write(text, e))
		return false;
	return (fputc('\n', stdout) != EOF && fflush(stdout) == 0) || failed(e);
}

int
output_terminal(void)
{
	struct winsize size = {0};

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return 80;
}

bool
output_colour(void)
{
	return str_empty(getenv("NO_COLOR")) && isatty(STDOUT_FILENO);
}

// --- columns ---

static struct column
column_named(struct arena *arena, const struct column *columns, const char *name)
{
	for (; columns && columns->title; columns++)
		if (str_ieq(columns->name, name) || str_ieq(columns->title, name))
			return *columns;
	name = arena_strdup(arena, name);
	return (struct column){name, name};
}

bool
printer_begin(struct printer *p, struct cli *cli, const struct column *columns, struct error *e)
{
	const char *wanted = cli_option(cli, "columns");

	*p = (struct printer){.cli = cli,
		.arena = cli->arena,
		.terminal = output_terminal(),
		.colour = output_colour()};
	for (; !wanted && columns && columns[p->count].title; p->count++)
		p->columns[p->count] = columns[p->count];
	while (wanted && *wanted) {
		size_t len = strcspn(wanted, ",");
		if (p->count == COLUMNS_MAX)
			return error_set(e, ERR_INVALID, "more than %d columns", COLUMNS_MAX);
		if (len)
			p->columns[p->count++] = column_named(
				cli->arena, columns, arena_strndup(cli->arena, wanted, len));
		wanted += len + (wanted[len] == ',');
	}
	return true;
}

// A column that nothing in the first piece has is a typing mistake.
static bool
check_columns(const struct printer *p, const struct json_list *list, struct error *e)
{
	for (size_t c = 0; cli_option(p->cli, "columns") && list->count && c < p->count; c++) {
		bool found = false;
		for (size_t i = 0; !found && i < list->count; i++)
			found = output_at(list->items[i], p->columns[c].name);
		if (!found) {
			error_set(e, ERR_INVALID, "nothing here has a member \"%s\"",
				p->columns[c].name);
			return error_hint(e, "-o json shows what there is");
		}
	}
	return true;
}

// --- tables ---

static bool
is_id(const struct printer *p, size_t c)
{
	return str_eq(p->columns[c].name, "id");
}

// The column that says which thing a row is, as commands take it; p->count: there is none.
static size_t
called_by(const struct printer *p)
{
	size_t c = 0;

	while (c < p->count && !str_eq(p->columns[c].title, "Serial") &&
		!str_eq(p->columns[c].title, "Name"))
		c++;
	return c;
}

// Prose gives way first because it gets more lines, then what does not say which thing a row is.
// Half an id is none.
static bool
may_shrink(const struct printer *p, size_t c, int pass)
{
	switch (pass) {
	case 0:
		return p->columns[c].prose && p->widths[c] > NARROW_PROSE;
	case 1:
		return c != called_by(p) && !is_id(p, c) && p->widths[c] > NARROWEST;
	default:
		return p->widths[c] > (is_id(p, c) ? ID : NARROWEST);
	}
}

// An id at the end takes half of a terminal, and where there is a name or a serial number commands
// take that too.
static bool
leave_out_id(struct printer *p)
{
	if (!is_id(p, p->count - 1) || called_by(p) == p->count || cli_option(p->cli, "columns"))
		return false;
	p->count--;
	return true;
}

static void
shrink(struct printer *p, int terminal)
{
	int total = 0;

	for (size_t c = 0; c < p->count; c++)
		total += p->widths[c] + (c ? GAP : 0);
	if (p->count && total > terminal && leave_out_id(p))
		total -= p->widths[p->count] + GAP;
	for (; total > terminal; total--) {
		size_t widest = COLUMNS_MAX;
		for (int pass = 0; pass < 3 && widest == COLUMNS_MAX; pass++)
			for (size_t c = 0; c < p->count; c++)
				if (may_shrink(p, c, pass) &&
					(widest == COLUMNS_MAX || p->widths[c] > p->widths[widest]))
					widest = c;
		if (widest == COLUMNS_MAX)
			return;
		p->widths[widest]--;
	}
}

static void
measure(struct printer *p, const struct json_list *list)
{
	struct arena *arena = p->cli->arena;

	for (size_t c = 0; c < p->count; c++) {
		p->widths[c] = text_width(p->columns[c].title);
		for (size_t i = 0; i < list->count; i++) {
			int width = text_width(human_text(
				arena, output_at(list->items[i], p->columns[c].name), false));
			p->widths[c] = width > p->widths[c] ? width : p->widths[c];
		}
	}
	if (p->terminal)
		shrink(p, p->terminal);
}

static void
put_cell(struct buf *out, const char *text, int width, bool last)
{
	buf_puts(out, text);
	for (int i = text_width(text); !last && i < width + GAP; i++)
		buf_putc(out, ' ');
}

// What of a cell stands in this line of its row; the rest stays in *text.
static const char *
next_piece(struct printer *p, size_t c, const char **text)
{
	struct arena *arena = p->cli->arena;
	const char *whole = *text;

	if (p->terminal && p->columns[c].prose) {
		struct slice line = text_line(text, p->widths[c]);
		return arena_strndup(arena, (const char *)line.data, line.len);
	}
	*text = "";
	return p->terminal ? text_fit(arena, whole, p->widths[c]) : whole;
}

static void
put_row(struct printer *p, struct buf *out, const struct json *object)
{
	const char *rest[COLUMNS_MAX];
	size_t left = p->count;

	for (size_t c = 0; c < p->count; c++)
		rest[c] = human_text(p->cli->arena, output_at(object, p->columns[c].name), false);
	do {
		size_t last = 0;
		for (size_t c = 0; c < left; c++)
			put_cell(out, next_piece(p, c, &rest[c]), p->widths[c], c + 1 == left);
		for (size_t c = 0; c < p->count; c++)
			last = *rest[c] ? c + 1 : last;
		left = last;
		buf_putc(out, '\n');
	} while (left);
}

static void
put_table(struct printer *p, struct buf *out, const struct json_list *list)
{
	struct arena *arena = p->cli->arena;

	if (!p->begun) {
		measure(p, list);
		buf_puts(out, p->colour ? "\033[1m" : "");
		for (size_t c = 0; c < p->count; c++)
			put_cell(out, text_fit(arena, p->columns[c].title, p->widths[c]),
				p->widths[c], c + 1 == p->count);
		buf_puts(out, p->colour ? "\033[0m\n" : "\n");
	}
	for (size_t i = 0; i < list->count; i++)
		put_row(p, out, list->items[i]);
}

// --- the other shapes ---

static void
put_csv(struct printer *p, struct buf *out, const struct json_list *list)
{
	struct csvw w = {.out = out, .guard_formulas = true};

	for (size_t c = 0; !p->begun && c < p->count; c++)
		csvw_field(&w, p->columns[c].title);
	if (!p->begun)
		csvw_end_row(&w);
	for (size_t i = 0; i < list->count; i++) {
		for (size_t c = 0; c < p->count; c++) {
			const char *text = output_text(
				p->cli->arena, output_at(list->items[i], p->columns[c].name));
			csvw_field(&w, str_eq(text, "never") ? "" : text);
		}
		csvw_end_row(&w);
	}
}

static void
put_json(struct printer *p, struct buf *out, const struct json_list *list)
{
	bool lines = p->cli->format == OUTPUT_JSONL;

	if (!p->begun && !lines)
		buf_putc(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		struct jsonw w = jsonw_on(out);
		if (!lines && (p->rows || i))
			buf_putc(out, ',');
		jsonw_value(&w, NULL, list->items[i]);
		if (lines)
			buf_putc(out, '\n');
	}
}

bool
printer_put(struct printer *p, const struct json_list *list, struct buf *out, struct error *e)
{
	static void (*const puts[])(struct printer *, struct buf *, const struct json_list *) = {
		[OUTPUT_TABLE] = put_table,
		[OUTPUT_JSON] = put_json,
		[OUTPUT_CSV] = put_csv,
		[OUTPUT_JSONL] = put_json};

	if (p->begun && !list->count)
		return true;
	if (!check_columns(p, list, e))
		return false;
	puts[p->cli->format](p, out, list);
	p->begun = true;
	p->rows += list->count;
	return buf_ok(out, e);
}

bool
printer_rows(struct printer *p, const struct json_list *list, struct error *e)
{
	struct buf out;

	buf_init(&out, p->cli->arena, OUTPUT_MAX);
	return printer_put(p, list, &out, e) && output_write(&out, e);
}

bool
printer_end(struct printer *p, struct error *e)
{
	const struct json_list none = {0};
	struct buf out;

	if (!p->begun && !printer_rows(p, &none, e))
		return false;
	if (p->cli->format != OUTPUT_JSON)
		return true;
	buf_init(&out, p->cli->arena, 16);
	buf_putc(&out, ']');
	return output_json(&out, e);
}

bool
output_list(struct cli *cli, const struct column *columns, const struct json_list *list,
	struct error *e)
{
	struct printer p;

	return cli->plan ||
		(printer_begin(&p, cli, columns, e) && printer_rows(&p, list, e) &&
			printer_end(&p, e));
}

static bool
object_lines(struct printer *p, const struct json *object, struct error *e)
{
	struct arena *arena = p->cli->arena;
	struct buf out;
	int width = 0;

	buf_init(&out, arena, OUTPUT_MAX);
	for (size_t c = 0; c < p->count; c++) {
		int own = text_width(p->columns[c].title);
		width = own > width ? own : width;
	}
	for (size_t c = 0; c < p->count; c++) {
		const char *text = human_text(arena, output_at(object, p->columns[c].name), true);
		int room = p->terminal - (width + 1 + GAP);
		put_cell(&out, arena_printf(arena, "%s:", p->columns[c].title), width + 1, false);
		while (p->columns[c].prose && room >= NARROW_PROSE && text_width(text) > room) {
			struct slice line = text_line(&text, room);
			buf_printf(&out, "%.*s\n%*s", (int)line.len, (const char *)line.data,
				width + 1 + GAP, "");
		}
		buf_printf(&out, "%s\n", text);
	}
	return output_write(&out, e);
}

bool
output_object(
	struct cli *cli, const struct column *columns, const struct json *object, struct error *e)
{
	const struct json_list one = {.items = &object, .count = 1};
	struct printer p;
	struct buf out;

	if (cli->plan)
		return true;
	if (!printer_begin(&p, cli, columns, e) || !check_columns(&p, &one, e))
		return false;
	if (cli->format == OUTPUT_CSV)
		return printer_rows(&p, &one, e);
	if (cli->format == OUTPUT_TABLE)
		return object_lines(&p, object, e);
	buf_init(&out, cli->arena, OUTPUT_MAX);
	struct jsonw w = jsonw_on(&out);
	jsonw_value(&w, NULL, object);
	return output_json(&out, e);
}

// Members of members are called by their path, which --columns takes.
static void
put_members(struct cli *cli, const char *parent, const struct json *object, struct buf *out)
{
	enum { NAMES = 34 };

	for (const struct json *m = object->first; m; m = m->next) {
		const char *name =
			arena_printf(cli->arena, "%s%s%s", parent, *parent ? "/" : "", m->name);
		if (m->type == JSON_OBJECT)
			put_members(cli, name, m, out);
		const char *text = human_text(cli->arena, m, true);
		if (*text && !str_eq(m->name, "@odata.context") && !strchr(m->name + 1, '@')) {
			put_cell(out, arena_printf(cli->arena, "%s:", name), NAMES, false);
			buf_printf(out, "%s%s\n", strlen(name) >= NAMES + GAP - 1 ? " " : "", text);
		}
	}
}

bool
output_whole(
	struct cli *cli, const struct column *columns, const struct json *object, struct error *e)
{
	struct buf out;

	if (cli->format != OUTPUT_TABLE || cli_option(cli, "columns"))
		return output_object(cli, columns, object, e);
	buf_init(&out, cli->arena, OUTPUT_MAX);
	put_members(cli, "", object, &out);
	return output_write(&out, e);
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
