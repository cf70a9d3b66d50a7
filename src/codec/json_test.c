// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "codec/json.h"

static struct error e;
static struct arena arena;

static const struct json *
parse(const char *text, bool lenient)
{
	struct json_limits limits = {.lenient = lenient};

	e = (struct error){0};
	return json_parse(&arena, slice_str(text), &limits, &e);
}

static void
refused(struct slice text, enum error_code code)
{
	e = (struct error){0};
	const struct json *value = json_parse(&arena, text, NULL, &e);
	if (value)
		fail_msg("accepted: %.*s", (int)text.len, (const char *)text.data);
	assert_int_equal(e.code, code);
}

static void
malformed_texts_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", " ", "{", "[", "]", "}", "[1", "[1,", "[1,]", "[,1]",
		"[1,,2]", "[1 2]", "[1:2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}",
		"{\"a\" 1}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\":1}}", "[]]",
		"[] []", "1 2", "nul", "nulL", "tru", "True", "FALSE", "truex", "NaN", "Infinity",
		"-Infinity", "undefined", "[\"a\"", "[\"a", "\"", "'a'", "[\"a\",\n4\n,1,", "//x",
		"/**/1", "[1]//x", "{\"a\":/**/1}", "#", "[\xc2\xa0]", "\f1", "\v1", "[\"\t\"]",
		"[\"a\nb\"]", "[\"\x1f\"]", "*", "{\"a\":\"b\"}#", "{[]:1}", "[\"x\"", "\\u0041",
		"[\\n]", "{\"a\":1;\"b\":2}", "<null>", "[u0041]", "\xef\xbb\xbf{}", "\xfe\xff",
		"\xe2\x81\xa0", "{\"a\":true", "[{}", "[{\"a\":[}", "{]", "[}"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(slice_str(bad[i]), ERR_INVALID);
	refused(slice_of("[1]\0", 4), ERR_INVALID);
	refused(slice_of("[\0]", 3), ERR_INVALID);
	refused(slice_of("[\"a\0b\"]", 7), ERR_INVALID);
	refused(slice_of("1\0", 2), ERR_INVALID);
	refused(slice_of("{\0\"\0}\0", 6), ERR_INVALID);
}

static void
malformed_numbers_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"-", "+1", "01", "-01", "00", "1.", ".1", "-.1", "1.e1",
		"1e", "1e+", "1e-", "1eE2", "1.2.3", "0x1", "1a", "- 1", "1 000", "1_000", "--1",
		"++1", "-1.", "2.e+3", "0e", "0E+", "1.0e", "1,2", "\xef\xbc\x91", "1e1.5", "-foo",
		"1+2", "0.", "-0.", "1f", "1L"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(slice_str(bad[i]), ERR_INVALID);
}

static void
malformed_strings_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"\"\\x41\"", "\"\\\"", "\"\\", "\"\\u\"", "\"\\u00\"",
		"\"\\u00g0\"", "\"\\U0041\"", "\"\\a\"", "\"\\'\"", "\"\\0\"", "\"\\u0000\"",
		"\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"",
		"\"\\udc00\\ud800\"", "\"\\ud800\\\"", "\"\\ud800x\"", "\"\\ud83d\\n\"", "\"\xff\"",
		"\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\xbf\xbf\xbf\"", "\"\xe2\x82\"",
		"\"\x80\"", "\"\\\xf0\x9f\x8c\x80\"", "{\"\xff\":1}", "\"\\ud800\\u00\""};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(slice_str(bad[i]), ERR_INVALID);
}

static void
well_formed_texts_are_accepted(void **state)
{
	(void)state;
	static const char *const good[] = {"0", "-0", "1", "-1", "0.5", "-0.5e-10", "1E+2", "1e2",
		"0e+1", "0E1", "123123e100000", "1e999", "-1e-999", "100000000000000000000000",
		"0.000000000000000000000000000000000000000000000000000000000001", "true", "false",
		"null", "\"\"", "\"a\"", "[]", "{}", "[[]]", "[{}]", "{\"\":0}", "{\"a\":[]}",
		" [ ] ", "\t\r\n {} \n", "[null,1,\"1\",{}]", "{\"a\":1,\"A\":2}",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0060\\u012a\\u12AB\"", "\"\\ud834\\udd1e\"",
		"\"\\uDBFF\\uDFFF\"", "\"\\uffff\"", "\"\xf0\x9b\xbf\xbf\"", "\"\xef\xbf\xbf\"",
		"\"\x7f\"", "\"\xe2\x80\xa8\"", "\"/*a*/\"", "[1\n]", "[ 1]", "[2] ", "\"\\u0022\"",
		"\"\\u005C\"", "\"\\\\u0000\"", "\"\\\\a\"", "{\"a\":\"\xd0\x90\"}", "\"\\uFFFE\"",
		"\"\\u200B\"", "\"\xef\xbb\xbf\""};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!parse(good[i], false))
			fail_msg("refused: %s: %s", good[i], e.message);
}

