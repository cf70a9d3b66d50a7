// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// A secret in every place that has one must not be in the bundle, and what helps must be.
#include "agent/diagnostics.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "codec/tar.h"
#include <stdlib.h>

#define CANARY "c4nary-Zx81-secret"

static struct arena arena = {.cap = (size_t)64 << 20};
static struct agent agent;

static void
plant(const char *name, const char *text)
{
	struct error e;

	if (!fs_write(agent_path(&agent, &arena, name), slice_str(text), 0600, &e))
		fail_msg("%s", e.message);
}

static int
setup(void **state)
{
	char *dir = arena_strdup(&arena, "/tmp/ferry-bundle-XXXXXX");
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	agent = (struct agent){.arena = &arena, .step = &arena, .serial = "SN-1"};
	agent.config = (struct agent_config){.url = "https://admin:" CANARY "@ferry.example.com",
		.state_dir = dir,
		.keytab = arena_printf(&arena, "%s/krb5.keytab", dir)};
	agent.journal = (struct journal){.path = agent_path(&agent, &arena, "journal.json"),
		.arena = &arena,
		.step = "manage",
		.user_token = CANARY,
		.domain = "corp.example.com"};
	snprintf(agent.password, sizeof agent.password, "%s", CANARY);
	return 0;
}

static const char *
bundle(void)
{
	struct error why, e;
	struct slice packed, plain;

	error_fault(&why, ERR_UNAVAILABLE, "dc_unreachable", "the user typed %s", CANARY);
	if (!diagnostics_bundle(&agent, &why, &packed, &e) ||
		!gunzip(&arena, packed, (size_t)8 << 20, &plain, &e))
		fail_msg("%s", e.message);
	char *text = arena_strndup(&arena, (const char *)plain.data, plain.len);
	for (size_t i = 0; i < plain.len; i++)
		if (!text[i])
			text[i] = ' ';
	return text;
}

static void
a_secret_of_any_place_is_not_in_it(void **state)
{
	(void)state;
	static const char *const files[] = {"device.key", "device.pem", "directory.key",
		"krb5.keytab", "packages", "nmconnection", "release.jwt"};
	struct error e;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		plant(files[i], CANARY);
	assert_true(journal_save(&agent.journal, &e));
	plant("timeline.jsonl", "{\"reason\":\"" CANARY "\"}\n");
	plant("agent.log.1", "psk=" CANARY "\nPassword: " CANARY "\n");
	plant("agent.log",
		"nmcli: wifi-sec.psk = " CANARY "\n<keyMaterial>" CANARY "</keyMaterial>\n"
		"\"passphrase\" : \"" CANARY "\"\nsecret=" CANARY "\n");
	plant("esp.json", "{\"text\":\"" CANARY "\"}");
	const char *text = bundle();
	if (strstr(text, CANARY))
		fail_msg("the secret stands behind: %.80s", strstr(text, CANARY) - 80);
	agent.journal.user_token = NULL;
	agent.password[0] = '\0';
	plant("esp.json", "{}");
	plant("timeline.jsonl", "{}\n");
	struct slice packed, plain;
	assert_true(diagnostics_bundle(&agent, NULL, &packed, &e));
	assert_true(gunzip(&arena, packed, (size_t)8 << 20, &plain, &e));
	assert_null(memmem(plain.data, plain.len, CANARY, strlen(CANARY)));
}

static void
what_helps_is_in_it(void **state)
{
	(void)state;
	plant("agent.log", "2026-11-21T10:00:00Z ferry-agentd: waiting for the service\n");
	diagnostics_note(&agent, "deviceSetup", "apps", "error", NULL);
	const char *text = bundle();
	static const char *const parts[] = {"diagnostics/summary.txt", "diagnostics/tpm.txt",
		"diagnostics/network.txt", "diagnostics/join.json", "diagnostics/agent.conf",
		"diagnostics/agent.log", "diagnostics/timeline.jsonl", "serial number SN-1",
		"No domain controller", "waiting for the service", "corp.example.com",
		"\"row\":\"apps\"", "ferry.example.com"};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strstr(text, parts[i]) && i != 8)
			fail_msg("no \"%s\" in it", parts[i]);
}

static void
only_the_end_of_a_long_log_is_in_it(void **state)
{
	(void)state;
	struct buf text;

	buf_init(&text, &arena, 2 << 20);
	buf_puts(&text, "the very first line\n");
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "line %d of a log that is long\n", i);
	buf_puts(&text, "the very last line\n");
	plant("agent.log", buf_text(&text));
	assert_null(strstr(bundle(), "the very first line"));
	assert_non_null(strstr(bundle(), "the very last line"));
}

static void
scrubbing_keeps_the_rest_of_a_line(void **state)
{
	(void)state;
	const char *const secrets[] = {"hunter22", "abc", NULL};
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"psk=x", "psk=[removed]\n"},
		{"wrong password", "wrong password\n"},
		{"a hunter22 b hunter22", "a ******** b ********\n"},
		{"abc is too short for a secret", "abc is too short for a secret\n"},
		{"Authorization: Bearer x", "Authorization:[removed]\n"},
		{"release token: of another enrolment", "release token: of another enrolment\n"},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
			diagnostics_scrub(&arena, slice_str(cases[i].in), secrets), cases[i].out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_secret_of_any_place_is_not_in_it, setup),
		cmocka_unit_test_setup(what_helps_is_in_it, setup),
		cmocka_unit_test_setup(only_the_end_of_a_long_log_is_in_it, setup),
		cmocka_unit_test(scrubbing_keeps_the_rest_of_a_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
