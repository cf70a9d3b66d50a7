// SPDX-License-Identifier: Apache-2.0
// Passwords, codes of apps, codes for people, and what a sign-in still lacks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "domain/one_time_code.h"
#include "domain/password.h"
#include "domain/sign_in_step.h"
#include "domain/totp.h"

static const time_us now = 1700000000LL * US_PER_S;

static void
passwords_that_are_tried_first_are_refused(void **state)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
		{"", "password_too_short"},
		{"elevenchars", "password_too_short"},
		// Eleven characters, however many bytes.
		{"äöüäöüäöüäö", "password_too_short"},
		{"Password1234", "password_common"},
		{"Password1234!", "password_common"},
		{"P@ssw0rd1234", "password_common"},
		{"1234P@ssword", "password_common"},
		{"Welcome2026!!", "password_common"},
		{"passwordpassword", "password_common"},
		{"correcthorsebatterystaple", "password_common"},
		{"aaaaaaaaaaaaaaaa", "password_common"},
		{"abababababababab", "password_common"},
		{"123456789012", "password_common"},
		{"210987654321", "password_common"},
		{"abcdefghijklmnop", "password_common"},
		{"qwertyuiopasdf", "password_common"},
		{"fdsapoiuytrewq", "password_common"},
		{"1qaz2wsx3edc4rfv", "password_common"},
		{"Administrator1", "password_common"},
		{"ada.lovelace.1815", "password_contains_name"},
		{"xxLOVELACExx-27", "password_contains_name"},
		{"Analytical&Byron99", "password_contains_name"},
		{"not utf-8 \xff\xfe at all", "password_common"},
	};
	autoarena(arena, ARENA_SMALL);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error e = {0};
		if (password_check(&arena, NULL, cases[i].text, "ada.lovelace@contoso.example",
			    "Ada Byron", &e))
			fail_msg("\"%s\" was accepted", cases[i].text);
		assert_string_equal(e.fault, cases[i].fault);
	}
}

static void
long_passwords_of_any_characters_are_accepted(void **state)
{
	static const char *const good[] = {"a ferry crosses at dawn", "Zwölf Boxkämpfer",
		"correct horse battery staple", "contoso is our domain", "ääääääääöüß€",
		"tr0ub4dor&3 and more", "password is not my password",
		// The parts of a name that are shorter than four letters prohibit nothing.
		"ad lib, ad astra"};
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!password_check(&arena, NULL, good[i], "ad@contoso.example", NULL, &e))
			fail_msg("\"%s\": %s", good[i], e.message);
}

static void
an_administrator_may_ask_for_longer_passwords(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct password_rules rules = {.min_length = 20};
	struct error e = {0};
	char *long_text = arena_alloc(&arena, PASSWORD_MAX_BYTES + 2);

	(void)state;
	assert_false(password_check(&arena, &rules, "a ferry crosses", NULL, NULL, &e));
	assert_string_equal(e.fault, "password_too_short");
	assert_true(password_check(&arena, &rules, "a ferry crosses at dawn", NULL, NULL, &e));
	for (int i = 0; i <= PASSWORD_MAX_BYTES; i++)
		long_text[i] = (char)('a' + i % 23);
	assert_false(password_check(&arena, NULL, long_text, NULL, NULL, &e));
	assert_string_equal(e.fault, "password_too_long");
}

// RFC 6238 appendix B (SHA-1), cut to six digits.
static void
codes_of_apps_are_those_of_the_standard(void **state)
{
	static const struct {
		int64_t seconds;
		uint32_t code;
	} vectors[] = {{59, 287082}, {1111111109, 81804}, {1111111111, 50471}, {1234567890, 5924},
		{2000000000, 279037}, {20000000000, 353130}};
	struct slice secret = slice_str("12345678901234567890");

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
		assert_int_equal(
			totp_code(secret, vectors[i].seconds / TOTP_STEP_S), vectors[i].code);
}