static void
duplicate_names_are_refused_however_they_are_spelt(void **state)
{
	(void)state;
	struct buf text;

	refused(slice_str("{\"a\":1,\"a\":1}"), ERR_INVALID);
	refused(slice_str("{\"a\":1,\"b\":2,\"\\u0061\":3}"), ERR_INVALID);
	refused(slice_str("{\"x\":{\"\":1,\"\":2}}"), ERR_INVALID);
	buf_init(&text, &arena, 1 << 20);
	buf_puts(&text, "{\"n0\":0");
	for (int i = 1; i < 20000; i++)
		buf_printf(&text, ",\"n%d\":0", i);
	const struct json *many = parse(arena_printf(&arena, "%s}", buf_text(&text)), false);
	assert_non_null(many);
	assert_int_equal(many->count, 20000);
	refused(slice_str(arena_printf(&arena, "%s,\"n77\":1}", buf_text(&text))), ERR_INVALID);
}

static void
limits_hold(void **state)
{
	(void)state;
	char deep[20001];
	struct json_limits limits = {.max_bytes = 10, .max_depth = 2, .max_nodes = 3};

	memset(deep, '[', 10000);
	memset(deep + 10000, ']', 10000);
	deep[20000] = '\0';
	refused(slice_str(deep), ERR_LIMIT);
	refused(slice_of(deep, 10000), ERR_LIMIT);
	for (size_t i = 0; i + 5 <= 20000; i += 5)
		memcpy(deep + i, "{\"a\":", 5);
	refused(slice_str(deep), ERR_LIMIT);
	assert_null(json_parse(&arena, slice_str("[         ]"), &limits, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_null(json_parse(&arena, slice_str("[[[]]]"), &limits, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_non_null(json_parse(&arena, slice_str("[[1]]"), &limits, &e));
	assert_non_null(json_parse(&arena, slice_str("[1,2]"), &limits, &e));
	assert_null(json_parse(&arena, slice_str("[1,2,3]"), &limits, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	// A caller cannot ask for a depth that would exhaust the stack.
	limits = (struct json_limits){.max_depth = SIZE_MAX};
	memset(deep, '[', 20000);
	assert_null(json_parse(&arena, slice_str(deep), &limits, &e));
	assert_int_equal(e.code, ERR_LIMIT);
}

static void
errors_name_line_and_column_of_the_original_text(void **state)
{
	(void)state;
	assert_null(parse("{\n  \"a\\n\\n\": 1,\n  \"b\" 2}", false));
	assert_string_equal(e.message, "JSON line 3 column 7: ':' was expected");
}

static void
strings_are_unescaped_to_utf8(void **state)
{
	(void)state;
	const struct json *v =
		parse("{\"t\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20AC\\uD83D\\udea2z\"}", false);

	assert_string_equal(json_str(v, "t"), "a\"\\/\b\f\n\r\t\xe2\x82\xac\xf0\x9f\x9a\xa2z");
	assert_int_equal(json_get(v, "t")->len, strlen(json_str(v, "t")));
}

static void
lenient_reads_what_powershell_modules_send(void **state)
{
	(void)state;
	const struct json *v =
		parse("{ userPrincipalName: \"x\", @odata.type: \"#t\", groupTag:\"y\", }", true);

	assert_non_null(v);
	assert_int_equal(v->count, 3);
	assert_string_equal(json_str(v, "groupTag"), "y");
	assert_string_equal(json_str(v, "@odata.type"), "#t");
	assert_non_null(parse("[1,2,]", true));
	static const char *const bad[] = {"{,}", "[,]", "{a b:1}", "{a:b}", "['a']", "[1,,]",
		"{:1}", "{a:1,a:2}", "{\"a\":1,a:2}", "{a:1,,}"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_null(parse(bad[i], true));
}

static void
lookups_can_be_chained_and_have_defaults(void **state)
{
	(void)state;
	const struct json *v =
		parse("{\"n\":42,\"neg\":-9223372036854775808,\"big\":9223372036854775808,"
		      "\"f\":1.5,\"b\":true,\"s\":\"t\",\"o\":{\"i\":1},\"z\":null}",
			false);

	assert_int_equal(json_int(v, "n", 7), 42);
	assert_true(json_int(v, "neg", 7) == INT64_MIN);
	assert_int_equal(json_int(v, "big", 7), 7);
	assert_int_equal(json_int(v, "f", 7), 7);
	assert_int_equal(json_int(v, "s", 7), 7);
	assert_int_equal(json_int(json_get(v, "o"), "i", 7), 1);
	assert_int_equal(json_int(json_get(json_get(v, "no"), "way"), "i", 7), 7);
	assert_null(json_get(json_get(v, "s"), "x"));
	assert_true(json_bool(v, "b", false));
	assert_true(json_bool(v, "n", true));
	assert_null(json_str(v, "n"));
	assert_null(json_str(v, "z"));
	assert_null(json_str(NULL, "z"));
}

static void
needed_members_are_named_when_they_are_wrong(void **state)
{
	(void)state;
	const struct json *v = parse(
		"{\"s\":\"abc\",\"empty\":\"\",\"n\":1,\"z\":null,\"b\":\"aGk=\",\"c\":\"aGk\"}",
		false);
	const char *s = "untouched";
	struct slice bytes;

	assert_true(json_need_str(v, "s", 3, &s, &e));
	assert_string_equal(s, "abc");
	static const char *const bad[] = {"s", "empty", "n", "z", "absent"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(json_need_str(v, bad[i], 2, &s, &e));
		assert_int_equal(e.code, ERR_INVALID);
		assert_non_null(strstr(e.message, bad[i]));
	}
	assert_string_equal(s, "abc");
	assert_true(json_need_b64(&arena, v, "b", 2, &bytes, &e));
	assert_true(slice_is(bytes, "hi"));
	assert_false(json_need_b64(&arena, v, "b", 1, &bytes, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(json_need_b64(&arena, v, "c", 9, &bytes, &e));
	assert_false(json_need_b64(&arena, v, "empty", 9, &bytes, &e));
}

static void
the_writer_escapes_and_separates(void **state)
{
	(void)state;
	struct buf out;

	buf_init(&out, &arena, 4096);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "s", "q\"b\\\b\f\n\r\t\x01\x1f\x7f<>&/\xe2\x80\xa8");
	jsonw_str(&w, "null", NULL);
	jsonw_text(&w, "bad\"name", slice_of("a\0\xff\xc3z", 5));
	jsonw_array(&w, "a");
	jsonw_array(&w, NULL);
	jsonw_end_array(&w);
	jsonw_object(&w, NULL);
	jsonw_end_object(&w);
	jsonw_int(&w, NULL, INT64_MIN);
	jsonw_end_array(&w);
	jsonw_bool(&w, "t", true);
	jsonw_b64(&w, "b", slice_str("hi"));
	jsonw_raw(&w, "r", "{\"x\":1}");
	jsonw_end_object(&w);
	assert_string_equal(buf_text(&out),
		"{\"s\":\"q\\\"b\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f<>&/"
		"\xe2\x80\xa8\",\"null\":null,"
		"\"bad\\\"name\":\"a\\u0000\xef\xbf\xbd\xef\xbf\xbdz\",\"a\":[[],{},-"
		"9223372036854775808],"
		"\"t\":true,\"b\":\"aGk=\",\"r\":{\"x\":1}}");
}

static void
doubles_read_back_as_themselves(void **state)
{
	(void)state;
	static const double values[] = {
		0.1, 1.0, -1.5, 1e300, DBL_MIN, DBL_MAX, 1.0 / 3, 123456789.125};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct buf out;
		buf_init(&out, &arena, 64);
		struct jsonw w = jsonw_on(&out);
		jsonw_double(&w, NULL, values[i]);
		const struct json *v = parse(buf_text(&out), false);
		assert_non_null(v);
		assert_true(strtod(v->text, NULL) == values[i]);
	}
	struct buf out;
	buf_init(&out, &arena, 64);
	struct jsonw w = jsonw_on(&out);
	jsonw_double(&w, NULL, (double)NAN);
	assert_string_equal(buf_text(&out), "null");
}

static void
a_parsed_value_is_copied_as_it_was(void **state)
{
	(void)state;
	const char *text = "{\"a\":[1e999,-0.10,\"x\\u20ac\",true,null,{}],\"b\":{\"c\":[]}}";
	struct buf out;

	buf_init(&out, &arena, 4096);
	struct jsonw w = jsonw_on(&out);
	jsonw_value(&w, NULL, parse(text, false));
	assert_string_equal(buf_text(&out),
		"{\"a\":[1e999,-0.10,\"x\xe2\x82\xac\",true,null,{}],\"b\":{\"c\":[]}}");
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
		cmocka_unit_test_setup(malformed_texts_are_refused, reset),
		cmocka_unit_test_setup(malformed_numbers_are_refused, reset),
		cmocka_unit_test_setup(malformed_strings_are_refused, reset),
		cmocka_unit_test_setup(well_formed_texts_are_accepted, reset),
		cmocka_unit_test_setup(duplicate_names_are_refused_however_they_are_spelt, reset),
		cmocka_unit_test_setup(limits_hold, reset),
		cmocka_unit_test_setup(errors_name_line_and_column_of_the_original_text, reset),
		cmocka_unit_test_setup(strings_are_unescaped_to_utf8, reset),
		cmocka_unit_test_setup(lenient_reads_what_powershell_modules_send, reset),
		cmocka_unit_test_setup(lookups_can_be_chained_and_have_defaults, reset),
		cmocka_unit_test_setup(needed_members_are_named_when_they_are_wrong, reset),
		cmocka_unit_test_setup(the_writer_escapes_and_separates, reset),
		cmocka_unit_test_setup(doubles_read_back_as_themselves, reset),
		cmocka_unit_test_setup(a_parsed_value_is_copied_as_it_was, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
