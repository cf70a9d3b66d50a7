// SPDX-License-Identifier: Apache-2.0
// Both halves of a management message: what a device says, and what is sent in which state.
#include "ferryd/mdm_testing.h"

static struct item items[] = {
	{.item_id = "pol",
		.kind = "policy",
		.scope = "device",
		.loc_uri = "./Device/Vendor/MSFT/Policy/Config/A/B",
		.format = "chr",
		.data = "x",
		.version = 3,
		.state = "pending"},
	{.item_id = "app",
		.kind = "app",
		.scope = "device",
		.loc_uri = "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/{1}/"
			   "DownloadInstall",
		.content_sha256 = "abcd",
		.content_name = "tool.deb",
		.version = 1,
		.state = "pending"},
	{.item_id = "net",
		.kind = "network",
		.scope = "device",
		.loc_uri = "./Device/Vendor/MSFT/WiFi/Profile/corp/WlanXml",
		.format = "chr",
		.data = "<x/>",
		.version = 1,
		.state = "pending"},
	{.item_id = "crt",
		.kind = "certificate",
		.scope = "device",
		.loc_uri =
			"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/AB/EncodedCertificate",
		.format = "b64",
		.data = "AA==",
		.version = 1,
		.state = "pending"},
	{.item_id = "usr",
		.kind = "policy",
		.scope = "user",
		.loc_uri = "./User/Vendor/MSFT/Policy/Config/C/D",
		.format = "chr",
		.data = "y",
		.version = 1,
		.state = "pending"},
};
enum { ITEMS = sizeof items / sizeof *items };

static void
set_states(const char *device, const char *user)
{
	for (size_t i = 0; i < ITEMS; i++)
		items[i].state = str_eq(items[i].scope, "user") ? user : device;
}

static void
read_text(const char *body)
{
	read_body(body, items, ITEMS);
}

static const char *
status_text(const char *ref, const char *code)
{
	return arena_printf(&arena,
		"<Status><CmdID>9</CmdID><MsgRef>1</MsgRef><CmdRef>%s</CmdRef><Cmd>Replace</"
		"Cmd><Data>%s"
		"</Data></Status>",
		ref, code);
}

