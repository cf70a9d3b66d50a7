// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "cli/output.h"
#include <locale.h>

static struct arena arena;
static struct cli cli;

static int
reset(void **state)
{
	(void)state;
	arena_finish(&arena);
	arena_init(&arena, ARENA_REQUEST);
	cli = (struct cli){.arena = &arena};
	return 0;
}

static const struct column two[] = {{"Name", "name"}, {"Deep", "a/b"}, {0}};
static const struct column named[] = {{"Id", "id"}, {"Name", "name"}, {0}};

static struct json_list
elements(const char *text)
{
	struct error e;
	const struct json *array = json_parse(&arena, slice_str(text), NULL, &e);
	struct json_list list = {.items = arena_array(&arena, 100, sizeof *list.items)};

	assert_non_null(array);
	for (const struct json *v = array->first; v; v = v->next)
		list.items[list.count++] = v;
	return list;
}

// What would be printed on a terminal of so many columns; 0: on none.
static const char *
printed_on(int terminal, const struct column *columns, const char *text, struct error *e)
{
	struct json_list list = elements(text);
	struct printer p;
	struct buf out;

	buf_init(&out, &arena, 1 << 20);
	if (!printer_begin(&p, &cli, columns, e))
		return NULL;
	p.terminal = terminal;
	p.colour = false;
	return printer_put(&p, &list, &out, e) ? buf_text(&out) : NULL;
}

static const char *
printed(enum output_format format, const struct column *columns, const char *text)
{
	struct error e = {0};

	cli.format = format;
	const char *out = printed_on(0, columns, text, &e);
	assert_non_null(out);
	return out;
}

// --- refusals ---

