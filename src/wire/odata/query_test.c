// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/odata/query.h"

static void
mistakes_of_a_query_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *says;
	} cases[] = {
		{"$top=0", "$top must be a number from 1 to 999999"},
		{"$top=1000000", "$top must be a number"},
		{"$top=-1", "$top must be a number"},
		{"$top=", "$top must be a number"},
		{"$top", "$top must be a number"},
		{"$top=1x", "$top must be a number"},
		{"$skip=-1", "$skip must be a number"},
		{"$skip=99999999999999999999", "$skip must be a number"},
		{"$top=1&$top=2", "query column 8: $top is given twice"},
		{"$top=1&%24TOP=2", "query column 8: $top is given twice"},
		{"$count=yes", "$count must be true or false"},
		{"$apply=x", "query column 1: the query option $apply is not supported"},
		{"a=1&$deltatoken=x", "query column 5: the query option $deltatoken"},
		{"$filter=%zz", "query column 9: %"},
		{"$filter=%4", "query column 9: %"},
		{"$filter=%00", "query column 9: this is not UTF-8"},
		{"$filter=%c3", "query column 9: this is not UTF-8"},
		{"$filter=", "$filter column 1: a condition"},
		{"$filter=a%20eq", "$filter column 5: a condition"},
		{"$select=a,", "$select column 3: the name of a property"},
		{"$select=,a", "$select column 1: the name of a property"},
		{"$select=a b", "$select column 3: , or the end"},
		{"$select='a'", "$select column 1: the name of a property"},
		{"$orderby=", "$orderby column 1: the name of a property"},
		{"$orderby=a down", "$orderby column 3: asc, desc"},
		{"$orderby=a,", "$orderby column 3: the name of a property"},
		{"$expand=*", "$expand column 1: * is not supported"},
		{"$expand=a(", "$expand column 2: this parenthesis is not closed"},
		{"$expand=a($filter=b eq ')')(", "$expand column 20: , or the end"},
		{"$expand=a(top=1)", "$expand column 3: 'top=1' is not an option"},
		{"$expand=a($top)", "'$top' is not an option"},
		{"$expand=a($skiptoken=x)", "$skiptoken is not supported"},
		{"$expand=a($filter=)", "$expand column 3: $filter column 1: a condition"},
		{"$expand=a($expand=b($expand=c($expand=d($expand=e($top=1)))))",
			"nested deeper than 4"},
		{"$search=", "$search is empty"},
		{"$skiptoken=", "$skiptoken is empty"},
		{"$format=xml", "$format can only be json"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		struct odata_query *q;
		if (odata_query_parse(&arena, slice_str(cases[i].raw), &q, &e))
			fail_msg("%s: accepted", cases[i].raw);
		if (!strstr(e.message, cases[i].says))
			fail_msg("%s: %s, expected %s", cases[i].raw, e.message, cases[i].says);
	}
}

static struct odata_query *
parsed(struct arena *arena, const char *raw)
{
	struct odata_query *q;
	struct error e = {0};

	if (!odata_query_parse(arena, slice_str(raw), &q, &e))
		fail_msg("%s: %s", raw, e.message);
	return q;
}

static void
an_empty_query_asks_for_everything(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const char *const raws[] = {"", "&", "client-request-id=1&x=%zz",
		"$select=", "$select=*", "$select=a,*", "$expand=", "$format=json",
		"top=1&filter=x"};

	for (size_t i = 0; i < sizeof raws / sizeof *raws; i++) {
		struct odata_query *q = parsed(&arena, raws[i]);
		assert_int_equal(q->top, -1);
		assert_int_equal(q->skip, 0);
		assert_int_equal(q->select_count, 0);
		assert_int_equal(q->expand_count, 0);
		assert_null(q->filter);
		assert_false(q->count);
	}
}

static void
options_are_read_percent_encoded_and_in_any_case(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct odata_query *q = parsed(&arena,
		"%24TOP=5&$Skip=10&%24filter=contains(serialNumber%2C'a%26b+c')&$count=TRUE"
		"&$skiptoken=abc-_&$search=%22displayName:x%22&$orderBy=a/b+desc,c+ASC,d"
		"&$select=id,%20a/b");

	assert_int_equal(q->top, 5);
	assert_int_equal(q->skip, 10);
	assert_true(q->count);
	assert_string_equal(q->skiptoken, "abc-_");
	assert_string_equal(q->search, "\"displayName:x\"");
	assert_string_equal(
		odata_filter_print(&arena, q->filter), "contains(serialNumber,'a&b c')");
	assert_string_equal(odata_order_print(&arena, q), "a/b desc,c,d");
	assert_int_equal(q->select_count, 2);
	assert_string_equal(q->select[1].names[1], "b");
}

static void
expand_has_options_of_its_own(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct odata_query *q = parsed(&arena,
		"$expand=deploymentProfile,assignments($select=id,target;$filter=a eq ';)';"
		"$top=3;$expand=x($select=y)),policyStatusDetails()&$top=1");

	assert_int_equal(q->top, 1);
	assert_int_equal(q->expand_count, 3);
	struct odata_query *inner = q->expand[1].options;
	assert_int_equal(inner->select_count, 2);
	assert_int_equal(inner->top, 3);
	assert_string_equal(odata_filter_print(&arena, inner->filter), "a eq ';)'");
	assert_string_equal(inner->expand[0].options->select[0].names[0], "y");
	assert_int_equal(q->expand[0].options->top, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_of_a_query_are_refused),
		cmocka_unit_test(an_empty_query_asks_for_everything),
		cmocka_unit_test(options_are_read_percent_encoded_and_in_any_case),
		cmocka_unit_test(expand_has_options_of_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