static void
a_status_becomes_the_state_of_its_item(void **state)
{
	(void)state;
	static const struct {
		const char *ref, *code, *becomes, *fault;
	} cases[] = {
		{"pol", "200", "done", NULL},
		{"pol", "418", "done", NULL},
		{"pol", "404", "failed", "policy_failed"},
		{"pol", "500", "failed", "policy_failed"},
		{"pol", "", "failed", "policy_failed"},
		{"crt", "500", "failed", "certificate_failed"},
		{"net", "500", "failed", "network_profile_failed"},
		{"app", "202", "installing", NULL},
		{"app", "213", "installing", NULL},
		{"app", "403", "failed", "app_install_failed"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		set_states("sent", "sent");
		read_text(status_text(cases[i].ref, cases[i].code));
		assert_int_equal(inbox.state_count, 1);
		assert_string_equal(inbox.states[0].item_id, cases[i].ref);
		assert_string_equal(inbox.states[0].state, cases[i].becomes);
		if (cases[i].fault)
			assert_string_equal(inbox.states[0].fault, cases[i].fault);
		else
			assert_null(inbox.states[0].fault);
		assert_true(!cases[i].fault == !inbox.states[0].reason);
	}
	read_text(status_text("pol", "200"));
	assert_int_equal(inbox.states[0].version, 3);
}

static void
a_status_of_nothing_that_was_sent_changes_nothing(void **state)
{
	(void)state;
	read_text(status_text("0", "200"));
	assert_int_equal(inbox.state_count, 0);
	read_text(status_text("somebody-else", "500"));
	assert_int_equal(inbox.state_count, 0);
	assert_null(inbox.odj_job);
	set_states("failed", "failed");
	read_text(status_text("pol", "500"));
	assert_int_equal(inbox.state_count, 0);
}

static void
acknowledgements_are_told_apart(void **state)
{
	(void)state;
	read_text(status_text("odj-j1", "200"));
	assert_string_equal(inbox.odj_job, "j1");
	assert_int_equal(inbox.odj_status, 200);
	read_text(status_text("odj-j1", "500"));
	assert_int_equal(inbox.odj_status, 500);
	read_text(status_text("done-device", "200"));
	assert_true(inbox.device_done_acked && !inbox.user_done_acked);
	read_text(status_text("done-user", "200"));
	assert_true(!inbox.device_done_acked && inbox.user_done_acked);
}

#define ALERT(code, type, source, data)                                                            \
	"<Alert><CmdID>2</CmdID><Data>" code "</Data><Item>" source                                \
	"<Meta><Type xmlns=\"syncml:metinf\">" type "</Type></Meta><Data>" data                    \
	"</Data></Item></Alert>"

static void
alerts_say_why_the_device_calls(void **state)
{
	(void)state;
	read_text(ALERT("1224", "com.microsoft/MDM/LoginStatus", "", "others"));
	assert_false(inbox.user_login || inbox.bootstrap || inbox.odj_sync);
	assert_true(inbox.first);
	read_text(ALERT("1224", "com.microsoft/MDM/LoginStatus", "", "user"));
	assert_true(inbox.user_login);
	read_text(ALERT("1224", "com.microsoft/MDM/BootstrapSync", "", "device"));
	assert_true(inbox.bootstrap);
	read_text(ALERT("1224", "com.microsoft/MDM/OdjSync", "", "device"));
	assert_true(inbox.odj_sync);
}

static void
an_installer_reports_for_its_own_app_only(void **state)
{
	(void)state;
#define INSTALL "Reversed-Domain-Name:com.microsoft.mdm.win32csp_install"
#define APP                                                                                        \
	"<Source><LocURI>./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/{1}/"             \
	"DownloadInstall</LocURI></Source>"
	set_states("installing", "pending");
	read_text(ALERT("1226", INSTALL, APP, "70"));
	assert_int_equal(inbox.state_count, 1);
	assert_string_equal(inbox.states[0].state, "done");
	read_text(ALERT("1226", INSTALL, APP, "60"));
	assert_string_equal(inbox.states[0].state, "failed");
	assert_string_equal(inbox.states[0].fault, "app_install_failed");
	read_text(ALERT("1226", INSTALL, "<Source><LocURI>./elsewhere</LocURI></Source>", "70"));
	assert_int_equal(inbox.state_count, 0);
	read_text(ALERT("1226", INSTALL,
		"<Source><LocURI>./Device/Vendor/MSFT/Policy/Config/A/B</LocURI></Source>", "70"));
	assert_int_equal(inbox.state_count, 0);
}

static void
a_device_may_not_command_the_service(void **state)
{
	(void)state;
	static const char *const names[] = {"Add", "Delete", "Get", "Exec"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		read_text(arena_printf(&arena,
			"<%s><CmdID>5</CmdID><Item><Target><LocURI>./x</LocURI></Target></Item></"
			"%s>",
			names[i], names[i]));
		const struct syncml_command *last = reply.commands->next;
		assert_string_equal(last->cmd_ref, "5");
		assert_string_equal(last->data, "405");
	}
	read_text(status_text("pol", "200"));
	assert_null(reply.commands->next); // a Status is not answered
}

static struct job job = {.job_id = "j1", .computer_name = "PC-1", .state = "queued"};

static struct mdm_facts
facts_with(bool hybrid)
{
	inbox = (struct mdm_inbox){0};
	job = (struct job){.job_id = "j1", .computer_name = "PC-1", .state = "queued"};
	return (struct mdm_facts){
		.inbox = &inbox,
		.items = items,
		.item_count = ITEMS,
		.odj = hybrid ? &job : NULL,
		.hybrid = hybrid,
		.timeout_minutes = 60,
		.content_url = "https://f/content/",
	};
}

static void
nothing_is_sent_after_a_failure(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(true);

	set_states("pending", "pending");
	job.state = "done";
	job.sealed_blob = slice_str("sealed");
	inbox.first = inbox.bootstrap = inbox.user_login = f.user_phase = true;
	f.deployment_failed = true;
	assert_string_equal(plan(&f), "");
	assert_int_equal(sent.count, 0);
	set_states("done", "done");
	job.delivered_at = 1;
	assert_string_equal(plan(&f), "");
	// What went wrong may be asked for, in the first message of a session.
	f.given_up = true;
	assert_string_equal(plan(&f), "fail ");
	f.given_up = false;
	f.log_wanted = "id";
	f.log_url = "https://f/log";
	assert_string_equal(plan(&f), "log ");
	inbox.first = false;
	assert_string_equal(plan(&f), "");
}

// The gateway of a tunnel needs the key that the device makes (docs/vpn.md).
static void
a_tunnel_is_followed_by_the_question_for_its_public_key(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(false);
	struct item tunnel = {.item_id = "vpn",
		.kind = "network",
		.scope = "device",
		.loc_uri = "./Device/Vendor/Ferry/WireGuard/corp/Config",
		.format = "chr",
		.data = "{}",
		.version = 1,
		.state = "pending"};

	f.items = &tunnel;
	f.item_count = 1;
	assert_string_equal(plan(&f), "vpn k-vpn ");
	const struct syncml_command *c = reply.commands;
	while (!str_eq(c->cmd_id, "k-vpn"))
		c = c->next;
	assert_int_equal(c->type, SYNCML_GET);
	assert_string_equal(c->items->target, "./Device/Vendor/Ferry/WireGuard/corp/PublicKey");
}

static void
certificates_and_networks_go_out_before_policies_and_apps(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(false);

	set_states("pending", "pending");
	assert_string_equal(plan(&f), "crt net pol a-app app ");
	assert_int_equal(sent.count, 4);
	for (size_t i = 0; i < sent.count; i++)
		assert_string_equal(sent.states[i].state, "sent");
	const struct syncml_command *exec = reply.commands;
	while (!str_eq(exec->cmd_id, "app"))
		exec = exec->next;
	assert_int_equal(exec->type, SYNCML_EXEC);
	assert_non_null(strstr(exec->items->data, "https://f/content/abcd"));
	assert_non_null(strstr(exec->items->data, "<FileHash>ABCD</FileHash>"));
}

static void
what_is_on_its_way_is_sent_again_only_in_a_new_session(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(false);

	set_states("sent", "pending");
	assert_string_equal(plan(&f), "");
	set_states("installing", "pending");
	assert_string_equal(plan(&f), "");
	f.hash_wanted = true; // asked once a session
	assert_string_equal(plan(&f), "");
	f.hash_wanted = false;
	inbox.first = true;
	assert_string_equal(plan(&f), "edevice0 edevice1 edevice2 crt net pol a-app app ");
	set_states("failed", "pending");
	assert_string_equal(plan(&f), "edevice0 edevice1 edevice2 ");
	f.hash_wanted = true;
	assert_string_equal(plan(&f), "hash edevice0 edevice1 edevice2 ");
	assert_string_equal(reply.commands->items->target, MDM_HASH_NODE);
}

static void
user_items_wait_for_the_user_phase_and_a_signed_in_user(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(false);

	set_states("done", "pending");
	inbox.device_done_acked = true;
	for (int i = 0; i < 4; i++) {
		f.user_phase = i & 1;
		inbox.user_login = i & 2;
		assert_string_equal(plan(&f), i == 3 ? "usr " : "");
	}
}

static void
the_blob_goes_out_once_it_is_made_and_not_after_delivery(void **state)
{
	(void)state;
	static const struct {
		const char *state;
		time_us delivered_at;
		bool blob, goes;
	} cases[] = {
		{"queued", 0, false, false},
		{"leased", 0, true, false},
		{"failed", 0, true, false},
		{"done", 0, false, false},
		{"done", 0, true, true},
		{"done", 1, true, false},
		{"done", 1, false, false},
	};

	set_states("done", "done");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mdm_facts f = facts_with(true);
		job.state = cases[i].state;
		job.delivered_at = cases[i].delivered_at;
		if (cases[i].blob)
			job.sealed_blob = slice_str("sealed");
		bool goes = strstr(plan(&f), "odj-j1 ") != NULL;
		if (goes != cases[i].goes)
			fail_msg("case %zu", i);
	}
	struct mdm_facts f = facts_with(true);
	job.state = "done";
	job.sealed_blob = slice_str("sealed");
	plan(&f);
	assert_string_equal(reply.commands->correlator, "j1/PC-1");
	assert_string_equal(reply.commands->items->data, "c2VhbGVk");
}