static void
a_column_that_nothing_has_is_a_typing_mistake(void **state)
{
	struct error e = {0};

	(void)state;
	cli.given[0] = (struct given_option){"columns", "id,nmae"};
	cli.given_count = 1;
	assert_null(printed_on(0, named, "[{\"id\":1,\"name\":2}]", &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_string_equal(e.message, "nothing here has a member \"nmae\"");
}

static void
too_many_columns_are_refused(void **state)
{
	struct error e = {0};

	(void)state;
	cli.given[0] = (struct given_option){
		"columns", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,a,b,c,d,e,f,g"};
	cli.given_count = 1;
	assert_null(printed_on(0, named, "[]", &e));
	assert_int_equal(e.code, ERR_INVALID);
}

// --- tables ---

static void
columns_are_as_wide_as_what_is_seen(void **state)
{
	(void)state;
	assert_string_equal(printed(OUTPUT_TABLE, two,
				    "[{\"name\":\"東京\",\"a\":{\"b\":\"x\"}},{\"name\":\"Zürich\","
				    "\"a\":{\"b\":1}}]"),
		"Name    Deep\n"
		"東京    x\n"
		"Zürich  1\n");
	assert_string_equal(printed(OUTPUT_TABLE, two, "[]"), "Name  Deep\n");
}

static void
what_a_terminal_obeys_does_not_reach_it(void **state)
{
	(void)state;
	assert_string_equal(
		printed(OUTPUT_TABLE, named, "[{\"id\":\"a\\u001b[31m\",\"name\":\"b\\nc\"}]"),
		"Id      Name\n"
		"a [31m  b c\n");
}

static void
a_terminal_cuts_the_widest_column_but_never_an_id_first(void **state)
{
	struct error e = {0};
	static const char list[] =
		"[{\"id\":\"0123456789abcdef\",\"name\":\"a name that is much longer\"}]";

	(void)state;
	assert_string_equal(printed_on(30, named, list, &e),
		"Id                Name\n"
		"0123456789abcdef  a name that…\n");
	// Where there is no terminal nothing is cut.
	assert_string_equal(printed_on(0, named, list, &e),
		"Id                Name\n"
		"0123456789abcdef  a name that is much longer\n");
}

static void
an_id_at_the_end_makes_room_for_the_rest(void **state)
{
	static const struct column told[] = {
		{"Serial", "serial"}, {"Maker", "maker"}, {"Id", "id"}, {0}};
	static const char list[] = "[{\"serial\":\"5CD1234XYZ-000001\",\"maker\":\"Contoso "
				   "Works\",\"id\":\"0123456789abcdef\"}]";
	struct error e = {0};

	(void)state;
	assert_string_equal(printed_on(60, told, list, &e),
		"Serial             Maker          Id\n"
		"5CD1234XYZ-000001  Contoso Works  0123456789abcdef\n");
	assert_string_equal(printed_on(40, told, list, &e),
		"Serial             Maker\n"
		"5CD1234XYZ-000001  Contoso Works\n");
	// What says which row it is keeps its letters longest.
	assert_string_equal(printed_on(27, told, list, &e),
		"Serial             Maker\n"
		"5CD1234XYZ-000001  Contoso…\n");
}

static void
prose_gets_more_lines_on_a_terminal_and_loses_no_word(void **state)
{
	static const struct column told[] = {
		{"Id", "id"}, {"Name", "name"}, {"What", "what", .prose = true}, {0}};
	static const char list[] =
		"[{\"id\":\"0123456789\",\"name\":\"short\",\"what\":\"one two three four five "
		"six seven\"},{\"id\":\"1\",\"name\":\"n\",\"what\":\"one\"}]";
	struct error e = {0};

	(void)state;
	assert_string_equal(printed_on(33, told, list, &e),
		"Id          Name   What\n"
		"0123456789  short  one two three\n"
		"                   four five six\n"
		"                   seven\n"
		"1           n      one\n");
	assert_string_equal(printed_on(0, told, list, &e),
		"Id          Name   What\n"
		"0123456789  short  one two three four five six seven\n"
		"1           n      one\n");
}

static void
values_are_told_as_people_say_them(void **state)
{
	(void)state;
	assert_string_equal(
		printed(OUTPUT_TABLE, two,
			"[{\"name\":true,\"a\":{\"b\":null}},"
			"{\"name\":[\"x\",\"y\"],\"a\":{\"b\":\"#microsoft.graph.user\"}},"
			"{\"name\":\"0001-01-01T00:00:00Z\",\"a\":{\"b\":{}}}]"),
		"Name   Deep\n"
		"yes    \n"
		"x, y   user\n"
		"never  \n");
}

// --- CSV ---

static void
csv_is_rfc_4180(void **state)
{
	(void)state;
	assert_string_equal(printed(OUTPUT_CSV, named,
				    "[{\"id\":\"a,b\",\"name\":\"say \\\"hi\\\"\"},"
				    "{\"id\":\"x\",\"name\":\"0001-01-01T00:00:00Z\"}]"),
		"Id,Name\r\n"
		"\"a,b\",\"say \"\"hi\"\"\"\r\n"
		"x,\r\n");
}

static void
a_spreadsheet_finds_no_formula(void **state)
{
	const char *text = printed(OUTPUT_CSV, named, "[{\"id\":\"=1+1\",\"name\":\"@x\"}]");

	(void)state;
	assert_null(strstr(text, "\r\n=1"));
	assert_null(strstr(text, ",@x"));
}

// --- JSON ---

static void
json_is_what_the_service_gave(void **state)
{
	static const char list[] = "[{\"id\":1.50,\"name\":null,\"x\":[1,{\"y\":\"\\u001b\"}]},2]";

	(void)state;
	cli.format = OUTPUT_JSON;
	// The bracket is closed by printer_end, when the last page is there.
	assert_string_equal(printed(OUTPUT_JSON, named, list),
		"[{\"id\":1.50,\"name\":null,\"x\":[1,{\"y\":\"\\u001b\"}]},2");
	assert_string_equal(printed(OUTPUT_JSONL, named, "[{\"id\":1},{\"id\":2}]"),
		"{\"id\":1}\n{\"id\":2}\n");
}

static void
pages_are_one_list(void **state)
{
	struct json_list first = elements("[{\"id\":1},{\"id\":2}]"),
			 second = elements("[{\"id\":3}]");
	struct error e = {0};
	struct printer p;
	struct buf out;

	(void)state;
	buf_init(&out, &arena, 1 << 20);
	cli.format = OUTPUT_JSON;
	assert_true(printer_begin(&p, &cli, named, &e));
	assert_true(printer_put(&p, &first, &out, &e) && printer_put(&p, &second, &out, &e));
	assert_string_equal(buf_text(&out), "[{\"id\":1},{\"id\":2},{\"id\":3}");
	assert_int_equal(p.rows, 3);
}

// --- errors ---

static void
an_error_tells_its_cause_and_its_fix(void **state)
{
	struct error e;

	(void)state;
	error_set(&e, ERR_INVALID, "wrong\nline");
	assert_string_equal(output_error(&arena, &e), "wrong line");
	error_hint(&e, "do this");
	assert_string_equal(output_error(&arena, &e), "wrong line — fix: do this");
	error_fault(&e, ERR_UNAVAILABLE, "dc_unreachable", "10.0.0.1:88 refused");
	assert_non_null(strstr(output_error(&arena, &e), "10.0.0.1:88 refused ("));
	assert_non_null(strstr(output_error(&arena, &e), "— fix: "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_column_that_nothing_has_is_a_typing_mistake, reset),
		cmocka_unit_test_setup(too_many_columns_are_refused, reset),
		cmocka_unit_test_setup(columns_are_as_wide_as_what_is_seen, reset),
		cmocka_unit_test_setup(what_a_terminal_obeys_does_not_reach_it, reset),
		cmocka_unit_test_setup(
			a_terminal_cuts_the_widest_column_but_never_an_id_first, reset),
		cmocka_unit_test_setup(an_id_at_the_end_makes_room_for_the_rest, reset),
		cmocka_unit_test_setup(
			prose_gets_more_lines_on_a_terminal_and_loses_no_word, reset),
		cmocka_unit_test_setup(values_are_told_as_people_say_them, reset),
		cmocka_unit_test_setup(csv_is_rfc_4180, reset),
		cmocka_unit_test_setup(a_spreadsheet_finds_no_formula, reset),
		cmocka_unit_test_setup(json_is_what_the_service_gave, reset),
		cmocka_unit_test_setup(pages_are_one_list, reset),
		cmocka_unit_test_setup(an_error_tells_its_cause_and_its_fix, reset),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
