// SPDX-License-Identifier: Apache-2.0
// Rules that are too long, too deep, or built to be slow: refused or stopped by counting, not by
// the clock.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "domain/membership_rule.h"
#include "domain/rule_run.h"

static char *
repeat(struct arena *arena, const char *part, size_t times, const char *end)
{
	struct buf out;

	buf_init(&out, arena, 1 << 20);
	for (size_t i = 0; i < times; i++)
		buf_puts(&out, part);
	buf_puts(&out, end);
	return (char *)buf_text(&out);
}

static void
assert_limit(const char *text, const char *says)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};

	assert_null(rule_compile(&arena, text, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	if (!strstr(e.message, says))
		fail_msg("%s", e.message);
}

static void
rules_that_are_too_long_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e;
	const char *end = "device.deviceModel -eq \"x\"";
	size_t rest = RULE_MAX_BYTES - strlen(end);

	assert_limit(repeat(&arena, " ", rest + 1, end), "3073 bytes");
	assert_non_null(rule_compile(&arena, repeat(&arena, " ", rest, end), &e));
}

static void
rules_that_are_too_deep_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e;
	const char *end = "device.deviceModel -eq null";
	char *closed = repeat(&arena, "(", RULE_MAX_DEPTH, end);

	closed = arena_printf(&arena, "%s%s", closed, repeat(&arena, ")", RULE_MAX_DEPTH, ""));
	assert_non_null(rule_compile(&arena, closed, &e));
	assert_limit(arena_printf(&arena, "(%s)", closed), "column 33: more than 32 levels");
	assert_limit(repeat(&arena, "(", RULE_MAX_BYTES, ""), "column 33");
	assert_limit(repeat(&arena, "-not ", RULE_MAX_DEPTH + 1, end), "more than 32 levels");
	assert_non_null(rule_compile(&arena, repeat(&arena, "-not ", RULE_MAX_DEPTH, end), &e));
	assert_limit(arena_printf(&arena, "%sdevice.devicePhysicalIds -any (_ -eq \"x\")",
			     repeat(&arena, "-not ", RULE_MAX_DEPTH, "")),
		"more than 32 levels");
}

static void
rules_of_too_many_conditions_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e;
	// One -any, one -or, and the comparisons.
	const char *begin = "device.systemLabels -any (", *end = "_ eq'')";

	assert_limit(arena_printf(&arena, "%s%s", begin,
			     repeat(&arena, "_ eq''or ", RULE_MAX_NODES, end)),
		"more than 256 conditions");
	assert_limit(arena_printf(&arena, "%s%s", begin,
			     repeat(&arena, "_ eq''or ", RULE_MAX_NODES - 2, end)),
		"more than 256 conditions");
	assert_non_null(rule_compile(&arena,
		arena_printf(&arena, "%s%s", begin,
			repeat(&arena, "_ eq''or ", RULE_MAX_NODES - 3, end)),
		&e));
}

// A service holds thousands of rules.
static void
no_rule_takes_much_memory(void **state)
{
	(void)state;
	autoarena(texts, ARENA_REQUEST);
	const char *rules[] = {
		arena_printf(
			&texts, "device.deviceModel -in [%s", repeat(&texts, "'',", 1010, "'']")),
		arena_printf(&texts, "device.deviceModel -contains '%s'",
			repeat(&texts, "a", RULE_MAX_BYTES - 40, "")),
		arena_printf(&texts, "device.systemLabels -any (%s _ eq '')",
			repeat(&texts, "_ eq''or ", RULE_MAX_NODES - 3, "")),
		arena_printf(&texts, "device.systemLabels -any (%s _ eq '')",
			repeat(&texts, "_ match 'a{99}'or ", 160, "")),
		arena_printf(&texts, "device.deviceModel -match \"%s\"",
			repeat(&texts, ".", RULE_MAX_BYTES - 40, "")),
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		if (!rule_compile(&arena, rules[i], &e))
			fail_msg("%.60s: %s", rules[i], e.message);
		if (arena.used > 160 * 1024)
			fail_msg("%.60s: %zu bytes", rules[i], arena.used);
	}
	assert_limit(arena_printf(&texts, "device.systemLabels -any (%s _ eq '')",
			     repeat(&texts, "_ match '(a{60}){60}'or ", 100, "")),
		"more than 40000 bytes of compiled regular expressions");
}

