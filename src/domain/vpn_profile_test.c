// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/vpn_profile.h"

#define KEY "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
#define PROFILE(endpoint, key, allowed, rest)                                                      \
	"{\"endpoint\":\"" endpoint "\",\"gatewayKey\":\"" key "\",\"allowed\":\"" allowed         \
	"\"" rest "}"
#define GOOD(rest) PROFILE("vpn.example.com:51820", KEY, "10.66.0.0/24", rest)

static struct arena arena = {.cap = ARENA_REQUEST};

static void
what_would_break_a_configuration_file_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"{}",
		GOOD(""),
		PROFILE("vpn.example.com", KEY, "10.0.0.0/8", ",\"pool\":\"10.9.0.0/24\""),
		PROFILE("vpn.example.com:0", KEY, "10.0.0.0/8", ",\"pool\":\"10.9.0.0/24\""),
		PROFILE("a\\nPostUp = x:1", KEY, "10.0.0.0/8", ",\"pool\":\"10.9.0.0/24\""),
		PROFILE("[fe80::1:5", KEY, "10.0.0.0/8", ",\"pool\":\"10.9.0.0/24\""),
		PROFILE("a:1", "c2hvcnQ=", "10.0.0.0/8", ",\"pool\":\"10.9.0.0/24\""),
		PROFILE("a:1", KEY, "10.0.0.0", ",\"pool\":\"10.9.0.0/24\""),
		PROFILE("a:1", KEY, "10.0.0.0/33", ",\"pool\":\"10.9.0.0/24\""),
		PROFILE("a:1", KEY, "10.0.0.0/8,", ",\"pool\":\"10.9.0.0/24\""),
		PROFILE("a:1", KEY, "", ",\"pool\":\"10.9.0.0/24\""),
		GOOD(",\"pool\":\"10.9.0.0/31\""),
		GOOD(",\"pool\":\"10.9.0.0/7\""),
		GOOD(",\"pool\":\"10.9.0.1/24\""),
		GOOD(",\"pool\":\"fd00::/64\""),
		GOOD(",\"pool\":\"10.9.0.0/24\",\"address\":\"10.9.0.2\""),
		GOOD(",\"pool\":\"10.9.0.0/24\",\"dns\":\"dc1.corp\""),
		GOOD(",\"pool\":\"10.9.0.0/24\",\"search\":\"a b\""),
		GOOD(",\"address\":\"10.9.0.2/24\""),
	};
	struct vpn_profile out;
	struct error e;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (vpn_profile_read(&arena, bad[i], &out, &e))
			fail_msg("%s", bad[i]);
}

static void
a_name_is_that_of_an_interface(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "-a", ".a", "a b", "a/b", "a;b", "$a", "sixteen-letters-"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (vpn_name_usable(bad[i]))
			fail_msg("%s", bad[i]);
	assert_null(vpn_name(&arena, "./Device/Vendor/MSFT/WiFi/Profile/corp/WlanXml"));
	assert_null(vpn_name(&arena, "./Device/" VPN_NODE "corp/PublicKey"));
	assert_null(vpn_name(&arena, "./Device/" VPN_NODE "a/b/Config"));
	assert_string_equal(vpn_name(&arena, "./Device/" VPN_NODE "corp/Config"), "corp");
}

static void
a_pool_leaves_out_what_no_device_can_have(void **state)
{
	(void)state;
	struct vpn_profile p;
	struct error e;

	assert_true(vpn_profile_read(&arena, GOOD(",\"pool\":\"10.9.0.0/30\""), &p, &e));
	assert_int_equal(p.first, p.last);
	assert_string_equal(vpn_address_text(&arena, p.first), "10.9.0.2");
	assert_true(vpn_profile_read(&arena,
		GOOD(",\"pool\":\"10.9.0.0/24\",\"dns\":\"10.66.0.10\",\"search\":\"corp\""), &p,
		&e));
	assert_string_equal(vpn_address_text(&arena, p.last), "10.9.0.254");
}

static void
a_device_is_told_its_address_and_no_pool(void **state)
{
	(void)state;
	struct vpn_profile p, told;
	struct error e;

	assert_true(vpn_profile_read(
		&arena, GOOD(",\"pool\":\"10.9.0.0/24\",\"dns\":\"fd00::1\""), &p, &e));
	p.address = "10.9.0.7";
	const char *text = vpn_profile_write(&arena, &p);
	assert_null(strstr(text, "pool"));
	assert_true(vpn_profile_read(&arena, text, &told, &e));
	assert_string_equal(told.address, "10.9.0.7");
	assert_string_equal(told.dns, "fd00::1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_would_break_a_configuration_file_is_refused),
		cmocka_unit_test(a_name_is_that_of_an_interface),
		cmocka_unit_test(a_pool_leaves_out_what_no_device_can_have),
		cmocka_unit_test(a_device_is_told_its_address_and_no_pool),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
