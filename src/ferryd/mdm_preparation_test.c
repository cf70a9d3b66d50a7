// SPDX-License-Identifier: Apache-2.0
// Scripts and device preparation in management messages: what is sent in which order, and what a
// device says of a script.
#include "ferryd/mdm_testing.h"
#include "wire/script/script.h"

#define NODE "./Device/Vendor/Ferry/Script/s/Run"
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define APP(id)                                                                                    \
	{                                                                                          \
		.item_id = id, .kind = "app", .scope = "device", .loc_uri = "./" id,               \
		.content_sha256 = SHA, .content_name = id, .version = 1, .state = "pending"        \
	}
static struct item items[] = {
	{.item_id = "pol",
		.kind = "policy",
		.scope = "device",
		.loc_uri = "./Device/Vendor/MSFT/Policy/Config/A/B",
		.format = "chr",
		.data = "x",
		.version = 3,
		.state = "pending"},
	APP("lob"),
	{.item_id = "s",
		.kind = "script",
		.scope = "device",
		.name = "Set up",
		.loc_uri = NODE,
		.format = "chr",
		.data = "120",
		.content_sha256 = SHA,
		.content_name = "setup.sh",
		.version = 1,
		.state = "pending"},
	APP("win"),
};
enum { ITEMS = sizeof items / sizeof *items };

static struct mdm_facts
facts(bool preparing)
{
	inbox = (struct mdm_inbox){0};
	for (size_t i = 0; i < ITEMS; i++)
		items[i].state = "pending";
	return (struct mdm_facts){.inbox = &inbox,
		.items = items,
		.item_count = ITEMS,
		.preparing = preparing,
		.timeout_minutes = 60,
		.content_url = "https://f/content/"};
}

// X36
static void
a_status_page_does_not_wait_for_scripts_which_run_once_it_is_over(void **state)
{
	(void)state;
	struct mdm_facts f = facts(false);

	assert_string_equal(plan(&f), "pol a-lob lob a-win win ");
	f.user_phase = true;
	assert_string_equal(plan(&f), "pol a-lob lob a-win win ");
	items[0].state = items[1].state = items[3].state = "done";
	assert_non_null(strstr(plan(&f), "done-device"));
	f.finished = true;
	assert_string_equal(plan(&f), "s ");
}

// Z2, Z10
static void
preparation_sends_what_it_is_given_in_its_order_and_shows_no_page(void **state)
{
	(void)state;
	struct mdm_facts f = facts(true);
	struct script_job job;

	inbox.first = inbox.bootstrap = true;
	assert_non_null(strstr(plan(&f), "pol a-lob lob s a-win win "));
	for (const struct syncml_command *c = reply.commands; c; c = c->next)
		if (c->items && str_ends(c->items->target, "/SkipDeviceStatusPage"))
			assert_string_equal(c->items->data, "true");
	const struct syncml_command *exec = reply.commands;
	while (!str_eq(exec->cmd_id, "s"))
		exec = exec->next;
	assert_int_equal(exec->type, SYNCML_EXEC);
	assert_string_equal(exec->items->target, NODE);
	assert_true(script_job_read(&arena, slice_str(exec->items->data), &job, &e));
	assert_string_equal(job.url, "https://f/content/" SHA);
	assert_string_equal(job.name, "Set up");
	assert_int_equal(job.seconds, 120);
}

static void
preparation_waits_for_its_scripts(void **state)
{
	(void)state;
	struct mdm_facts f = facts(true);

	for (size_t i = 0; i < ITEMS; i++)
		items[i].state = "done";
	items[2].state = "installing";
	assert_string_equal(plan(&f), "");
	items[2].state = "done";
	assert_non_null(strstr(plan(&f), "done-device"));
}

static const struct item_state *
told(const char *type, const char *source, const char *data)
{
	read_body(arena_printf(&arena,
			  "<Alert><CmdID>2</CmdID><Data>1226</Data><Item><Source><LocURI>%s"
			  "</LocURI></Source><Meta><Type xmlns=\"syncml:metinf\">%s</Type></Meta>"
			  "<Data>%s</Data></Item></Alert>",
			  source, type, data),
		items, ITEMS);
	return inbox.state_count ? &inbox.states[0] : NULL;
}

static void
a_script_reports_for_itself_only_and_with_its_own_faults(void **state)
{
	(void)state;
	const struct item_state *s;

	assert_null(told(SCRIPT_ALERT, "./elsewhere", "{\"exitCode\":0}"));
	assert_null(told(SCRIPT_ALERT, "./lob", "{\"exitCode\":0}"));
	s = told(SCRIPT_ALERT, NODE, "nonsense");
	assert_string_equal(s->state, "failed");
	assert_string_equal(s->fault, "script_failed");
	s = told(SCRIPT_ALERT, NODE, "{\"fault\":\"profile_missing\",\"output\":\"x\"}");
	assert_string_equal(s->fault, "script_failed");
	s = told(SCRIPT_ALERT, NODE, "{\"fault\":\"script_nonsense\",\"output\":\"x\"}");
	assert_string_equal(s->fault, "script_failed");
	assert_null(s->output);
	s = told(SCRIPT_ALERT, NODE,
		"{\"fault\":\"script_failed\",\"exitCode\":3,\"output\":\"no disk\"}");
	assert_string_equal(s->state, "failed");
	assert_string_equal(s->reason, "ended with status 3: no disk");
	assert_int_equal(s->exit_code, 3);
	assert_string_equal(s->output, "no disk");
	s = told(SCRIPT_ALERT, NODE, "{\"fault\":\"script_timeout\",\"output\":\"more than 2 s\"}");
	assert_string_equal(s->fault, "script_timeout");
	assert_string_equal(s->reason, "more than 2 s");
	s = told(SCRIPT_ALERT, NODE, "{\"exitCode\":0,\"output\":\"\"}");
	assert_string_equal(s->state, "done");
	assert_null(s->fault);
	assert_string_equal(s->reason, "ended with status 0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_page_does_not_wait_for_scripts_which_run_once_it_is_over),
		cmocka_unit_test(preparation_sends_what_it_is_given_in_its_order_and_shows_no_page),
		cmocka_unit_test(preparation_waits_for_its_scripts),
		cmocka_unit_test(a_script_reports_for_itself_only_and_with_its_own_faults),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