#define ALL_DONE "g0 g1 g2 g3 done-device "

static void
provisioning_ends_only_when_everything_is_done(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(true);

	set_states("done", "pending");
	assert_string_equal(plan(&f), ""); // no blob yet
	job.state = "done";
	job.sealed_blob = slice_str("sealed");
	assert_string_equal(plan(&f), "odj-j1 "); // not acknowledged yet
	job.delivered_at = 1;
	assert_string_equal(plan(&f), ALL_DONE);
	for (size_t i = 0; i < ITEMS - 1; i++) {
		static const char *const not_done[] = {"pending", "sent", "installing", "failed"};
		for (size_t s = 0; s < 4; s++) {
			items[i].state = not_done[s];
			assert_null(strstr(plan(&f), "done-device"));
		}
		items[i].state = "done";
	}
	inbox.device_done_acked = true;
	assert_string_equal(plan(&f), "");
	// Without a domain join there is no blob to wait for.
	f = facts_with(false);
	assert_string_equal(plan(&f), ALL_DONE);
	f.item_count = 0;
	assert_string_equal(plan(&f), ALL_DONE);
}

static void
the_user_is_done_after_the_device_and_with_everything_of_the_user(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(false);

	f.user_phase = inbox.user_login = true;
	set_states("done", "sent");
	assert_string_equal(plan(&f), ALL_DONE);
	set_states("done", "done");
	assert_string_equal(plan(&f), ALL_DONE "done-user ");
	inbox.user_login = false;
	assert_string_equal(plan(&f), ALL_DONE);
	inbox.user_login = true;
	items[0].state = "sent";
	assert_string_equal(plan(&f), "");
}

