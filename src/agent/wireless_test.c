// SPDX-License-Identifier: Apache-2.0
// cmocka needs these three before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "agent/wireless.h"
#include <cmocka.h>

static void
names_that_are_no_file_names_are_left_out(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct wireless found;
	(void)state;

	wireless_parse(&arena,
		" ::70:WPA2\n :..:70:WPA2\n :a/b:70:WPA2\n :"
		"123456789012345678901234567890123:70:\n :\xff:70:\n :bad:170:\n :none\n\n::::\n",
		&found);
	assert_int_equal(found.count, 0);
	assert_false(wireless_name_usable("a\nb"));
	assert_false(wireless_name_usable(".hidden"));
	assert_false(wireless_name_usable(NULL));
}

static void
networks_that_ask_for_an_account_are_left_out(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct wireless found;
	(void)state;

	wireless_parse(
		&arena, " :Corp:80:WPA2 802.1X\n :Old:60:WEP\n :Home:50:WPA1 WPA2\n", &found);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.networks[0].ssid, "Home");
	assert_string_equal(found.networks[0].key_management, "wpa-psk");
}

static void
each_name_comes_once_the_strongest_first(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct wireless found;
	(void)state;

	wireless_parse(&arena,
		" :Guest:30:\n*:Contoso:55:WPA2\n :Contoso:77:WPA2\n :New:12:WPA3\n"
		" :both:11:WPA2 WPA3\n",
		&found);
	assert_int_equal(found.count, 4);
	assert_string_equal(found.networks[0].ssid, "Contoso");
	assert_int_equal(found.networks[0].signal, 77);
	assert_true(found.networks[0].connected);
	assert_null(found.networks[1].key_management);
	assert_string_equal(found.networks[2].key_management, "sae");
	assert_string_equal(found.networks[3].key_management, "wpa-psk");
}

static void
colons_and_backslashes_in_names_are_names(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct wireless found;
	(void)state;

	wireless_parse(&arena, " :a\\:b\\\\c:40:WPA2", &found);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.networks[0].ssid, "a:b\\c");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_are_no_file_names_are_left_out),
		cmocka_unit_test(networks_that_ask_for_an_account_are_left_out),
		cmocka_unit_test(each_name_comes_once_the_strongest_first),
		cmocka_unit_test(colons_and_backslashes_in_names_are_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
