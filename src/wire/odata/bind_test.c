// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/odata/test_types.h"

static bool
bound(struct arena *arena, const char *raw, enum odata_version version, struct odata_query **q,
	struct error *e)
{
	*e = (struct error){0};
	if (!odata_query_parse(arena, slice_str(raw), q, e))
		fail_msg("%s: %s", raw, e->message);
	return odata_bind(arena, *q, &base_device, version, e);
}

static const struct {
	const char *raw, *says, *hint;
} misfits[] = {
	{"$filter=serialNumbr eq 'x'",
		"$filter column 1: Could not find a property named 'serialNumbr' on type "
		"'microsoft.graph.device'.",
		"near: serialNumber"},
	{"$filter=name eq 'x'", "named 'name' on type", "near: displayName"},
	{"$filter=skipCheck eq true", "named 'skipCheck' on type",
		"write microsoft.graph.hybridDevice/skipCheck"},
	{"$filter=hash eq 'x'", "property hash cannot be used in $filter",
		"usable: id, displayName"},
	{"$filter=setting/minutes eq 'x'", "minutes is compared with a number", ""},
	{"$filter=note/userType eq 'x'", "property userType cannot be used", "minutes"},
	{"$filter=owner/id eq 'x'", "property owner cannot be used", ""},
	{"$filter=displayName/x eq 1", "displayName has no properties of its own", ""},
	{"$filter=physicalIds eq 'x'", "physicalIds is a list", "physicalIds/any(x:x eq"},
	{"$filter=screens/minutes eq 1", "screens is a list", "screens/any(x:x/minutes"},
	{"$filter=displayName/any(x:x eq 1)", "displayName is not a list", ""},
	{"$filter=displayName/$count eq 1", "displayName is not a list", ""},
	{"$filter=physicalIds/any(x:x/y eq 1)", "x has no properties of its own", ""},
	{"$filter=physicalIds/any(x:x/any())", "physicalIds is not a list", ""},
	{"$filter=physicalIds/any(x:x)", "a value, not a condition", ""},
	{"$filter=microsoft.graph.other/id eq 'x'", "not a type derived from", ""},
	{"$filter=microsoft.graph.hybridDevice eq null", "a property is expected", ""},
	{"$filter=displayName", "a value, not a condition", "property eq 'text'"},
	{"$filter=displayName and enabled", "a value, not a condition", ""},
	{"$filter=displayName eq 5", "displayName is compared with a text", ""},
	{"$filter=enabled eq 1", "enabled is compared with true or false", ""},
	{"$filter=enabled gt true", "have no order", ""},
	{"$filter=score eq 'x'", "score is compared with a number", ""},
	{"$filter=score gt null", "have no order", ""},
	{"$filter=created gt 5", "created is compared with a date", ""},
	{"$filter=created gt 'gestern'", "created is compared with a date", ""},
	{"$filter=deviceId eq 'x'", "deviceId is compared with a GUID", ""},
	{"$filter=timeout eq 5", "timeout is compared with a duration", ""},
	{"$filter=state eq 'gone'", "'gone' is not a member of",
		"members: unknown, enrolled, pendingReset, failed"},
	{"$filter=state eq 9", "is not a member of", ""},
	{"$filter=state eq microsoft.graph.other'failed'", "state is of the type", ""},
	{"$filter=state in ('failed','gone')", "'gone' is not a member of", ""},
	{"$filter=contains(state,'e')", "state is not a text", ""},
	{"$filter=contains(displayName,5)", "a text such as", ""},
	{"$filter=length(displayName) eq 'x'", "cannot be compared", ""},
	{"$filter=displayName eq score", "cannot be compared", ""},
	{"$filter=note eq 'x'", "note is compared with null", ""},
	{"$filter=isof('microsoft.graph.x')", "'microsoft.graph.x' is not a type derived",
		"types: microsoft.graph.hybridDevice, microsoft.graph.cloudDevice"},
	{"$filter=isof(displayName,'x')", "isof needs a property that is an object", ""},
	{"$select=nix", "$select column 1: Could not find a property named 'nix'", ""},
	{"$select=id,displayName/x", "$select column 4: displayName has no", ""},
	{"$orderby=groupTag", "property groupTag cannot be used in $orderby",
		"usable: id, displayName"},
	{"$orderby=physicalIds", "cannot be used in $orderby", ""},
	{"$expand=setting", "property setting cannot be expanded", "usable: assignments, owner"},
	{"$expand=assignments($select=x)", "$expand=assignments: $select column 1: Could not find",
		""},
	{"$search=\"groupTag:x\"", "cannot be searched", "displayName, serialNumber"},
	{"$search=\"x", "no closing quote", ""},
	{"$search=a AND", "a text to search for", ""},
	{"$search=OR a", "a text to search for", ""},
	{"$search=(a", ") is expected", ""},
	{"$search=a)", "AND, OR or the end", ""},
	{"$search=\"\"", "a text to search for", ""},
	{"$search=\"displayName:\"", "a text to search for", ""},
};

static void
names_and_values_that_do_not_fit_the_type_are_refused(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
		autoarena(arena, ARENA_SMALL);
		struct odata_query *q;
		struct error e;
		if (bound(&arena, misfits[i].raw, ODATA_BETA, &q, &e))
			fail_msg("%s: accepted", misfits[i].raw);
		if (!strstr(e.message, misfits[i].says) || !strstr(e.hint, misfits[i].hint))
			fail_msg("%s: %s (%s), expected %s (%s)", misfits[i].raw, e.message, e.hint,
				misfits[i].says, misfits[i].hint);
	}
}

