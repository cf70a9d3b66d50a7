// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "codec/json.h"
#include "wire/odata/eval.h"
#include "wire/odata/test_types.h"

static const char device_text[] =
	"{\"@odata.type\":\"#microsoft.graph.hybridDevice\",\"id\":\"d-1\",\"displayName\":\"PC-"
	"Bär\","
	"\"serialNumber\":null,\"enabled\":false,\"score\":60,\"ratio\":1.5,"
	"\"created\":\"2026-01-02T03:04:05Z\",\"deviceId\":\"00000000-0000-0000-0000-"
	"00000000000a\","
	"\"timeout\":\"PT60M\",\"state\":\"pendingReset\",\"physicalIds\":[\"[ZTDID]:1\",\"[GID]:"
	"2\"],"
	"\"screens\":[{\"minutes\":5},{\"minutes\":50}],\"note\":{\"minutes\":7},\"skipCheck\":"
	"true,"
	"\"assignments\":[{\"id\":\"a\"}]}";

static struct odata_query *
bound(struct arena *arena, const char *raw)
{
	struct error e = {0};
	struct odata_query *q;

	if (!odata_query_parse(arena, slice_str(raw), &q, &e) ||
		!odata_bind(arena, q, &base_device, ODATA_BETA, &e))
		fail_msg("%s: %s", raw, e.message);
	return q;
}

static const struct json *
document(struct arena *arena, const char *text)
{
	struct error e = {0};
	const struct json *object = json_parse(arena, slice_str(text), NULL, &e);

	if (!object)
		fail_msg("%s", e.message);
	return object;
}

static void
check(const char *const *filters, size_t count, const char *option, bool expected)
{
	for (size_t i = 0; i < count; i++) {
		autoarena(arena, ARENA_SMALL);
		const struct json *object = document(&arena, device_text);
		char *raw = arena_printf(&arena, "%s=%s", option, filters[i]);
		if (odata_query_matches(bound(&arena, raw), &base_device, object) != expected)
			fail_msg("%s: expected %s", raw, expected ? "a match" : "none");
	}
}

static void
filters_that_do_not_match(void **state)
{
	(void)state;
	static const char *const filters[] = {"displayName eq 'PC'", "displayName ne 'pc-bär'",
		"serialNumber eq ''", "serialNumber ne null", "contains(serialNumber,'')",
		"startswith(serialNumber,'x')", "serialNumber gt 'a'", "serialNumber le 'a'",
		"startswith(displayName,'bär')", "endswith(displayName,'PC-Bär-')",
		"contains(displayName,'PC-Bär ')", "enabled", "enabled eq true", "score gt 60",
		"score lt 60", "score eq 60.5", "score in (1,2)", "ratio gt 1.5",
		"created lt 2026-01-02T03:04:05Z", "created gt 2026-01-02T03:04:05Z",
		"state eq 'failed'", "state gt 'failed'", "physicalIds/any(p:p eq '[ZTDID]')",
		"physicalIds/all(p:startswith(p,'[Z'))", "physicalIds/$count eq 0",
		"screens/any(s:s/minutes eq 6)", "isof('microsoft.graph.cloudDevice')",
		"note eq null", "groupTag eq 'x'", "length(serialNumber) eq 0",
		"assignments/$count eq 0", "not (score eq 60 or enabled)", "false",
		"screens/all(s:s/minutes gt 5)", "timeout gt duration'PT1H'"};

	check(filters, sizeof filters / sizeof *filters, "$filter", false);
}

