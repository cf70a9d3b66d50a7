// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/csv.h"

static struct arena arena;

// Everything read, as text: "line:a|b;" for a good row, "line!column:a|b;" for a bad one.
static const char *
read_as(struct slice file, const struct csv_options *options)
{
	struct csv_reader r;
	const struct csv_row *row;
	struct buf out;

	buf_init(&out, &arena, 1 << 20);
	csv_init(&r, &arena, options);
	csv_feed(&r, file);
	csv_finish(&r);
	while (csv_next(&r, &row) == CSV_ROW) {
		buf_printf(&out, "%zu", row->line);
		if (row->column)
			buf_printf(&out, "!%zu", row->column);
		for (size_t i = 0; i < row->count; i++)
			buf_printf(&out, "%c%s", i ? '|' : ':', row->fields[i]);
		buf_putc(&out, ';');
	}
	return buf_text(&out);
}

static const char *
tolerant(const char *file)
{
	return read_as(slice_str(file), NULL);
}

static const char *
strict(const char *file)
{
	struct csv_options options = {.strict = true};

	return read_as(slice_str(file), &options);
}

static void
a_bad_row_never_takes_later_rows_with_it(void **state)
{
	(void)state;
	assert_string_equal(tolerant("a,\"b\nc,d\ne\n"), "1!2:a;2:c|d;3:e;");
	assert_string_equal(tolerant("a,\"b\"x,c\nd\n"), "1!2:a;2:d;");
	assert_string_equal(tolerant("a,\xff,c\nd\n"), "1!2:a;2:d;");
	assert_string_equal(tolerant("\"a"), "1!1;");
	assert_string_equal(read_as(slice_of("a,b\0c\nd\n", 8), NULL), "1!2:a;2:d;");
}

static void
errors_name_line_and_column(void **state)
{
	(void)state;
	struct csv_reader r;
	const struct csv_row *row;

	csv_init(&r, &arena, NULL);
	csv_feed(&r, slice_str("a,b\n\nc,\"d\" e,f\n"));
	csv_finish(&r);
	assert_int_equal(csv_next(&r, &row), CSV_ROW);
	assert_int_equal(row->error.code, ERR_NONE);
	assert_int_equal(csv_next(&r, &row), CSV_ROW);
	assert_int_equal(row->error.code, ERR_INVALID);
	assert_string_equal(row->error.message, "line 3, column 2: text after a closing quote");
	assert_int_equal(csv_next(&r, &row), CSV_END);
	assert_int_equal(csv_next(&r, &row), CSV_END);
}

static void
limits_make_the_row_bad(void **state)
{
	(void)state;
	struct csv_options options = {.max_field = 3};
	char wide[200];

	assert_string_equal(read_as(slice_str("abc,abcd,e\nf\n"), &options), "1!2:abc;2:f;");
	memset(wide, ',', sizeof wide);
	wide[0] = 'a';
	wide[62] = 'b';
	assert_string_equal(
		strrchr(read_as(slice_of(wide, 63), NULL), '|'), "|b;"); // 62 fields before it
	wide[63] = 'c';
	wide[64] = 'd';
	assert_non_null(strstr(read_as(slice_of(wide, 70), NULL), "|bcd|"));
	wide[63] = wide[64] = ',';
	wide[65] = 'e';
	assert_non_null(strstr(read_as(slice_of(wide, 70), NULL), "1!65"));
	char *big = arena_alloc(&arena, 70000);
	memset(big, 'x', 65537);
	assert_string_equal(read_as(slice_of(big, 65537), NULL), "1!1;");
	assert_int_equal(strlen(read_as(slice_of(big, 65536), NULL)), 65536 + 3);
}

static void
files_of_every_kind_of_line_break_are_read(void **state)
{
	(void)state;
	assert_string_equal(tolerant("a,b\r\nc,d\ne,f\rg,h"), "1:a|b;2:c|d;3:e|f;4:g|h;");
	assert_string_equal(tolerant("\r\n\n a \n\n,,\n,x,\n\n"), "3: a ;6:|x|;");
	assert_string_equal(tolerant(""), "");
	assert_string_equal(tolerant("a,"), "1:a|;");
}

static void
quotes_are_read_as_rfc4180_says(void **state)
{
	(void)state;
	assert_string_equal(tolerant("\"a\",\"b\"\"c\",\"d,e\",\"\"\n"), "1:a|b\"c|d,e|;");
	assert_string_equal(tolerant("a\"b,\"c\" ,d\n"), "1:a\"b|c|d;");
	struct csv_options options = {.line_breaks = true};
	assert_string_equal(
		read_as(slice_str("\"a\r\nb\nc\",d\r\ne\n"), &options), "1:a\r\nb\nc|d;4:e;");
	assert_string_equal(read_as(slice_str("a,\"b\nc\n"), &options), "1!2:a;");
}

