// SPDX-License-Identifier: Apache-2.0
// What the status page's document makes of the first management session and of apps.
#include "ferryd/mdm_testing.h"

static struct item items[] = {
	{.item_id = "pol",
		.kind = "policy",
		.scope = "device",
		.loc_uri = "./Device/Vendor/MSFT/Policy/Config/A/B",
		.format = "chr",
		.data = "x",
		.version = 3},
	{.item_id = "app",
		.kind = "app",
		.scope = "device",
		.loc_uri = "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/{1}/"
			   "DownloadInstall",
		.content_sha256 = "abcd",
		.content_name = "tool.deb",
		.data = "",
		.version = 1},
};

static void
set_states(const char *policy, const char *app)
{
	items[0].state = policy;
	items[1].state = app;
}

static struct mdm_facts
facts_with(bool hybrid)
{
	inbox = (struct mdm_inbox){0};
	return (struct mdm_facts){
		.inbox = &inbox,
		.items = items,
		.item_count = 2,
		.hybrid = hybrid,
		.timeout_minutes = 60,
		.content_url = "https://f/content/",
	};
}

static void
the_page_shows_what_its_document_says(void **state) // X5, X6, X10, X11
{
	(void)state;
	struct mdm_facts f = facts_with(false);
	struct esp_settings page = esp_settings_default();

	f.page = &page;
	inbox.first = inbox.bootstrap = true;
	page.message = "Call 4711";
	page.show = true;
	f.policy = "hash";
	assert_true(str_starts(plan(&f), "p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 t1 "));
	assert_string_equal(data_of("p1"), "false");
	assert_string_equal(data_of("p2"), "false");
	assert_string_equal(data_of("p8"), "hash");
	assert_string_equal(data_of("p3"), "2");
	assert_string_equal(data_of("p5"), "false");
	assert_string_equal(data_of("p6"), "Call 4711");
	page.reset_on_error = page.use_on_error = page.logs = true;
	plan(&f);
	assert_string_equal(data_of("p3"), "7");
	assert_string_equal(data_of("p5"), "true");
	// X4: the extra is for the domain join, and only for it.
	page.hybrid_extra_minutes = 25;
	plan(&f);
	assert_string_equal(data_of("p7"), "0");
	f.hybrid = true;
	plan(&f);
	assert_string_equal(data_of("p7"), "25");
}

static void
only_the_first_user_has_a_page_when_it_says_so(void **state) // X7
{
	(void)state;
	struct mdm_facts f = facts_with(false);
	struct esp_settings page = esp_settings_default();

	f.page = &page;
	inbox.first = inbox.bootstrap = true;
	page.show = page.first_user_only = true;
	plan(&f);
	assert_string_equal(data_of("p2"), "false");
	f.later_user = true;
	plan(&f);
	assert_string_equal(data_of("p2"), "true");
	assert_string_equal(data_of("p1"), "false");
	page.first_user_only = false;
	plan(&f);
	assert_string_equal(data_of("p2"), "false");
}

static void
what_is_only_tried_is_awaited_but_may_fail(void **state) // X13
{
	(void)state;
	static const char *const other[] = {"another"};
	struct mdm_facts f = facts_with(false);
	struct esp_settings page = esp_settings_default();

	page.show = page.try_all = true;
	page.selected = other;
	page.selected_count = 1;
	f.page = &page;
	f.flow = ESP_FLOW_TECHNICIAN;
	inbox.first = true;
	set_states("done", "pending");
	assert_non_null(strstr(plan(&f), "a-app app "));
	assert_string_equal(data_of("edevice2"), ""); // its failure is none of the page's
	inbox.first = false;
	items[1].state = "installing";
	assert_string_equal(plan(&f), "");
	items[1].state = "failed";
	assert_non_null(strstr(plan(&f), "done-device"));
	f.flow = ESP_FLOW_SELF_DEPLOYING; // X14: after the page
	items[1].state = "pending";
	assert_null(strstr(plan(&f), "a-app"));
	assert_non_null(strstr(plan(&f), "done-device"));
	// X17: before anybody has signed in nobody knows what is the user's.
	f.flow = ESP_FLOW_USER_DRIVEN;
	assert_false(mdm_app_rule(
		&f, &(struct item){.item_id = "another", .kind = "app", .scope = "user"})
			     .attempt);
	f.user_phase = true;
	assert_true(mdm_app_rule(
		&f, &(struct item){.item_id = "another", .kind = "app", .scope = "user"})
			    .fatal);
}

static void
an_app_that_restarts_the_device_is_tracked_so(void **state) // X58
{
	(void)state;
	struct mdm_facts f = facts_with(false);

	inbox.first = inbox.bootstrap = true;
	set_states("pending", "pending");
	plan(&f);
	assert_true(str_ends(data_of("tu1"), "/DownloadInstall"));
	assert_string_equal(data_of("tr1"), "1");
	items[1].data = "restart";
	plan(&f);
	assert_string_equal(data_of("tr1"), "3");
	items[1].data = "";
}

static void
an_app_that_does_not_block_waits_for_the_user_and_nobody_for_it(void **state) // X12, X14
{
	(void)state;
	static const char *const other[] = {"another"}, *const it[] = {"app"};
	struct mdm_facts f = facts_with(false);
	struct esp_settings page = esp_settings_default();

	page.show = true;
	page.selected = other;
	page.selected_count = 1;
	f.page = &page;
	inbox.first = true;
	set_states("done", "pending");
	const char *technician = plan(&f);
	assert_null(strstr(technician, "a-app"));
	assert_non_null(strstr(technician, "done-device"));
	assert_string_equal(data_of("edevice2"), "");
	f.user_phase = true; // it is sent now, and nobody waits for it
	assert_non_null(strstr(plan(&f), "a-app app "));
	items[1].state = "installing";
	inbox.first = false;
	assert_non_null(strstr(plan(&f), "done-device"));
	// Without a selection, or selected, it blocks.
	f.user_phase = false;
	page.selected = it;
	assert_string_equal(plan(&f), "");
	items[1].state = "pending";
	assert_non_null(strstr(plan(&f), "a-app app "));
	page.selected_count = 0;
	assert_non_null(strstr(plan(&f), "a-app app "));
}

static void
a_setting_that_another_contradicts_is_neither_sent_nor_announced_nor_awaited(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(false);
	const char *planned;

	inbox.first = true;
	set_states("pending", "done");
	planned = plan(&f);
	assert_non_null(strstr(planned, "pol "));
	assert_null(strstr(planned, "done-device"));
	set_states("conflict", "done");
	planned = plan(&f);
	assert_null(strstr(planned, "pol "));
	assert_non_null(strstr(planned, "done-device"));
	for (const struct syncml_command *c = reply.commands; c; c = c->next)
		if (c->items && c->items->data)
			assert_null(strstr(c->items->data, items[0].loc_uri));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_shows_what_its_document_says),
		cmocka_unit_test(only_the_first_user_has_a_page_when_it_says_so),
		cmocka_unit_test(what_is_only_tried_is_awaited_but_may_fail),
		cmocka_unit_test(an_app_that_restarts_the_device_is_tracked_so),
		cmocka_unit_test(an_app_that_does_not_block_waits_for_the_user_and_nobody_for_it),
		cmocka_unit_test(
			a_setting_that_another_contradicts_is_neither_sent_nor_announced_nor_awaited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