static void
filters_that_match(void **state)
{
	(void)state;
	static const char *const filters[] = {"displayName eq 'pc-bär'", "serialNumber eq null",
		"serialNumber ne 'x'", "not contains(serialNumber,'x')", "groupTag eq null",
		"groupTag eq serialNumber", "contains(displayName,'C-B')",
		"startswith(displayName,'pc-')", "endswith(displayName,'')",
		"tolower(displayName) eq 'pc-bär'", "toupper(displayName) eq 'pc-bär'",
		"length(displayName) eq 6", "not enabled", "enabled eq false", "score eq 60",
		"score ge 60 and score le 60", "score lt 60.5", "score in (1,60)", "ratio eq 1.5",
		"ratio lt 2", "created eq 2026-01-02T04:04:05%2B01:00", "created gt 2026-01-02",
		"deviceId eq 00000000-0000-0000-0000-00000000000A", "timeout eq duration'PT1H'",
		"state eq 'pendingReset'", "state gt 'enrolled'",
		"state in ('failed','pendingReset')", "physicalIds/any(p:startswith(p,'[ztdid]'))",
		"physicalIds/any(p:p eq '[gid]:2') and physicalIds/any()",
		"physicalIds/all(p:contains(p,':'))", "physicalIds/$count eq 2",
		"screens/any(s:s/minutes gt 49)", "screens/all(s:s/minutes ge 5)",
		"screens/any(s:physicalIds/any(p:s/minutes eq 5 and endswith(p,'2')))",
		"isof('microsoft.graph.hybridDevice')", "isof('microsoft.graph.device')",
		"microsoft.graph.hybridDevice/skipCheck eq true",
		"microsoft.graph.cloudDevice/displayName eq null", "note ne null",
		"note/minutes eq 7", "setting/minutes eq 60", "assignments/any(a:a/id eq 'A')",
		"startswith(displayName,'PC') eq true", "(score eq 1) eq false", "true",
		"score eq 1 or score eq 2 or score eq 60", "$it/score eq 60", "'a' lt displayName"};

	check(filters, sizeof filters / sizeof *filters, "$filter", true);
}

static void
searches_match_parts_of_texts(void **state)
{
	(void)state;
	static const char *const yes[] = {
		"bär", "\"displayName:pc\"", "\"displayName:x\" OR pc", "pc bär", "NOT nix"};
	static const char *const no[] = {"nix", "\"serialNumber:pc\"", "pc AND nix", "NOT pc"};

	check(yes, sizeof yes / sizeof *yes, "$search", true);
	check(no, sizeof no / sizeof *no, "$search", false);
}

static void
lists_that_are_absent_are_empty(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const struct json *object = document(&arena, "{}");
	static const struct {
		const char *filter;
		bool matches;
	} cases[] = {{"physicalIds/any()", false}, {"physicalIds/all(p:p eq 'x')", true},
		{"physicalIds/$count eq 0", true}, {"enabled", true}, {"state eq 'unknown'", true},
		{"score eq null", true}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *raw = arena_printf(&arena, "$filter=%s", cases[i].filter);
		assert_int_equal(odata_query_matches(bound(&arena, raw), &base_device, object),
			cases[i].matches);
	}
}

static void
sorting_is_stable_with_nulls_first(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *order;
	} cases[] = {
		{"", "12345"},
		{"$orderby=displayName", "23154"},
		{"$orderby=displayName desc", "41523"}, // equal ones keep their order
		{"$orderby=score", "35124"},
		{"$orderby=score desc,displayName desc", "41253"},
		{"$orderby=state", "12453"},
	};
	autoarena(arena, ARENA_SMALL);
	const struct json *list = document(&arena,
		"[{\"id\":\"1\",\"displayName\":\"b\",\"score\":2},"
		"{\"id\":\"2\",\"displayName\":\"A\",\"score\":2},"
		"{\"id\":\"3\",\"displayName\":\"a\",\"state\":\"failed\"},"
		"{\"id\":\"4\",\"displayName\":\"c\",\"score\":10},"
		"{\"id\":\"5\",\"displayName\":\"B\",\"score\":1,\"state\":\"enrolled\"}]");

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct json *objects[5];
		char order[6] = "";
		size_t n = 0;
		for (const struct json *o = list->first; o; o = o->next)
			objects[n++] = o;
		odata_sort(&arena, objects, n, bound(&arena, cases[i].raw), &base_device);
		for (n = 0; n < 5; n++)
			order[n] = *json_str(objects[n], "id");
		if (strcmp(order, cases[i].order) != 0)
			fail_msg("%s: %s, expected %s", cases[i].raw, order, cases[i].order);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_that_do_not_match),
		cmocka_unit_test(filters_that_match),
		cmocka_unit_test(searches_match_parts_of_texts),
		cmocka_unit_test(lists_that_are_absent_are_empty),
		cmocka_unit_test(sorting_is_stable_with_nulls_first),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
