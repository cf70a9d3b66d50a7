// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "cli/args.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static struct arena arena;
static struct cli cli;

static int
reset(void **state)
{
	(void)state;
	arena_finish(&arena);
	arena_init(&arena, ARENA_SMALL);
	cli = (struct cli){.arena = &arena};
	return 0;
}

// Reads a line of words; what is explained on standard error goes nowhere.
static enum args_result
reads(const char *line)
{
	char *argv[64] = {"ferry"}, *save = NULL;
	int argc = 1, kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);

	cli = (struct cli){.arena = &arena};
	for (char *word = strtok_r(arena_strdup(&arena, line), " ", &save); word;
		word = strtok_r(NULL, " ", &save))
		argv[argc++] = str_eq(word, "''") ? "" : word;
	fflush(stderr);
	dup2(nowhere, STDERR_FILENO);
	enum args_result result = args_read(&cli, argc, argv);
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(nowhere);
	return result;
}

// --- refusals ---

static void
what_is_no_verb_is_refused(void **state)
{
	static const char *const lines[] = {"", "''", "plane", "device", "device fly", "device ''",
		"Device list", "list device", "-", "--", "-- --json"};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_int_equal(reads(lines[i]), ARGS_WRONG);
}

static void
operands_are_counted(void **state)
{
	(void)state;
	assert_int_equal(reads("device show"), ARGS_WRONG);
	assert_int_equal(reads("device show A B"), ARGS_WRONG);
	assert_int_equal(reads("device list A"), ARGS_WRONG);
	assert_int_equal(reads("group add-member"), ARGS_WRONG);
}

static void
options_that_a_verb_has_not_are_refused(void **state)
{
	static const char *const lines[] = {"device list --fast", "device list -x",
		"device list --rule r", "device list --jso", "device list --json=1",
		"device list -o", "device list -o yaml", "device list --limit",
		"group create A --dry-run=yes", "error list --dry-run", "device list --yes"};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_int_equal(reads(lines[i]), ARGS_WRONG);
}

static void
values_are_checked_by_their_kind(void **state)
{
	static const char *const lines[] = {"profile create A --join ship",
		"esp create A --timeout x", "esp create A --timeout -1",
		"esp create A --timeout 99999999999999999999",
		"profile create A --preprovisioning=maybe", "profile set A --preprovisioning maybe",
		"audit list --since yesterday", "audit list --since 2026-13-01",
		"audit list --since 2026-11-21T09:30", "managed set A --owner company|personal"};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_int_equal(reads(lines[i]), ARGS_WRONG);
}

static void
more_options_than_there_is_room_for_are_refused(void **state)
{
	char *argv[CLI_MAX_OPTIONS + 4] = {"ferry", "device", "list"};
	int argc = 3;

	(void)state;
	while (argc < CLI_MAX_OPTIONS + 4)
		argv[argc++] = "--json";
	int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
	dup2(nowhere, STDERR_FILENO);
	enum args_result result = args_read(&cli, argc, argv);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(nowhere);
	assert_int_equal(result, ARGS_WRONG);
}

// --- what is read ---

static void
options_may_stand_anywhere_and_in_two_forms(void **state)
{
	(void)state;
	assert_int_equal(reads("-o json device --limit=5 list --filter f"), ARGS_WRONG);
	assert_int_equal(reads("-o json device list --limit=5 --filter f"), ARGS_RUN);
	assert_string_equal(cli.verb->noun, "device");
	assert_int_equal(cli.format, OUTPUT_JSON);
	assert_string_equal(cli_option(&cli, "limit"), "5");
	assert_string_equal(cli_option(&cli, "filter"), "f");
	assert_int_equal(reads("device list -ocsv"), ARGS_RUN);
	assert_int_equal(cli.format, OUTPUT_CSV);
	assert_int_equal(reads("device list --csv"), ARGS_RUN);
	assert_int_equal(cli.format, OUTPUT_CSV);
}

