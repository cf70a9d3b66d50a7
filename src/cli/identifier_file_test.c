// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cli/identifier_file.h"
#include <string.h>

static struct arena arena;

static int
reset(void **state)
{
	(void)state;
	arena_finish(&arena);
	arena_init(&arena, ARENA_REQUEST);
	return 0;
}

// "1=id/description;" for a good line, "2!problem;" for a bad one.
static const char *
read_as(enum identifier_kind kind, const char *file)
{
	struct identifier_list list;
	struct error e;
	struct buf out;

	buf_init(&out, &arena, 1 << 20);
	if (!identifier_file_read(&arena, slice_str(file), kind, &list, &e))
		return "";
	for (size_t i = 0; i < list.count; i++) {
		const struct identifier_line *l = &list.lines[i];
		buf_printf(&out, "%zu%c", l->line, l->problem ? '!' : '=');
		if (l->problem)
			buf_printf(&out, "%s;", l->problem);
		else
			buf_printf(&out, "%s/%s;", l->identifier, l->description);
	}
	return buf_text(&out);
}

static void
a_file_without_lines_is_refused(void **state)
{
	(void)state;
	assert_string_equal(read_as(IDENTIFIER_SERIAL, ""), "");
	assert_string_equal(read_as(IDENTIFIER_SERIAL, "\n\r\n\n"), "");
}

static void
bad_lines_are_named_and_cost_no_good_one(void **state)
{
	(void)state;
	assert_string_equal(read_as(IDENTIFIER_MODEL,
				    "Contoso,Wing,1\nContoso,Wing\n,Wing,3\nC,W,4,x\nC,W,5\n"),
		"1=Contoso,Wing,1/;2!it is not manufacturer,model,serial number;"
		"3!it is not manufacturer,model,serial number;4!there are more than three columns;"
		"5=C,W,5/;");
	assert_string_equal(read_as(IDENTIFIER_MODEL, "\"Con,toso\",Wing,1\n"),
		"1!a comma cannot be part of a column here;");
	assert_string_equal(read_as(IDENTIFIER_IMEI, "12345678901234\n123\n1234567890123x\n"),
		"1=12345678901234/;2!an IMEI is 14 to 16 digits;3!an IMEI is 14 to 16 digits;");
	assert_string_equal(read_as(IDENTIFIER_SERIAL, ",a description\nA,b,c\n"),
		"1!it is empty;2!there are more than two columns;");
}

static void
lengths_have_limits(void **state)
{
	char text[600];

	(void)state;
	memset(text, 'x', sizeof text);
	text[0] = 'A';
	text[1] = ',';
	text[131] = '\0';
	assert_string_equal(read_as(IDENTIFIER_SERIAL, text),
		"1!the description is longer than 128 characters;");
	text[1] = 'x';
	text[131] = 'x';
	text[513] = '\0';
	assert_string_equal(read_as(IDENTIFIER_SERIAL, text), "1!it is longer than 512 bytes;");
}

static void
files_as_people_have_them_are_read(void **state)
{
	(void)state;
	assert_string_equal(read_as(IDENTIFIER_SERIAL,
				    "\xef\xbb\xbf"
				    "A1, a laptop \r\n\r\n\"B2\",\"x, y\"\r\nC3"),
		"1=A1/a laptop;3=B2/x, y;4=C3/;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_file_without_lines_is_refused, reset),
		cmocka_unit_test_setup(bad_lines_are_named_and_cost_no_good_one, reset),
		cmocka_unit_test_setup(lengths_have_limits, reset),
		cmocka_unit_test_setup(files_as_people_have_them_are_read, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
