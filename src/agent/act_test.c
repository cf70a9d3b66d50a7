// SPDX-License-Identifier: Apache-2.0
// What an administrator can take away from this device, and what must stay however it is asked for.
// Nothing here may be removed outside of a folder of the test.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/act.h"
#include "agent/command.h"
#include "agent/csp/csp.h"
#include "agent/local_admin.h"
#include "agent/removal.h"
#include "base/fs.h"
#include "base/str.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena = {.cap = ARENA_REQUEST};
static struct agent agent;
static char folder[64];

static const char *
at(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

static int
setup(void **state)
{
	struct error e;

	(void)state;
	snprintf(folder, sizeof folder, "/tmp/ferry-act-XXXXXX");
	if (!mkdtemp(folder) || !fs_mkdirs(at("home/ada/letters"), 0755, &e))
		return -1;
	agent = (struct agent){.arena = &arena, .step = &arena};
	agent.config.state_dir = folder;
	agent.config.homes = at("home");
	agent.journal =
		(struct journal){.path = at("journal.json"), .arena = &arena, .flow = FLOW_DONE};
	esp_view_begin(&agent.esp);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	const char *const argv[] = {"rm", "-r", folder, NULL};
	const char *output;
	struct error e;

	return command_run(&arena, argv, 30, &output, &e) ? 0 : -1;
}

static int
run(enum syncml_type type, const char *path, const char *data, struct csp_call *call)
{
	*call = (struct csp_call){.agent = &agent,
		.arena = &arena,
		.type = type,
		.loc_uri = arena_printf(&arena, "./Device/Vendor/%s", path),
		.data = data};
	return csp_run(call);
}

static void
a_wipe_is_not_begun_by_reading_or_writing_its_node(void **state)
{
	(void)state;
	static const enum syncml_type types[] = {
		SYNCML_GET, SYNCML_ADD, SYNCML_REPLACE, SYNCML_DELETE};
	struct csp_call call;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		assert_int_equal(run(types[i], "MSFT/RemoteWipe/doWipe", "", &call), 405);
	assert_int_equal(run(SYNCML_EXEC, "MSFT/DMClient/Unenroll", "Other", &call), 404);
	assert_int_equal(run(SYNCML_EXEC, "MSFT/DMClient/Unenroll", NULL, &call), 404);
	assert_null(agent.journal.act);
	assert_false(fs_exists(agent.journal.path));
}

static void
a_hybrid_device_refuses_reset_and_name_with_the_reason(void **state)
{
	(void)state;
	struct csp_call call;

	agent.journal.joined = true;
	agent.journal.domain = "corp.example.com";
	assert_int_equal(
		run(SYNCML_EXEC, "MSFT/RemoteWipe/AutomaticRedeployment/doAutomaticRedeployment",
			"", &call),
		405);
	assert_string_equal(call.why.fault, "reset_hybrid");
	assert_int_equal(
		run(SYNCML_REPLACE, "MSFT/Accounts/Domain/ComputerName", "DESK-7", &call), 405);
	assert_string_equal(call.why.fault, "rename_hybrid");
	assert_null(agent.journal.act);
}

static void
a_name_that_is_none_is_refused(void **state)
{
	(void)state;
	struct csp_call call;

	assert_int_equal(
		run(SYNCML_REPLACE, "MSFT/Accounts/Domain/ComputerName", "no name", &call), 500);
	assert_string_equal(call.why.fault, "device_name_invalid");
}

static void
what_was_accepted_stands_in_the_journal_before_it_is_answered(void **state)
{
	(void)state;
	static const struct {
		const char *path, *data, *act;
	} cases[] = {
		{"MSFT/RemoteWipe/doWipePersistUserData", "", "renew"},
		{"MSFT/DMClient/Unenroll", "Ferry", "retire"},
		{"MSFT/RemoteWipe/doWipe", NULL, "wipe"},
	};
	struct csp_call call;
	struct journal again;
	struct error e;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(run(SYNCML_EXEC, cases[i].path, cases[i].data, &call), 202);
		assert_true(journal_open(&arena, agent.journal.path, &again, &e));
		assert_string_equal(again.act, cases[i].act);
	}
	// A weaker one does not take back a wipe.
	assert_int_equal(run(SYNCML_EXEC, "MSFT/DMClient/Unenroll", "Ferry", &call), 202);
	assert_string_equal(agent.journal.act, "wipe");
}

static void
a_kiosk_is_not_made_of_anything_else(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "kiosk", "<AssignedAccessConfiguration/>",
		("<AssignedAccessConfiguration xmlns=\"http://schemas.microsoft.com/AssignedAccess/"
		 "2017/config\"><Configs/></AssignedAccessConfiguration>")};
	struct csp_call call;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(
			run(SYNCML_REPLACE, "MSFT/AssignedAccess/Configuration", bad[i], &call),
			500);
		assert_string_equal(call.why.fault, "policy_failed");
	}
	assert_int_equal(run(SYNCML_EXEC, "MSFT/AssignedAccess/Configuration", "", &call), 405);
	assert_int_equal(run(SYNCML_REPLACE, "MSFT/AssignedAccess/ShellLauncher", "", &call), 404);
	assert_false(agent.journal.kiosk);
}

