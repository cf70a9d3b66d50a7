// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "wire/odata/query.h"

static const struct {
	const char *text;
	int column;
	const char *says, *hint;
} mistakes[] = {
	{"", 1, "a condition is expected", ""},
	{"   ", 4, "a condition is expected", ""},
	{"a eq", 5, "a condition is expected", ""},
	{"a eq 'x", 6, "no closing quote", "doubled"},
	{"a eq 'x''", 6, "no closing quote", ""},
	{"a eq \"x\"", 6, "unexpected character", "single straight quotes"},
	{"a eq \xe2\x80\x98x", 6, "unexpected character", "single straight quotes"},
	{"\xc3\xa4 eq 'x'", 1, "unexpected character", ""},
	{"a eq '\xc3\xa4' und b", 10, "and, or or the end", ""},
	{"a = 1", 3, "unexpected character", ""},
	{"a eq 1 b", 8, "and, or or the end", ""},
	{"a like 'x'", 3, "and, or or the end", "eq, ne"},
	{"a eq 1 and", 11, "a condition is expected", ""},
	{"and a eq 1", 5, "and, or or the end", ""},
	{"(a eq 1", 8, ") is expected", ""},
	{"a eq 1)", 7, "and, or or the end", ""},
	{"not", 4, "a condition is expected", ""},
	{"a in 'x'", 6, "( and a list", ""},
	{"a in ()", 7, "a value such as", ""},
	{"a in ('x',)", 11, "a value such as", ""},
	{"a in ('x' 'y')", 11, ", or )", ""},
	{"a in (b)", 7, "a value such as", ""},
	{"a has microsoft.graph.t'x'", 3, "has is for enumerations", "eq 'member'"},
	{"a add 1 eq 2", 3, "the operator add is not supported", "possible"},
	{"substringof('x',a)", 1, "OData 2", "contains(property,'text')"},
	{"year(a) eq 2026", 1, "function year is not supported", "possible: contains"},
	{"containz(a,'x')", 1, "unknown function containz", "possible: contains"},
	{"contains(a)", 11, ", is expected", ""},
	{"contains(a,'x'", 15, ") is expected", ""},
	{"contains(a,'x','y')", 15, ") is expected", ""},
	{"contains a", 10, "and, or or the end", ""},
	{"isof()", 6, "the name of a type", "isof('microsoft"},
	{"isof(a)", 7, ", is expected", ""},
	{"isof(a/$count,'t')", 14, "isof needs a property", ""},
	{"a/ eq 1", 7, "and, or or the end", ""},
	{"a/", 3, "the name of a property", ""},
	{"/a eq 1", 1, "a condition is expected", ""},
	{"a/b/c/d/e/f/g/h/i eq 1", 17, "at most 8", ""},
	{"a/$ref eq 1", 3, "$ref is not possible here", ""},
	{"a/$count/b eq 1", 9, "and, or or the end", ""},
	{"$it eq 1", 5, "$it is followed by", ""},
	{"a/any(x)", 8, ": is expected", ""},
	{"a/any(x:)", 9, "a condition is expected", ""},
	{"a/all()", 7, "a variable is expected", "any(x:x"},
	{"a/any('x':x eq 1)", 7, "a variable is expected", ""},
	{"a/any(x:x eq 1", 15, ") is expected", ""},
	{"a/any(x:x/any(x:x eq 1))", 15, "in use already", ""},
	{"a/any eq 1 eq", 12, "and, or or the end", ""},
	{"a eq 2026-02-30", 6, "not a date", "%2B"},
	{"a eq 2026-13-01T00:00:00Z", 6, "not a date", ""},
	{"a eq 2026-01-02T03:04:05", 6, "not a date", ""},
	{"a eq 2026-01-02T25:04:05Z", 6, "not a date", ""},
	{"a eq 2026-01-02T03:04:05.Z", 6, "not a date", ""},
	{"a eq 12abc", 6, "not a number", ""},
	{"a eq -", 6, "not a number", ""},
	{"a eq 1.", 6, "not a number", ""},
	{"a eq 99999999999999999999", 6, "too large", ""},
	{"a eq 1e999", 6, "too large", ""},
	{"a eq duration'1H'", 6, "not a duration", "PT1H30M"},
	{"a eq duration'PT1M1H'", 6, "not a duration", ""},
	{"a eq datetime'2026-01-02'", 6, "not a literal of OData 4", "without quotes"},
	{"a eq guid'x'", 6, "not a literal of OData 4", ""},
};

static void
mistakes_are_named_with_their_column(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		struct odata_node *node;
		if (odata_filter_parse(&arena, mistakes[i].text, &node, &e))
			fail_msg("%s: accepted", mistakes[i].text);
		char *where = arena_printf(&arena, "$filter column %d: ", mistakes[i].column);
		if (!str_starts(e.message, where) || !strstr(e.message, mistakes[i].says) ||
			!strstr(e.hint, mistakes[i].hint))
			fail_msg("%s: %s (%s), expected %s%s", mistakes[i].text, e.message, e.hint,
				where, mistakes[i].says);
	}
}

static char *
repeated(struct arena *arena, const char *piece, size_t times, const char *end)
{
	struct buf b;

	buf_init(&b, arena, 1 << 19);
	for (size_t i = 0; i < times; i++)
		buf_puts(&b, piece);
	buf_puts(&b, end);
	return arena_strdup(arena, buf_text(&b));
}