// [bc]: PCRE2 sees at once that a text without a literal b cannot match.
static const char *const slow_patterns[] = {
	"(a+)+$",
	"(a*)*$",
	"(a|aa)+$",
	"(a|a)*$",
	"(.*a){20}$",
	"^(([a-z])+.)+[A-Z]([a-z])+$",
	"(?:(?:a?){20}){20}[bc]",
	"(a?){200}a{200}[bc]",
	"(?=(a+))(?:\\1)*[bc]$",
	"(a(?R)?a|a)+[bc]",
	"((a|a|a|a|a|a)*)*[bc]",
	"(|a)*(|a)*(|a)*[bc]",
	".*.*.*.*.*.*[bc]$",
	"(?:.*+a|a)+[bc]",
};

// Under -notMatch a silent "no match" would be a wrong yes.
static void
a_slow_pattern_is_a_named_error_and_never_an_answer(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	const char *victim = repeat(&arena, "a", 4000, "!");
	struct rule_values values = {.of = {[RULE_DISPLAY_NAME] = rule_text_value(victim)}};

	for (size_t i = 0; i < sizeof slow_patterns / sizeof *slow_patterns; i++) {
		struct error e = {0};
		enum rule_truth truth;
		const struct rule *rule = rule_compile(&arena,
			arena_printf(&arena,
				"device.deviceModel -eq \"x\" -or device.displayName -notMatch "
				"\"%s\"",
				slow_patterns[i]),
			&e);
		if (!rule)
			fail_msg("%s: %s", slow_patterns[i], e.message);
		if (rule_evaluate(rule, &values, &truth, &e))
			fail_msg("%s: decided", slow_patterns[i]);
		assert_int_equal(e.code, ERR_LIMIT);
		assert_string_equal(e.fault, "membership_rule_too_slow");
		assert_true(str_starts(e.message, "membership rule, column 32: "));
		assert_true(strlen(e.hint) > 0);
		assert_int_equal(truth, RULE_UNKNOWN);
	}
}

static void
a_slow_pattern_is_no_error_where_it_is_not_needed(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct error e;
	enum rule_truth truth;
	const struct rule *rule = rule_compile(&arena,
		"device.deviceModel -eq \"x\" -and device.displayName -match \"(a+)+$\"", &e);
	struct rule_values values = {
		.of = {[RULE_DISPLAY_NAME] = rule_text_value(repeat(&arena, "a", 200, "!"))}};

	assert_non_null(rule);
	assert_true(rule_evaluate(rule, &values, &truth, &e));
	assert_int_equal(truth, RULE_FALSE);
	values.of[RULE_DEVICE_MODEL] = rule_text_value("x");
	assert_false(rule_evaluate(rule, &values, &truth, &e));
	// Nothing is searched that is not known.
	values.of[RULE_DISPLAY_NAME] = rule_unknown_value();
	assert_true(rule_evaluate(rule, &values, &truth, &e));
	assert_int_equal(truth, RULE_UNKNOWN);
}

// The steps that this rule takes.
static size_t
steps_of(const struct rule *rule, const struct rule_values *values, enum rule_run_failure *failure)
{
	struct rule_run run = {.values = values, .steps = RULE_MAX_STEPS};

	rule_run_node(&run, rule->root, NULL);
	rule_matcher_finish(&run.matcher);
	*failure = run.failure;
	return RULE_MAX_STEPS - run.steps;
}

static void
a_rule_of_full_length_built_to_be_slow_is_stopped(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct error e;
	enum rule_truth truth;
	const char *begin = "device.displayName -match \"";
	size_t times = (RULE_MAX_BYTES - strlen(begin) - 5) / 5;
	const char *text =
		arena_printf(&arena, "%s%s", begin, repeat(&arena, "(a*)*", times, "[bc]\""));
	struct rule_values values = {
		.of = {[RULE_DISPLAY_NAME] = rule_text_value(repeat(&arena, "a", 4000, "!"))}};

	assert_in_range(strlen(text), RULE_MAX_BYTES - 5, RULE_MAX_BYTES);
	const struct rule *rule = rule_compile(&arena, text, &e);
	assert_non_null(rule);
	assert_false(rule_evaluate(rule, &values, &truth, &e));
	assert_string_equal(e.fault, "membership_rule_too_slow");
}

