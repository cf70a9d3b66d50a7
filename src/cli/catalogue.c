// SPDX-License-Identifier: Apache-2.0
// The verbs of the error catalogue: list, show, and the manual page that is made from it. No
// service is asked.
#include "base/str.h"
#include "cli/output.h"
#include "domain/fault.h"
#include "domain/windows_code.h"

static const struct column columns[] = {{"Name", "name"}, {"Code", "code"},
	{"Who can fix it", "who"}, {"Title", "title", .prose = true}, {0}};

static const struct json *
as_json(struct arena *arena, const struct fault *f, struct error *e)
{
	struct buf out;

	buf_init(&out, arena, 64 << 10);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "name", f->name);
	jsonw_str(&w, "code", f->code);
	jsonw_str(&w, "who", fault_who_name(f->who));
	jsonw_str(&w, "title", f->title);
	jsonw_str(&w, "cause", f->cause);
	jsonw_str(&w, "fix", f->fix);
	jsonw_end_object(&w);
	return json_parse(arena, buf_slice(&out), NULL, e);
}

bool
catalogue_list(struct cli *cli, struct error *e)
{
	struct json_list list = {
		.items = arena_array(cli->arena, (size_t)fault_count, sizeof *list.items)};

	for (int i = 0; i < fault_count; i++)
		if (!(list.items[list.count++] = as_json(cli->arena, &fault_catalogue[i], e)))
			return false;
	return output_list(cli, columns, &list, e);
}

static const struct json *
code_as_json(struct arena *arena, const struct windows_code *code, struct error *e)
{
	const struct fault **faults;
	int count = windows_code_faults(arena, code, &faults);
	struct buf out;

	buf_init(&out, arena, 64 << 10);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "code", code->code);
	jsonw_str(&w, "meaning", code->meaning);
	jsonw_str(&w, "note", code->note);
	jsonw_array(&w, "faults");
	for (int i = 0; i < count; i++)
		jsonw_str(&w, NULL, faults[i]->name);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return json_parse(arena, buf_slice(&out), NULL, e);
}

bool
catalogue_codes(struct cli *cli, struct error *e)
{
	static const struct column code_columns[] = {{"Code", "code"},
		{"On Windows", "meaning", .prose = true}, {"In Ferry", "faults", .prose = true},
		{"Note", "note", .prose = true}, {0}};
	struct json_list list = {
		.items = arena_array(cli->arena, (size_t)windows_code_count, sizeof *list.items)};

	for (int i = 0; i < windows_code_count; i++)
		if (!(list.items[list.count++] = code_as_json(cli->arena, &windows_codes[i], e)))
			return false;
	return output_list(cli, code_columns, &list, e);
}

static bool
show_fault(struct cli *cli, const struct fault *f, bool first, struct error *e)
{
	static const struct column whole[] = {{"Name", "name"}, {"Code", "code"},
		{"Title", "title", .prose = true}, {"Cause", "cause", .prose = true},
		{"Fix", "fix", .prose = true}, {"Who can fix it", "who"}, {0}};
	const struct json *object = as_json(cli->arena, f, e);

	if (!object)
		return false;
	if (!first && cli->format == OUTPUT_TABLE)
		putchar('\n');
	return output_object(cli, whole, object, e);
}

// By name, or all that a code of Windows can be: people see codes.
bool
catalogue_show(struct cli *cli, struct error *e)
{
	const char *wanted = cli->operands[0];
	const struct fault *named = fault_find(str_lower(cli->arena, wanted)), **faults;
	const struct windows_code *code = windows_code_find(wanted);

	if (named)
		return show_fault(cli, named, true, e);
	if (!code) {
		error_set(e, ERR_NOT_FOUND, "the catalogue has no \"%s\"", wanted);
		return error_hint(e, "see ferry error list and ferry error codes");
	}
	int count = windows_code_faults(cli->arena, code, &faults);
	if (cli->format == OUTPUT_TABLE)
		printf("%s on Windows: %s%s%s\n%s", code->code, code->meaning,
			*code->note ? " " : "", code->note, count ? "\n" : "");
	for (int i = 0; i < count; i++)
		if (!show_fault(cli, faults[i], i == 0, e))
			return false;
	return true;
}

// Text for roff: a backslash is an escape, a period or quote at the beginning of a line a request
// (groff_man(7)).
static void
put_roff(struct buf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		buf_puts(out, "\\&");
	for (; *text; text++)
		if (*text == '\\')
			buf_puts(out, "\\e");
		else if (*text == '-')
			buf_puts(out, "\\-");
		else
			buf_putc(out, *text);
}

static void
put_fault(struct buf *out, const struct fault *f)
{
	buf_puts(out, ".SS ");
	put_roff(out, f->name);
	buf_puts(out, "\n.B ");
	put_roff(out, f->title);
	buf_puts(out, "\n.TP\nCause\n");
	put_roff(out, f->cause);
	buf_puts(out, "\n.TP\nFix\n");
	put_roff(out, f->fix);
	buf_puts(out, "\n.TP\nCode\n");
	put_roff(out, f->code ? f->code : "none");
	buf_puts(out, "\n.TP\nWho can fix it\n");
	put_roff(out, fault_who_name(f->who));
	buf_putc(out, '\n');
}

static void
put_code(struct arena *arena, struct buf *out, const struct windows_code *code)
{
	const struct fault **faults;
	int count = windows_code_faults(arena, code, &faults);

	buf_puts(out, ".TP\n.B ");
	put_roff(out, code->code);
	buf_putc(out, '\n');
	put_roff(out, code->meaning);
	buf_putc(out, '\n');
	if (*code->note) {
		put_roff(out, code->note);
		buf_putc(out, '\n');
	}
	for (int i = 0; i < count; i++)
		buf_printf(out, ".br\n%s\n", faults[i]->name);
}

bool
catalogue_man(struct cli *cli, struct error *e)
{
	struct buf out;

	buf_init(&out, cli->arena, 1 << 20);
	buf_puts(&out,
		".\\\" SPDX-License-Identifier: Apache-2.0\n"
		".\\\" Made from the error catalogue by \"ferry error man\".\n"
		".TH FERRY\\-ERRORS 7 \"\" \"ferry " FERRY_VERSION "\" \"Ferry\"\n"
		".SH NAME\nferry\\-errors \\- every error that Ferry names, its cause and its fix\n"
		".SH DESCRIPTION\n"
		"The same names and texts appear on the device's screen, on the command line, in "
		"the API and\n"
		"in a deployment's timeline.\n"
		"The code is the one that Autopilot shows for the same cause; \"none\" means that "
		"Autopilot has\n"
		"no code for it.\n"
		".BR \"ferry error show\" \" \\fINAME\\fR or \\fICODE\\fR prints one entry.\"\n"
		".SH ERRORS\n");
	for (int i = 0; i < fault_count; i++)
		put_fault(&out, &fault_catalogue[i]);
	buf_puts(&out, ".SH CODES OF WINDOWS\n");
	for (int i = 0; i < windows_code_count; i++)
		put_code(cli->arena, &out, &windows_codes[i]);
	buf_puts(&out, ".SH SEE ALSO\n.BR ferry (1),\n.BR ferryd (8)\n");
	if (!buf_ok(&out, e))
		return false;
	return fwrite(out.data, 1, out.len, stdout) == out.len || error_errno(e, "standard output");
}