static void
the_first_session_holds_the_page_and_says_what_is_expected(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(false);

	inbox.first = inbox.bootstrap = true;
	set_states("sent", "pending");
	assert_true(str_starts(plan(&f),
		"p1 p2 p3 p4 p5 p6 p7 p9 p10 t1 t2 tu1 tr1 t3 edevice0 edevice1 "
		"edevice2 "));
	const struct syncml_command *c = reply.commands;
	while (!str_eq(c->cmd_id, "p4"))
		c = c->next;
	assert_string_equal(c->items->data, "60");
	assert_non_null(strstr(data_of("p10"), "{\"uri\":\"./Device/"));
	// No page reaches the device: none is shown (X2).
	assert_string_equal(data_of("p1"), "true");
	assert_string_equal(data_of("p2"), "true");
	// Policies and certificates; networks; packages, each with its count.
	while (!str_eq(c->cmd_id, "edevice0"))
		c = c->next;
	assert_string_equal(c->items->data,
		"./Device/Vendor/MSFT/Policy/Config/A/B\xef\x80\x80"
		"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/AB/EncodedCertificate");
	assert_string_equal(c->next->items->data, "./Device/Vendor/MSFT/WiFi/Profile/corp/WlanXml");
	assert_true(str_ends(c->next->next->items->data, "/DownloadInstall;1"));
	assert_null(strstr(c->items->data, "./User/"));
}