// Many patterns, each of which stays below the limit, share one account.
static void
the_bound_is_one_for_the_whole_rule(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct error e;
	enum rule_run_failure failure;
	struct rule_text elements[64];
	const char *one = "device.devicePhysicalIds -any (_ -match \"(a+)+$\")";

	for (size_t i = 0; i < 64; i++)
		elements[i] = rule_element("aaaaaaaaaa!");
	struct rule_values values = {
		.of = {[RULE_DEVICE_PHYSICAL_IDS] = rule_list_value(elements, 1, false)}};
	size_t alone = steps_of(rule_compile(&arena, one, &e), &values, &failure);
	assert_int_equal(failure, RUN_FINE);
	assert_in_range(alone, 1000, RULE_MAX_STEPS / 4);
	values.of[RULE_DEVICE_PHYSICAL_IDS].count = 2;
	assert_in_range(steps_of(rule_compile(&arena, one, &e), &values, &failure), 2 * alone - 2,
		2 * alone + 2);
	values.of[RULE_DEVICE_PHYSICAL_IDS].count = 64;
	const char *many =
		repeat(&arena, "device.devicePhysicalIds -any (_ -match \"(a+)+$\") -or ", 40, one);
	steps_of(rule_compile(&arena, many, &e), &values, &failure);
	assert_int_equal(failure, RUN_TOO_SLOW);
}

// Without -match the work is that of reading: a rule of full length against long values.
static void
a_long_rule_without_patterns_stays_within_its_bound(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct error e;
	enum rule_run_failure failure;
	char *needle = repeat(&arena, "a", 28, "b");
	char *part = arena_printf(&arena, "_ -contains '%s' or ", needle);
	const char *text = arena_printf(&arena, "device.systemLabels -any (%s)",
		repeat(&arena, part, 60, "_ -in ['a','b']"));
	struct rule_text elements[16];

	for (size_t i = 0; i < 16; i++)
		elements[i] = rule_element(repeat(&arena, "a", 4096, ""));
	struct rule_values values = {
		.of = {[RULE_SYSTEM_LABELS] = rule_list_value(elements, 16, false)}};
	const struct rule *rule = rule_compile(&arena, text, &e);
	assert_non_null(rule);
	// 16 elements, 61 comparisons, 64 units of 64 bytes each
	assert_in_range(steps_of(rule, &values, &failure), 16 * 61 * 64, 16 * 61 * 68);
	assert_int_equal(failure, RUN_FINE);
	elements[0] = rule_element(repeat(&arena, "a", 900000, ""));
	assert_true(steps_of(rule, &values, &failure) <= RULE_MAX_STEPS);
	assert_int_equal(failure, RUN_TOO_SLOW);
}

// Knuth, Morris and Pratt's table against the plain search.
static void
a_part_is_found_wherever_it_is(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	char text[13] = {0}, part[5] = {0};

	for (unsigned t = 0; t < 1u << 12; t++) {
		for (int i = 0; i < 12; i++)
			text[i] = t >> i & 1 ? 'b' : 'a';
		unsigned len = 1 + t % 4, bits = t / 5;
		memset(part, 0, sizeof part);
		for (unsigned i = 0; i < len; i++)
			part[i] = bits >> i & 1 ? 'b' : 'a';
		struct rule_literal literal = rule_literal_make(&arena, part, true);
		bool found = strstr(text, part) != NULL;
		if ((rule_text_contains(&literal, rule_element(text)) == RULE_TRUE) != found)
			fail_msg("%s in %s", part, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_that_are_too_long_are_refused),
		cmocka_unit_test(rules_that_are_too_deep_are_refused),
		cmocka_unit_test(rules_of_too_many_conditions_are_refused),
		cmocka_unit_test(no_rule_takes_much_memory),
		cmocka_unit_test(a_slow_pattern_is_a_named_error_and_never_an_answer),
		cmocka_unit_test(a_slow_pattern_is_no_error_where_it_is_not_needed),
		cmocka_unit_test(a_rule_of_full_length_built_to_be_slow_is_stopped),
		cmocka_unit_test(the_bound_is_one_for_the_whole_rule),
		cmocka_unit_test(a_long_rule_without_patterns_stays_within_its_bound),
		cmocka_unit_test(a_part_is_found_wherever_it_is),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
