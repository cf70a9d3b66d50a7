// SPDX-License-Identifier: Apache-2.0
#include "domain/policy_testing.h"

#include "base/str.h"
#include "domain/domain_join_profile.h"

// Each finding as "severity fault", "; " between; every fault is in the catalogue.
static const char *
checked(const char *document)
{
	struct findings out = {.arena = &arena};
	const char *all = "";

	domain_join_check(parse(document), &out);
	for (size_t i = 0; i < out.count; i++) {
		assert_non_null(fault_find(out.items[i].fault));
		all = arena_printf(&arena, "%s%s%s %s", all, i ? "; " : "",
			severity_name(out.items[i].severity), out.items[i].fault);
	}
	return all;
}

#define DOMAIN "\"activeDirectoryDomainName\":\"corp.example.com\""
#define NAMED "\"displayName\":\"D\",\"computerNameStaticPrefix\":\"PC-\""

struct row {
	const char *given, *expected;
};

static void
each_domain(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *document = arena_printf(
			&arena, "{" NAMED ",\"activeDirectoryDomainName\":\"%s\"}", rows[i].given);
		const char *got = checked(document);
		if (!str_eq(got, rows[i].expected))
			fail_msg("%s: %s, not %s", rows[i].given, got, rows[i].expected);
	}
}

static void
a_domain_that_is_no_fully_qualified_name_is_refused(void **state) // J2
{
	static const char no[] = "blocking domain_join_domain_invalid";
	static const struct row rows[] = {{"", no}, {"CORP", no}, {"corp..example.com", no},
		{".corp.example.com", no}, {"corp.example.com.", no}, {"-corp.example.com", no},
		{"corp-.example.com", no}, {"corp.example.com-", no}, {"corp example.com", no},
		{"corp_1.example.com", no}, {"corp.example.com/x", no},
		{"d\xc3\xb6.example.com", no},
		{"a123456789a123456789a123456789a123456789a123456789a123456789a1234.example", no}};

	(void)state;
	each_domain(rows, sizeof rows / sizeof *rows);
}

static void
a_fully_qualified_domain_is_accepted(void **state) // J2
{
	static const struct row rows[] = {{"corp.example.com", ""}, {"CORP.EXAMPLE.COM", ""},
		{"a.b", ""}, {"xn--d-6ga.example.com", ""}, {"1.example.com", ""},
		{"a123456789a123456789a123456789a123456789a123456789a123456789a12.example", ""}};

	(void)state;
	each_domain(rows, sizeof rows / sizeof *rows);
}

static void
a_missing_domain_is_refused(void **state) // J2
{
	(void)state;
	assert_string_equal(checked("{" NAMED "}"), "blocking domain_join_domain_invalid");
	assert_string_equal(checked("{" NAMED ",\"activeDirectoryDomainName\":null}"),
		"blocking domain_join_domain_invalid");
}

static void
each_unit(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *document = arena_printf(&arena,
			"{" NAMED "," DOMAIN ",\"organizationalUnit\":\"%s\"}", rows[i].given);
		const char *got = checked(document);
		if (!str_eq(got, rows[i].expected))
			fail_msg("%s: %s, not %s", rows[i].given, got, rows[i].expected);
	}
}

static void
a_unit_that_is_no_full_distinguished_name_is_refused(void **state) // J3
{
	static const char no[] = "blocking domain_join_ou_invalid";
	static const struct row rows[] = {{"Devices", no}, {"OU=Devices", no},
		{"corp.example.com/Devices", no}, {"OU=,DC=corp,DC=example,DC=com", no},
		{"=Devices,DC=corp,DC=example,DC=com", no},
		{"OU=Devices,,DC=corp,DC=example,DC=com", no},
		{"DC=corp,OU=Devices,DC=example,DC=com", no},
		{"O U=A,DC=corp,DC=example,DC=com", no},
		{"\\\"OU=Devices,DC=corp,DC=example,DC=com\\\"", no},
		{"OU=A\\nB,DC=corp,DC=example,DC=com", no}};

	(void)state;
	each_unit(rows, sizeof rows / sizeof *rows);
}

static void
a_unit_of_another_domain_is_reported(void **state) // J3
{
	static const struct row rows[] = {
		{"OU=A,DC=other,DC=example,DC=com", "warning domain_join_ou_elsewhere"},
		{"OU=A,DC=example,DC=com", "warning domain_join_ou_elsewhere"}};

	(void)state;
	each_unit(rows, sizeof rows / sizeof *rows);
}