static void
an_action_is_heard_of_once_a_session_and_a_wipe_is_the_last_word(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(false);
	struct device_action_entry actions[] = {
		{.action_id = "a", .action = DEVICE_ACTION_SYNC, .state = "pending", .data = ""},
		{.action_id = "b",
			.action = DEVICE_ACTION_RENAME,
			.state = "pending",
			.data = "DESK-7"},
		{.action_id = "c",
			.action = DEVICE_ACTION_WIPE,
			.state = "pending",
			.data = "rejoin"},
	};

	set_states("pending", "pending");
	f.actions = actions;
	f.action_count = 2;
	f.deployment_failed = true; // also then
	assert_string_equal(plan(&f), "act-b ");
	assert_string_equal(reply.commands->items->data, "DESK-7");
	f.action_count = 3;
	f.deployment_failed = false;
	assert_string_equal(plan(&f), "act-b act-c ");
	assert_int_equal(sent.action_count, 2);
	assert_null(reply.commands->next->items->data);
	actions[1].state = actions[2].state = "sent";
	f.items = NULL;
	f.item_count = 0;
	assert_null(strstr(plan(&f), "act-"));
	inbox.first = true;
	assert_string_equal(plan(&f), "act-b act-c ");
	f.over = true;
	assert_string_equal(plan(&f), "");
	read_text(status_text("act-c", "202"));
	assert_int_equal(inbox.action_count, 1);
	assert_string_equal(inbox.actions[0].action_id, "c");
	assert_int_equal(inbox.actions[0].status, 202);
	assert_int_equal(inbox.state_count, 0);
}

// Whoever refuses to be given up is not managed on, hidden from every administrator (A11).
static void
a_device_whose_record_is_deleted_hears_of_that_and_of_nothing_else(void **state)
{
	(void)state;
	struct mdm_facts f = facts_with(true);
	struct device_action_entry actions[] = {
		{.action_id = "d", .action = DEVICE_ACTION_DELETE, .state = "pending", .data = ""}};

	set_states("pending", "pending");
	f.deleted = inbox.first = inbox.bootstrap = f.hash_wanted = true;
	assert_string_equal(plan(&f), "");
	f.actions = actions;
	f.action_count = 1;
	assert_string_equal(plan(&f), "act-d ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_becomes_the_state_of_its_item),
		cmocka_unit_test(a_status_of_nothing_that_was_sent_changes_nothing),
		cmocka_unit_test(acknowledgements_are_told_apart),
		cmocka_unit_test(alerts_say_why_the_device_calls),
		cmocka_unit_test(an_installer_reports_for_its_own_app_only),
		cmocka_unit_test(a_device_may_not_command_the_service),
		cmocka_unit_test(nothing_is_sent_after_a_failure),
		cmocka_unit_test(a_tunnel_is_followed_by_the_question_for_its_public_key),
		cmocka_unit_test(certificates_and_networks_go_out_before_policies_and_apps),
		cmocka_unit_test(what_is_on_its_way_is_sent_again_only_in_a_new_session),
		cmocka_unit_test(user_items_wait_for_the_user_phase_and_a_signed_in_user),
		cmocka_unit_test(the_blob_goes_out_once_it_is_made_and_not_after_delivery),
		cmocka_unit_test(provisioning_ends_only_when_everything_is_done),
		cmocka_unit_test(the_user_is_done_after_the_device_and_with_everything_of_the_user),
		cmocka_unit_test(the_first_session_holds_the_page_and_says_what_is_expected),
		cmocka_unit_test(an_action_is_heard_of_once_a_session_and_a_wipe_is_the_last_word),
		cmocka_unit_test(
			a_device_whose_record_is_deleted_hears_of_that_and_of_nothing_else),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