static void
properties_of_beta_do_not_exist_in_v1(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct odata_query *q;
	struct error e;

	assert_false(bound(&arena, "$filter=remediation eq 'x'", ODATA_V1, &q, &e));
	assert_non_null(strstr(e.message, "Could not find a property named 'remediation'"));
	assert_false(bound(&arena, "$select=remediation", ODATA_V1, &q, &e));
	assert_true(bound(&arena, "$filter=remediation eq 'x'", ODATA_BETA, &q, &e));
}

static void
names_are_found_in_any_case_and_by_their_older_form(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct odata_query *q;
	struct error e;

	assert_true(bound(&arena, "$filter=DISPLAYNAME eq 'x'&$orderby=Score", ODATA_V1, &q, &e));
	assert_string_equal(q->filter->first->property->column, "display_name");
	assert_string_equal(q->order[0].path.properties[0]->name, "score");
	assert_true(bound(&arena, "$filter=orderIdentifier eq 'x'", ODATA_V1, &q, &e));
	assert_string_equal(q->filter->first->property->name, "groupTag");
}

static void
literals_take_the_kind_of_the_property(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"score eq '60'", "score eq 60"},
		{"'60' lt score", "60 lt score"},
		{"enabled eq 'True'", "enabled eq true"},
		{"state eq 'ENROLLED'", "state eq 'enrolled'"},
		{"state eq 1", "state eq 'enrolled'"},
		{"state in ('failed', '0')", "state in ('failed','unknown')"},
		{"state eq microsoft.graph.enrollmentState'failed'",
			"state eq microsoft.graph.enrollmentState'failed'"},
		{"created ge '2026-01-02T03:04:05Z'", "created ge 2026-01-02T03:04:05Z"},
		{"displayName eq 00000000-0000-0000-0000-00000000000A",
			"displayName eq '00000000-0000-0000-0000-00000000000a'"},
		{"deviceId eq '00000000-0000-0000-0000-00000000000a'",
			"deviceId eq 00000000-0000-0000-0000-00000000000a"},
		{"timeout gt 'PT1M'", "timeout gt duration'P0DT60.000000S'"},
		{"screens/any(s:s/minutes eq '5')", "screens/any(s:s/minutes eq 5)"},
		{"startswith(displayName,'x') eq 'true'", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct odata_query *q;
		struct error e;
		char *raw = arena_printf(&arena, "$filter=%s", cases[i][0]);
		bool ok = bound(&arena, raw, ODATA_BETA, &q, &e);
		if (ok != (cases[i][1] != NULL))
			fail_msg("%s: %s", raw, ok ? "accepted" : e.message);
		if (ok)
			assert_string_equal(odata_filter_print(&arena, q->filter), cases[i][1]);
	}
}

static void
a_search_becomes_a_filter(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"\"displayName:it's\"", "contains(displayName,'it''s')"},
		{"x", "contains(displayName,'x') or contains(serialNumber,'x')"},
		{"\"00:11\"", "contains(displayName,'00:11') or contains(serialNumber,'00:11')"},
		{"\"displayName:a\" OR \"serialNumber:b\"",
			"contains(displayName,'a') or contains(serialNumber,'b')"},
		{"displayName:a AND NOT serialNumber:b displayName:c",
			"contains(displayName,'a') and not (contains(serialNumber,'b')) and "
			"contains(displayName,'c')"},
		{"(displayName:a OR displayName:b) AND displayName:c",
			"(contains(displayName,'a') or contains(displayName,'b')) and "
			"contains(displayName,'c')"},
		{"\"displayName:a\\\"b\"", "contains(displayName,'a\"b')"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct odata_query *q;
		struct error e;
		char *raw = arena_printf(&arena, "$search=%s", cases[i][0]);
		if (!bound(&arena, raw, ODATA_BETA, &q, &e))
			fail_msg("%s: %s", raw, e.message);
		assert_string_equal(odata_filter_print(&arena, q->search_for), cases[i][1]);
	}
}

static void
properties_of_the_base_come_first(void **state)
{
	(void)state;
	size_t count = base_device.count;

	assert_string_equal(odata_property_at(&hybrid_device, 0)->name, "id");
	assert_string_equal(odata_property_at(&hybrid_device, count)->name, "skipCheck");
	assert_null(odata_property_at(&hybrid_device, count + 1));
	assert_ptr_equal(odata_property_find(&cloud_device, "ID"), &device_properties[0]);
	assert_null(odata_property_find(&cloud_device, "skipCheck"));
	assert_string_equal(odata_kind_name(OD_DATE), "Edm.DateTimeOffset");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_values_that_do_not_fit_the_type_are_refused),
		cmocka_unit_test(properties_of_beta_do_not_exist_in_v1),
		cmocka_unit_test(names_are_found_in_any_case_and_by_their_older_form),
		cmocka_unit_test(literals_take_the_kind_of_the_property),
		cmocka_unit_test(a_search_becomes_a_filter),
		cmocka_unit_test(properties_of_the_base_come_first),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
