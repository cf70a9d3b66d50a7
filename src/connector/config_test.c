// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "connector/config.h"
#include <stdlib.h>

#define SERVICE "[service]\nurl = https://svc.example.net\nca = /ca.pem\nstate = /var/lib/x\n"
#define IN_DOMAIN "[domain]\nname = corp.example.com\nprincipal = svc-odj\nkeytab = /k\n"
#define ALLOW "[allow]\nou = OU=A,DC=corp,DC=example,DC=com\n"
#define TRUST "[trust]\nstores = /trust\nstore = lab\n"

static void
refused(const char *text, const char *word)
{
	autoarena(arena, ARENA_SMALL);
	struct connector_config config;
	struct error e = {0};

	if (config_parse(&arena, "c.conf", text, &config, &e))
		fail_msg("accepted: %s", text);
	if (!strstr(e.message, word) || !strstr(e.message, "c.conf"))
		fail_msg("%s: not about %s", e.message, word);
}

static void
what_is_missing_is_named(void **state)
{
	(void)state;
	unsetenv("STATE_DIRECTORY");
	refused("", "url");
	refused("[service]\nurl = https://a\nca = /ca\n" IN_DOMAIN ALLOW TRUST, "state");
	refused("[service]\nurl = http://a\nca = /ca\nstate = /s\n" IN_DOMAIN ALLOW TRUST, "https");
	refused(SERVICE ALLOW TRUST, "[domain] name");
	refused(SERVICE IN_DOMAIN TRUST, "[allow] ou");
	refused(SERVICE IN_DOMAIN "[allow]\nou = ;;\n" TRUST, "[allow] ou");
	refused(SERVICE IN_DOMAIN ALLOW, "[trust] stores");
	refused(SERVICE IN_DOMAIN ALLOW "[trust]\nstores = /t\nstore = ../lab\n", "[trust] store");
}

static void
mistakes_are_named_with_their_line(void **state)
{
	(void)state;
	refused(SERVICE "colour = blue\n", "c.conf:5: unknown setting [service] colour");
	refused("[allow]\nou = Autopilot\n", "Autopilot is no distinguished name");
	refused("[allow]\nmax_per_hour = 0\n", "max_per_hour");
	refused("[allow]\nmax_per_hour = many\n", "max_per_hour");
	refused("[allow]\nmax_per_hour = 10001\n", "max_per_hour");
	refused("[sync]\nbase = nonsense\n", "no distinguished name");
	refused("[sync]\ninterval = 0\n", "interval");
	refused("[sync]\nfull_interval = x\n", "full_interval");
	refused("[sign_in]\npasswords = maybe\n", "yes or no");
	refused("[sign_in]\nmax_wrong = 101\n", "max_wrong");
	refused("nonsense\n", "syntax");
	refused("[service]\nou = OU=A,DC=x\n", "unknown setting");
}

static void
too_many_units_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct buf text;

	buf_init(&text, &arena, 64 << 10);
	buf_puts(&text, "[allow]\n");
	for (int i = 0; i <= ALLOW_MAX_OUS; i++)
		buf_printf(&text, "ou = OU=%d,DC=x\n", i);
	refused(buf_text(&text), "more than 64");
}

static void
a_complete_file_is_read(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct connector_config c;
	struct error e;

	assert_true(config_parse(&arena, "c.conf", SERVICE IN_DOMAIN ALLOW TRUST, &c, &e));
	assert_string_equal(c.url, "https://svc.example.net");
	assert_string_equal(c.state_dir, "/var/lib/x");
	assert_string_equal(c.ad.domain, "corp.example.com");
	assert_string_equal(c.ad.keytab, "/k");
	assert_null(c.ad.dc);
	assert_null(c.ad.krb5_conf);
	assert_string_equal(c.trust_store, "/trust/lab");
	assert_string_equal(c.trust_name, "lab");
	assert_string_equal(c.allow.domain, "corp.example.com");
	assert_int_equal(c.allow.max_per_hour, 200);
	assert_int_equal(c.allow.ou_count, 1);
	assert_null(c.allow.name_prefix);
}

static void
units_may_be_repeated_or_separated(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct connector_config c;
	struct error e;

	assert_true(config_parse(&arena, "c.conf",
		SERVICE IN_DOMAIN "[allow]\nou = OU=A,DC=x;OU=B,DC=x;\nou = default\n"
				  "name_prefix = PC-\nmax_per_hour = 7\n" TRUST,
		&c, &e));
	assert_int_equal(c.allow.ou_count, 3);
	assert_string_equal(c.allow.ous[0], "OU=A,DC=x");
	assert_string_equal(c.allow.ous[1], "OU=B,DC=x");
	assert_string_equal(c.allow.ous[2], ALLOW_DEFAULT_CONTAINER);
	assert_string_equal(c.allow.name_prefix, "PC-");
	assert_int_equal(c.allow.max_per_hour, 7);
}

static void
who_may_sign_in_must_be_known(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct connector_config c;
	struct error e;

	assert_false(config_parse(&arena, "c.conf",
		SERVICE IN_DOMAIN ALLOW TRUST "[sign_in]\npasswords = yes\n", &c, &e));
	assert_non_null(strstr(e.message, "[sync] base"));
	assert_true(config_parse(&arena, "c.conf",
		SERVICE IN_DOMAIN ALLOW TRUST "[sync]\nbase = OU=A,DC=x\nbase = OU=B,DC=x\n"
					      "interval = 60\n[sign_in]\npasswords = yes\n"
					      "sso_keytab = /s\n",
		&c, &e));
	assert_int_equal(c.sync.base_count, 2);
	assert_string_equal(c.sync.bases[1], "OU=B,DC=x");
	assert_int_equal(c.sync.interval_s, 60);
	assert_int_equal(c.sync.full_s, 86400);
	assert_true(c.sign_in.passwords);
	assert_int_equal(c.sign_in.max_wrong, 4);
	assert_string_equal(c.sign_in.sso_keytab, "/s");
}

static void
the_unit_gives_state_and_keytab(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct connector_config c;
	struct error e;

	setenv("STATE_DIRECTORY", "/var/lib/private/f", 1);
	setenv("CREDENTIALS_DIRECTORY", "/run/credentials/f", 1);
	assert_true(config_parse(&arena, "c.conf",
		"[service]\nurl = https://a\nca = /ca\n[domain]\nname = x.y\nprincipal = p\n"
		"keytab = keytab\n" ALLOW TRUST,
		&c, &e));
	assert_string_equal(c.state_dir, "/var/lib/private/f");
	assert_string_equal(c.ad.keytab, "/run/credentials/f/keytab");
	assert_true(config_parse(&arena, "c.conf", SERVICE IN_DOMAIN ALLOW TRUST, &c, &e));
	assert_string_equal(c.ad.keytab, "/k");
	unsetenv("STATE_DIRECTORY");
	unsetenv("CREDENTIALS_DIRECTORY");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(mistakes_are_named_with_their_line),
		cmocka_unit_test(too_many_units_are_refused),
		cmocka_unit_test(a_complete_file_is_read),
		cmocka_unit_test(units_may_be_repeated_or_separated),
		cmocka_unit_test(who_may_sign_in_must_be_known),
		cmocka_unit_test(the_unit_gives_state_and_keytab),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