static void
unicode_files_are_read_by_their_byte_order_mark(void **state)
{
	(void)state;
	assert_string_equal(tolerant("\xef\xbb\xbf\xc3\xa4,b\n"), "1:\xc3\xa4|b;");
	assert_string_equal(read_as(slice_of("\xff\xfe\xe4\0,\0\x3d\xd8\xa2\xde\n\0z\0", 14), NULL),
		"1:\xc3\xa4|\xf0\x9f\x9a\xa2;2:z;");
	assert_string_equal(
		read_as(slice_of("\xfe\xff\0\xe4\0,\xd8\x3d\xde\xa2\0\r\0\n\0z", 16), NULL),
		"1:\xc3\xa4|\xf0\x9f\x9a\xa2;2:z;");
	assert_string_equal(read_as(slice_of("\xff\xfe\x3d\xd8\n\0z\0", 8), NULL), "1!1;2:z;");
	assert_string_equal(read_as(slice_of("\xff\xfe\xa2\xde\n\0z\0", 8), NULL), "1!1;2:z;");
	assert_string_equal(read_as(slice_of("\xff\xfez\0\n\0y", 7), NULL), "1:z;2!1;");
	assert_string_equal(read_as(slice_of("\xef\xbb", 2), NULL), "1!1;");
	assert_string_equal(read_as(slice_of("\xff\xfe", 2), NULL), "");
}

static void
strict_refuses_what_intune_refuses(void **state)
{
	(void)state;
	assert_string_equal(strict("a,b\nc,d\n"), "1:a|b;2:c|d;");
	assert_string_equal(strict("a,b\n\"c\",d\ne,f\n"), "1:a|b;2!1;3:e|f;");
	assert_string_equal(strict("a,b\nc,d,e\nf\n"), "1:a|b;2!3:c|d;3:f;");
	assert_string_equal(strict("a,b\nc,\xc3\xa4\nf,g\n"), "1:a|b;2!2:c;3:f|g;");
	assert_string_equal(strict("\xef\xbb\xbf"
				   "a,b\nc,d\n"),
		"1!1;2:c|d;");
}

static void
chunks_may_be_cut_anywhere(void **state)
{
	(void)state;
	static const char file[] = "\xff\xfe\xe4\0,\0\x3d\xd8\xa2\xde\r\0\n\0z\0";
	struct csv_reader r;
	const struct csv_row *row;
	enum csv_result result;
	size_t at = 0, rows = 0;

	csv_init(&r, &arena, NULL);
	while ((result = csv_next(&r, &row)) != CSV_END) {
		if (result == CSV_ROW)
			assert_string_equal(csv_field(row, 0), rows++ ? "z" : "\xc3\xa4");
		else if (at < sizeof file - 1)
			csv_feed(&r, slice_of(file + at++, 1));
		else
			csv_finish(&r);
	}
	assert_int_equal(rows, 2);
	assert_string_equal(csv_field(row, 63), "");
}

static void
the_writer_quotes_and_guards_formulas(void **state)
{
	(void)state;
	struct buf out;

	buf_init(&out, &arena, 4096);
	struct csvw w = {.out = &out, .guard_formulas = true};
	static const char *const fields[] = {"a", "", NULL, "b,c", "d\"e", "f\ng", " h", "=1+1",
		"+1", "-1", "@x", "\tx", "=\"a\"", "1-1"};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		csvw_field(&w, fields[i]);
	csvw_end_row(&w);
	w.guard_formulas = false;
	csvw_field(&w, "=1");
	csvw_end_row(&w);
	assert_string_equal(buf_text(&out),
		"a,,,\"b,c\",\"d\"\"e\",\"f\ng\",\" "
		"h\",'=1+1,'+1,'-1,'@x,'\tx,\"'=\"\"a\"\"\",1-1\r\n=1\r\n");
}

static int
reset(void **state)
{
	(void)state;
	arena_finish(&arena);
	arena_init(&arena, ARENA_REQUEST);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_bad_row_never_takes_later_rows_with_it, reset),
		cmocka_unit_test_setup(errors_name_line_and_column, reset),
		cmocka_unit_test_setup(limits_make_the_row_bad, reset),
		cmocka_unit_test_setup(files_of_every_kind_of_line_break_are_read, reset),
		cmocka_unit_test_setup(quotes_are_read_as_rfc4180_says, reset),
		cmocka_unit_test_setup(unicode_files_are_read_by_their_byte_order_mark, reset),
		cmocka_unit_test_setup(strict_refuses_what_intune_refuses, reset),
		cmocka_unit_test_setup(chunks_may_be_cut_anywhere, reset),
		cmocka_unit_test_setup(the_writer_quotes_and_guards_formulas, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