static void
a_code_counts_once_and_only_around_its_time(void **state)
{
	struct slice secret = slice_str("12345678901234567890");
	int64_t middle = now / US_PER_S / TOTP_STEP_S, step = -1;
	char text[16];

	(void)state;
	for (int64_t off = -3; off <= 3; off++) {
		snprintf(text, sizeof text, "%06u", totp_code(secret, middle + off));
		assert_int_equal(totp_match(secret, text, now, 0, &step), off >= -1 && off <= 1);
	}
	snprintf(text, sizeof text, "%06u", totp_code(secret, middle));
	assert_true(totp_match(secret, text, now, middle - 1, &step));
	assert_int_equal(step, middle);
	assert_false(totp_match(secret, text, now, middle, &step));
	// One that is older than a code already used is a replay too.
	snprintf(text, sizeof text, "%06u", totp_code(secret, middle - 1));
	assert_false(totp_match(secret, text, now, middle, &step));
}

static void
what_is_no_code_matches_nothing(void **state)
{
	static const char *const bad[] = {"", " ", "12345", "1234567", "12345a", "-12345", "+12345",
		"１２３４５６", "000000000000", "12.456"};
	struct slice secret = slice_str("12345678901234567890");
	int64_t step;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(totp_match(secret, bad[i], now, 0, &step));
	assert_false(totp_match(secret, NULL, now, 0, &step));
	assert_false(totp_match(slice_of(NULL, 0), "000000", now, 0, &step));
}

static void
a_secret_survives_being_typed(void **state)
{
	autoarena(arena, ARENA_SMALL);
	uint8_t random[40];

	(void)state;
	random_bytes(random, sizeof random);
	for (size_t len = 0; len <= sizeof random; len++) {
		char *text = base32_encode(&arena, slice_of(random, len));
		struct slice back = base32_decode(&arena, str_lower(&arena, text));
		assert_true(slice_eq(back, slice_of(random, len)));
	}
	assert_null(base32_decode(&arena, "MZXW6YTB1").data);
	assert_null(base32_decode(&arena, "MZXW6YT=").data);
	assert_null(base32_decode(&arena, "B").data);
	assert_string_equal(base32_encode(&arena, slice_str("foobar")), "MZXW6YTBOI");
	assert_string_equal(totp_uri(&arena, "Contoso & Co", "a+b@x.example", slice_str("foobar")),
		"otpauth://totp/"
		"Contoso%20%26%20Co:a%2Bb%40x.example?secret=MZXW6YTBOI&issuer=Contoso%20%26%20Co");
}

static void
codes_for_people_hold_enough_bits_and_no_vowels(void **state)
{
	static const size_t lengths[CODE_KINDS] = {11, 17, 14};
	autoarena(arena, ARENA_REQUEST);
	uint8_t random[CODE_RANDOM];
	size_t seen[256] = {0};
	char *code;

	(void)state;
	for (int i = 0; i < 30000; i++) {
		enum code_kind kind = (enum code_kind)(i % CODE_KINDS);
		random_bytes(random, sizeof random);
		assert_true(code_make(&arena, kind, random, &code));
		assert_int_equal(strlen(code), lengths[kind]);
		assert_null(strpbrk(code, "AEIOUY0123456789aeiou"));
		for (const char *p = code; *p; p++)
			seen[(unsigned char)*p]++;
	}
	// Each letter is as likely as any other: about 18,333 of each.
	for (const char *p = "BCDFGHJKLMNPQRSTVWXZ"; *p; p++)
		assert_in_range(seen[(unsigned char)*p], 17500, 19200);
	memset(random, 255, sizeof random);
	assert_false(code_make(&arena, CODE_USER, random, &code));
}

static void
a_code_is_read_as_people_type_it(void **state)
{
	autoarena(arena, ARENA_SMALL);

	(void)state;
	assert_string_equal(code_read(&arena, CODE_USER, " bcdfg hjklm"), "BCDFG-HJKLM");
	assert_string_equal(code_read(&arena, CODE_USER, "BCDFGHJKLM"), "BCDFG-HJKLM");
	assert_string_equal(code_read(&arena, CODE_PASS, "bcdf-ghjk-lmnp"), "BCDF-GHJK-LMNP");
	assert_null(code_read(&arena, CODE_USER, "BCDFG-HJKLA"));
	assert_null(code_read(&arena, CODE_USER, "BCDFG-HJKL"));
	assert_null(code_read(&arena, CODE_USER, "BCDFG-HJKLMN"));
	assert_null(code_read(&arena, CODE_USER, ""));
	assert_null(code_read(&arena, CODE_USER, NULL));
	assert_null(code_read(&arena, CODE_RECOVERY, "BCDFG-HJKLM"));
}