static void
the_default_container_is_better_left_out(void **state) // J3
{
	static const struct row rows[] = {
		{"CN=Computers,DC=corp,DC=example,DC=com", "warning domain_join_ou_default"},
		{"cn=computers,dc=CORP,dc=example,dc=com", "warning domain_join_ou_default"}};

	(void)state;
	each_unit(rows, sizeof rows / sizeof *rows);
}

static void
a_unit_is_optional_and_may_lie_deep(void **state) // J3
{
	static const struct row rows[] = {{"", ""}, {"OU=Devices,DC=corp,DC=example,DC=com", ""},
		{"OU=A, OU=B , DC=corp, DC=example, DC=com", ""},
		{"OU=Sales\\\\, North,OU=B,DC=Corp,DC=Example,DC=Com", ""},
		{"CN=Computers,OU=A,DC=corp,DC=example,DC=com", ""}};

	(void)state;
	each_unit(rows, sizeof rows / sizeof *rows);
}

static void
names_that_cannot_be_computers_are_refused(void **state) // J1, P20
{
	static const char no[] = "blocking name_template_invalid";
	static const struct {
		const char *prefix, *digits, *expected;
	} rows[] = {{"PC-", "15", no}, {"PC-", "0", no}, {"", "10", no}, {"12345", "5", no},
		{"PC 1", "5", no}, {"PC_", "5", no}, {"ABCDEFGHIJKLM", "3", no}, {"PC-", "3", ""},
		{"PC-", "12", ""}, {"A", "14", ""}, {"ABCDEFGHIJKL", "3", ""}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *document = arena_printf(&arena,
			"{\"displayName\":\"D\"," DOMAIN ",\"computerNameStaticPrefix\":\"%s\","
			"\"computerNameSuffixRandomCharCount\":%s}",
			rows[i].prefix, rows[i].digits);
		const char *got = checked(document);
		if (!str_eq(got, rows[i].expected))
			fail_msg("%s + %s: \"%s\", not \"%s\"", rows[i].prefix, rows[i].digits, got,
				rows[i].expected);
	}
}

static void
unlike_autopilot_names_may_use_macros(void **state) // J4, P23
{
	struct domain_join_settings s;

	(void)state;
	assert_string_equal(
		checked("{" NAMED "," DOMAIN ",\"ferryNameTemplate\":\"F-%SERIAL%\"}"), "");
	assert_string_equal(
		checked("{" NAMED "," DOMAIN ",\"ferryNameTemplate\":\"F-%ALNUM:6%\"}"), "");
	assert_string_equal(checked("{" NAMED "," DOMAIN ",\"ferryNameTemplate\":\"F-%serial%\"}"),
		"blocking name_template_invalid");
	domain_join_read(
		&arena, parse("{" NAMED "," DOMAIN ",\"ferryNameTemplate\":\"F-%SERIAL%\"}"), &s);
	assert_string_equal(s.name_template, "F-%SERIAL%");
}

static void
prefix_and_random_digits_are_a_template(void **state) // J1
{
	struct domain_join_settings s;

	(void)state;
	domain_join_read(&arena,
		parse("{" NAMED "," DOMAIN ",\"computerNameSuffixRandomCharCount\":4,"
		      "\"ferryNameTemplate\":null}"),
		&s);
	assert_string_equal(s.name_template, "PC-%RAND:4%");
	domain_join_read(&arena, parse("{" NAMED "," DOMAIN "}"), &s);
	assert_string_equal(s.name_template, "PC-%RAND:10%");
	assert_string_equal(s.domain, "corp.example.com");
	assert_string_equal(s.ou, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_that_is_no_fully_qualified_name_is_refused),
		cmocka_unit_test(a_missing_domain_is_refused),
		cmocka_unit_test(a_unit_that_is_no_full_distinguished_name_is_refused),
		cmocka_unit_test(a_unit_of_another_domain_is_reported),
		cmocka_unit_test(names_that_cannot_be_computers_are_refused),
		cmocka_unit_test(the_default_container_is_better_left_out),
		cmocka_unit_test(a_fully_qualified_domain_is_accepted),
		cmocka_unit_test(a_unit_is_optional_and_may_lie_deep),
		cmocka_unit_test(unlike_autopilot_names_may_use_macros),
		cmocka_unit_test(prefix_and_random_digits_are_a_template),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