static void
yes_is_meant_where_nothing_follows(void **state)
{
	(void)state;
	assert_int_equal(
		reads("profile create A --preprovisioning --join hybrid --hide-license no"),
		ARGS_RUN);
	assert_string_equal(cli_option(&cli, "preprovisioning"), "yes");
	assert_string_equal(cli_option(&cli, "hide-license"), "no");
	assert_int_equal(reads("preparation create A --allow-skip --diagnostics=no"), ARGS_RUN);
	assert_string_equal(cli_option(&cli, "allow-skip"), "yes");
	assert_string_equal(cli_option(&cli, "diagnostics"), "no");
}

static void
the_last_of_an_option_counts_and_all_are_kept(void **state)
{
	(void)state;
	assert_int_equal(reads("profile create A --join hybrid --group a --group b"), ARGS_RUN);
	assert_string_equal(cli_option(&cli, "group"), "b");
	assert_string_equal(cli_nth_option(&cli, "group", 0), "a");
	assert_string_equal(cli_nth_option(&cli, "group", 1), "b");
	assert_null(cli_nth_option(&cli, "group", 2));
}

static void
lines_of_json_are_for_lists(void **state)
{
	(void)state;
	assert_int_equal(reads("device list -o jsonl"), ARGS_RUN);
	assert_int_equal(cli.format, OUTPUT_JSONL);
	assert_int_equal(reads("device show X -o jsonl"), ARGS_RUN);
	assert_int_equal(cli.format, OUTPUT_JSON);
}

static void
two_dashes_end_the_options(void **state)
{
	(void)state;
	assert_int_equal(reads("device show -- --json"), ARGS_RUN);
	assert_string_equal(cli.operands[0], "--json");
	assert_int_equal(reads("api GET -"), ARGS_RUN);
	assert_string_equal(cli.operands[1], "-");
}

static void
every_verb_can_be_named_and_takes_no_more_than_there_is_room_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < verb_count; i++) {
		const struct verb *v = &verbs[i];
		struct buf line;
		assert_true(
			v->min_operands <= v->max_operands && v->max_operands <= CLI_MAX_OPERANDS);
		assert_true(v->run && v->summary && v->operands);
		buf_init(&line, &arena, 4096);
		buf_printf(&line, "%s %s", v->noun, v->name ? v->name : "");
		for (size_t k = 0; k < v->min_operands; k++)
			buf_puts(&line, " x");
		assert_int_equal(reads(buf_text(&line)), ARGS_RUN);
		assert_ptr_equal(cli.verb, v);
	}
}

static void
every_option_of_a_verb_has_one_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < verb_count; i++)
		for (const struct option_spec *o = verbs[i].options; o && o->name; o++) {
			assert_ptr_equal(cli_find_option(&verbs[i], o->name, strlen(o->name)), o);
			assert_true(o->help && (o->kind == OPTION_OWN || o->member));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_no_verb_is_refused, reset),
		cmocka_unit_test_setup(operands_are_counted, reset),
		cmocka_unit_test_setup(options_that_a_verb_has_not_are_refused, reset),
		cmocka_unit_test_setup(values_are_checked_by_their_kind, reset),
		cmocka_unit_test_setup(more_options_than_there_is_room_for_are_refused, reset),
		cmocka_unit_test_setup(options_may_stand_anywhere_and_in_two_forms, reset),
		cmocka_unit_test_setup(yes_is_meant_where_nothing_follows, reset),
		cmocka_unit_test_setup(the_last_of_an_option_counts_and_all_are_kept, reset),
		cmocka_unit_test_setup(lines_of_json_are_for_lists, reset),
		cmocka_unit_test_setup(two_dashes_end_the_options, reset),
		cmocka_unit_test_setup(
			every_verb_can_be_named_and_takes_no_more_than_there_is_room_for, reset),
		cmocka_unit_test_setup(every_option_of_a_verb_has_one_meaning, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