static void
a_pass_lives_ten_minutes_to_eight_hours(void **state)
{
	struct error e = {0};
	static const struct access_pass bad[] = {{.minutes = 9}, {.minutes = 481}, {.minutes = -60},
		{.minutes = 60, .start_at = 1}, {.start_at = INT64_MAX / 4}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct access_pass pass = bad[i];
		assert_false(access_pass_settle(&pass, now, &e));
		assert_string_equal(e.fault, "access_pass_lifetime");
	}
	struct access_pass pass = {0};
	assert_true(access_pass_settle(&pass, now, &e));
	assert_int_equal(pass.minutes, 60);
	assert_int_equal(pass.start_at, now);
	pass = (struct access_pass){.minutes = 480, .start_at = now + US_PER_DAY};
	assert_true(access_pass_settle(&pass, now, &e));
}

static void
a_sign_in_asks_for_what_is_missing_in_this_order(void **state)
{
	static const struct {
		struct sign_in_facts facts;
		enum sign_in_step step;
	} cases[] = {
		{{0}, STEP_CREDENTIAL},
		{{.strong = true, .has_mfa = true}, STEP_CREDENTIAL},
		// Whoever found out the password must not get to change it.
		{{.credential = true, .has_mfa = true, .must_change = true, .local = true},
			STEP_MFA},
		{{.credential = true,
			 .has_mfa = true,
			 .strong = true,
			 .must_change = true,
			 .local = true},
			STEP_CHANGE_PASSWORD},
		{{.credential = true, .must_change = true, .local = true}, STEP_CHANGE_PASSWORD},
		// Active Directory's password is changed there.
		{{.credential = true, .must_change = true}, STEP_DONE},
		{{.credential = true, .local = true}, STEP_DONE},
		{{.credential = true, .local = true, .policy = MFA_ADMINISTRATORS}, STEP_DONE},
		{{.credential = true,
			 .local = true,
			 .administers = true,
			 .policy = MFA_ADMINISTRATORS},
			STEP_SET_UP_MFA},
		{{.credential = true, .administers = true, .policy = MFA_ADMINISTRATORS},
			STEP_SET_UP_MFA},
		{{.credential = true, .policy = MFA_EVERYONE}, STEP_SET_UP_MFA},
		{{.credential = true, .strong = true, .policy = MFA_EVERYONE}, STEP_SET_UP_MFA},
		{{.credential = true, .foreign = true, .policy = MFA_EVERYONE}, STEP_DONE},
		{{.credential = true, .strong = true, .has_mfa = true, .policy = MFA_EVERYONE},
			STEP_DONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (sign_in_next(&cases[i].facts) != cases[i].step)
			fail_msg("case %zu gives %d", i, (int)sign_in_next(&cases[i].facts));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_that_are_tried_first_are_refused),
		cmocka_unit_test(long_passwords_of_any_characters_are_accepted),
		cmocka_unit_test(an_administrator_may_ask_for_longer_passwords),
		cmocka_unit_test(codes_of_apps_are_those_of_the_standard),
		cmocka_unit_test(a_code_counts_once_and_only_around_its_time),
		cmocka_unit_test(what_is_no_code_matches_nothing),
		cmocka_unit_test(a_secret_survives_being_typed),
		cmocka_unit_test(codes_for_people_hold_enough_bits_and_no_vowels),
		cmocka_unit_test(a_code_is_read_as_people_type_it),
		cmocka_unit_test(a_pass_lives_ten_minutes_to_eight_hours),
		cmocka_unit_test(a_sign_in_asks_for_what_is_missing_in_this_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