static void
only_0_lets_somebody_reset_the_device_in_front_of_it(void **state)
{
	(void)state;
#define LOCAL_RESET "MSFT/Policy/Config/CredentialProviders/DisableAutomaticReDeploymentCredentials"
	struct csp_call call;
	struct journal again;
	struct error e = {0};

	assert_int_equal(run(SYNCML_REPLACE, LOCAL_RESET, "false", &call), 500);
	assert_int_equal(run(SYNCML_REPLACE, LOCAL_RESET, "1", &call), 200);
	assert_false(agent.journal.local_reset);
	assert_int_equal(run(SYNCML_REPLACE, LOCAL_RESET, "0", &call), 200);
	assert_true(journal_open(&arena, agent.journal.path, &again, &e));
	assert_true(again.local_reset);
	assert_false(local_admin_check("", "", &e));
	assert_false(local_admin_check("nobody", "x", &e));
	assert_false(local_admin_check("no-such-user", "x", &e));
	assert_string_equal(e.fault, "reset_credentials_wrong");
}

static void
a_restart_waits_for_the_end_of_the_session(void **state)
{
	(void)state;
	struct csp_call call;

	assert_int_equal(run(SYNCML_EXEC, "MSFT/Reboot/RebootNow", NULL, &call), 200);
	assert_true(agent.restart_wanted);
	assert_false(agent.powering_off);
	assert_int_equal(run(SYNCML_EXEC, "Ferry/Power/ShutDown", NULL, &call), 200);
	assert_true(agent.shutdown_wanted);
}

static void
homes_are_emptied_and_nothing_that_a_link_leads_to(void **state)
{
	(void)state;
	struct error e;

	assert_true(fs_mkdirs(at("elsewhere"), 0755, &e));
	assert_true(fs_write(at("elsewhere/file"), slice_str("x"), 0644, &e));
	assert_true(fs_write(at("home/ada/letters/a"), slice_str("x"), 0600, &e));
	assert_int_equal(symlink(at("elsewhere"), at("home/ada/link")), 0);
	assert_true(removal_homes(&agent, &e));
	assert_true(fs_exists(at("home")));
	assert_false(fs_exists(at("home/ada")));
	assert_true(fs_exists(at("elsewhere/file")));
	assert_true(removal_homes(&agent, &e)); // again
	agent.config.homes = "";
	assert_true(removal_homes(&agent, &e));
	agent.config.homes = at("nowhere");
	assert_true(removal_homes(&agent, &e));
}

static void
the_keys_of_a_computer_go_with_what_a_cut_change_left_of_them(void **state)
{
	(void)state;
	static const char *const names[] = {"krb5.keytab", "krb5.keytab.new", "krb5.keytab.secret"};
	struct error e;

	agent.config.keytab = at(names[0]);
	agent.config.sssd_conf = at("sssd.conf");
	agent.config.krb5_conf = at("krb5.conf");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_true(fs_write(at(names[i]), slice_str("secret"), 0600, &e));
	assert_true(removal_join(&agent, &e));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_false(fs_exists(at(names[i])));
}

// Whoever uses a device must not be able to keep it from being wiped.
static void
a_home_that_is_deeper_than_any_path_is_emptied(void **state)
{
	(void)state;
	struct error e = {0};
	int fd = open(at("home/ada"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < 500; i++) {
		assert_int_equal(mkdirat(fd, "d", 0700), 0);
		int next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
		assert_true(fd >= 0);
	}
	close(fd);
	if (!removal_homes(&agent, &e))
		fail_msg("%s", e.message);
	assert_false(fs_exists(at("home/ada")));
}

static void
an_unknown_act_is_an_error_and_removes_nothing(void **state)
{
	(void)state;
	struct error e = {0};

	agent.journal.act = "explode";
	assert_false(act_run(&agent, &e));
	assert_true(fs_exists(at("home/ada/letters")));
}

int
main(void)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ON(a_wipe_is_not_begun_by_reading_or_writing_its_node),
		ON(a_hybrid_device_refuses_reset_and_name_with_the_reason),
		ON(a_name_that_is_none_is_refused),
		ON(what_was_accepted_stands_in_the_journal_before_it_is_answered),
		ON(a_kiosk_is_not_made_of_anything_else),
		ON(only_0_lets_somebody_reset_the_device_in_front_of_it),
		ON(a_restart_waits_for_the_end_of_the_session),
		ON(homes_are_emptied_and_nothing_that_a_link_leads_to),
		ON(the_keys_of_a_computer_go_with_what_a_cut_change_left_of_them),
		ON(a_home_that_is_deeper_than_any_path_is_emptied),
		ON(an_unknown_act_is_an_error_and_removes_nothing),
	};
#undef ON

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