static void
filters_that_are_too_long_deep_or_large_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *piece;
		size_t times;
		const char *end;
		bool ok;
	} cases[] = {
		{"(", 31, "a)", false},
		{"(", 5000, "a", false},
		{"not ", 32, "a eq 1", false},
		{"not ", 31, "a", true},
		{"tolower(", 40, "a", false},
		{"a or ", 498, "a", true},
		{"a or ", 499, "a", false},
		{" ", 4090, "a eq 1", true},
		{" ", 4091, "a eq 1", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_REQUEST);
		struct error e = {0};
		struct odata_node *node;
		char *text = repeated(&arena, cases[i].piece, cases[i].times, cases[i].end);
		bool ok = odata_filter_parse(&arena, text, &node, &e);
		if (ok != cases[i].ok)
			fail_msg("case %zu: %s", i, ok ? "accepted" : e.message);
		if (!ok && i != 0)
			assert_int_equal(e.code, ERR_LIMIT);
	}
}

static const char *const forms[][2] = {
	{"a eq 'x'", "a eq 'x'"},
	{"A EQ 'it''s' ", "A eq 'it''s'"},
	{"a NE null", "a ne null"},
	{"a gt 1 and b ge -2 or c lt 1.5 and d le 1e3",
		"a gt 1 and b ge -2 or c lt 1.5 and d le 1e3"},
	{"(a eq 1 or b eq 2) and c eq 3", "(a eq 1 or b eq 2) and c eq 3"},
	{"((a eq 1))", "a eq 1"},
	{"a and (b and c)", "a and (b and c)"},
	{"a or (b or c)", "a or (b or c)"},
	{"a or (b and c)", "a or b and c"},
	{"not a eq 1", "not (a eq 1)"},
	{"NOT(a eq 1) and b", "not (a eq 1) and b"},
	{"not not a", "not (not (a))"},
	{"a in ('x', 'y',1)", "a in ('x','y',1)"},
	{"startsWith(a, 'x') eq TRUE", "startswith(a,'x') eq true"},
	{"(a eq 1) eq false", "(a eq 1) eq false"},
	{"endswith( tolower(a),'x')", "endswith(tolower(a),'x')"},
	{"contains(toUpper(a),'X')", "contains(toupper(a),'X')"},
	{"length(a) gt 3", "length(a) gt 3"},
	{"isof('microsoft.graph.x')", "isof('microsoft.graph.x')"},
	{"isof(microsoft.graph.x)", "isof('microsoft.graph.x')"},
	{"isof(a/b,'microsoft.graph.x')", "isof(a/b,'microsoft.graph.x')"},
	{"physicalIds/any(p:startswith(p,'[ZTDID]'))",
		"physicalIds/any(p:startswith(p,'[ZTDID]'))"},
	{"groupTypes/ANY(c:c eq 'DynamicMembership')",
		"groupTypes/any(c:c eq 'DynamicMembership')"},
	{"a/any()", "a/any()"},
	{"a/all(x:x/b/any(y:y eq x/c))", "a/all(x:x/b/any(y:y eq x/c))"},
	{"assignments/$count eq 0", "assignments/$count eq 0"},
	{"templateReference/TemplateId eq 'x'", "templateReference/TemplateId eq 'x'"},
	{"microsoft.graph.x/prop eq true", "microsoft.graph.x/prop eq true"},
	{"$it/a eq 1", "a eq 1"},
	{"a eq 2026-01-02T03:04:05Z", "a eq 2026-01-02T03:04:05Z"},
	{"a eq 2026-01-02T03:04:05.1234567+02:00", "a eq 2026-01-02T01:04:05.123456Z"},
	{"a eq 2026-01-02T03:04Z", "a eq 2026-01-02T03:04:00Z"},
	{"a eq 2024-02-29", "a eq 2024-02-29T00:00:00Z"},
	{"a eq 0001-01-01T00:00:00Z", "a eq 0001-01-01T00:00:00Z"},
	{"a eq ABCDEF01-2345-6789-abcd-ef0123456789", "a eq abcdef01-2345-6789-abcd-ef0123456789"},
	{"a eq 12345678-2345-6789-abcd-ef0123456789", "a eq 12345678-2345-6789-abcd-ef0123456789"},
	{"a eq duration'P1DT1H2M3.5S'", "a eq duration'P1DT3723.500000S'"},
	{"a eq duration'-PT1H'", "a eq duration'-P0DT3600.000000S'"},
	{"a eq microsoft.graph.t'x'", "a eq microsoft.graph.t'x'"},
	{"'x' eq a", "'x' eq a"},
	{"true", "true"},
};

static void
every_production_has_one_canonical_form_that_reads_the_same(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		struct odata_node *node;
		if (!odata_filter_parse(&arena, forms[i][0], &node, &e))
			fail_msg("%s: %s", forms[i][0], e.message);
		const char *text = odata_filter_print(&arena, node);
		assert_string_equal(text, forms[i][1]);
		if (!odata_filter_parse(&arena, text, &node, &e))
			fail_msg("%s: %s", text, e.message);
		assert_string_equal(odata_filter_print(&arena, node), text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_named_with_their_column),
		cmocka_unit_test(filters_that_are_too_long_deep_or_large_are_refused),
		cmocka_unit_test(every_production_has_one_canonical_form_that_reads_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
