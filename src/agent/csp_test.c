// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// What a management server cannot make this device do: nothing here may write outside of a test.
#include "agent/csp/csp.h"
#include "base/str.h"

static struct arena arena = {.cap = ARENA_REQUEST};
static struct agent agent;

static int
run(enum syncml_type type, const char *loc_uri, const char *data, struct csp_call *out)
{
	*out = (struct csp_call){
		.agent = &agent, .arena = &arena, .type = type, .loc_uri = loc_uri, .data = data};
	return csp_run(out);
}

static int
setup(void **state)
{
	(void)state;
	agent = (struct agent){.arena = &arena, .step = &arena};
	agent.config.url = "https://ferry.example.com";
	esp_view_begin(&agent.esp);
	return 0;
}

static void
addresses_that_climb_or_lead_nowhere_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *uri;
		int status;
	} cases[] = {
		{"", 400},
		{"Vendor/MSFT/Policy/Config/A/B", 400},
		{"/etc/passwd", 400},
		{"./Device/Vendor/MSFT/WiFi/Profile/../../x/WlanXml", 400},
		{"./Device/Vendor/MSFT/WiFi/Profile/%2e%2e%2fx/WlanXml", 400},
		{"./Device/Vendor/MSFT/WiFi/Profile/%2E./WlanXml", 400},
		{"./Device/Vendor/MSFT/WiFi/Profile/a%0ab/WlanXml", 400},
		{"./Device/", 404},
		{"./Device/Vendor/MSFT/RemoteWipe/doWipe", 405},
		{"./User/Vendor/MSFT/RemoteWipe/doWipe", 404},
		{"./Device/Vendor/MSFT/RemoteWipe/doWipeCloud", 404},
		{"./Device/vendor/MSFT/Policy/Config/A/B", 404},
		{"./Device/Vendor/MSFT/Policy/Config/A/B", 404},
		{"./Device/Vendor/MSFT/Policy/Config/", 404},
		{"./User/Vendor/MSFT/Policy/Config/TimeLanguageSettings/ConfigureTimeZone", 404},
		{"./Device/Vendor/MSFT/Policy/Config/Education/DefaultPrinterName", 404},
		{"./Device/Vendor/MSFT/WiFi/Profile/x/Other", 404},
		{"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/EncodedCertificate", 404},
		{"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/A/B/EncodedCertificate", 404},
		{"./Device/Vendor/MSFT/RootCATrustedCertificates/My/A/EncodedCertificate", 404},
		{"./Device/Vendor/MSFT/DMClient/Provider/Ferry/FirstSyncStatus/Unknown", 404},
		{"./Device/Vendor/MSFT/DMClient/Provider/Ferry/Other", 404},
	};
	struct csp_call call;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int status = run(SYNCML_REPLACE, cases[i].uri, "x", &call);
		if (status != cases[i].status)
			fail_msg("%s: %d, expected %d", cases[i].uri, status, cases[i].status);
	}
}

static void
a_node_refuses_commands_that_it_does_not_know(void **state)
{
	(void)state;
	static const struct {
		enum syncml_type type;
		const char *uri;
	} cases[] = {
		{SYNCML_DELETE,
			"./Device/Vendor/MSFT/Policy/Config/DeviceLock/"
			"MaxInactivityTimeDeviceLock"},
		{SYNCML_GET,
			"./Device/Vendor/MSFT/Policy/Config/DeviceLock/"
			"MaxInactivityTimeDeviceLock"},
		{SYNCML_EXEC, "./Device/Vendor/MSFT/WiFi/Profile/x/WlanXml"},
		{SYNCML_EXEC,
			"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/A/EncodedCertificate"},
		{SYNCML_REPLACE, "./Device/Vendor/MSFT/OfflineDomainJoin/Blob"},
		{SYNCML_GET, "./Device/Vendor/MSFT/OfflineDomainJoin/Blob"},
		{SYNCML_REPLACE, "./Device/Vendor/MSFT/DeviceStatus/DomainName"},
		{SYNCML_REPLACE, "./Device/Vendor/Ferry/Domain/KeyProven"},
		{SYNCML_REPLACE, "./Device/Vendor/Ferry/Account/Type"},
		{SYNCML_REPLACE, "./DevDetail/Ext/DeviceHardwareData"},
		{SYNCML_DELETE,
			"./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/{1}/"
			"DownloadInstall"},
	};
	struct csp_call call;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (run(cases[i].type, cases[i].uri, "x", &call) != 405)
			fail_msg("%s", cases[i].uri);
}

static void
values_that_would_become_more_than_a_value_are_refused(void **state)
{
	(void)state;
#define WLAN(name, key)                                                                            \
	"<WLANProfile xmlns=\"http://www.microsoft.com/networking/WLAN/profile/v1\"><SSIDConfig>"  \
	"<SSID><name>" name "</name></SSID></SSIDConfig><MSM><security><authEncryption>"           \
	"<authentication>WPA2PSK</authentication></authEncryption><sharedKey><keyMaterial>" key    \
	"</keyMaterial></sharedKey></security></MSM></WLANProfile>"
#define POLICY "./Device/Vendor/MSFT/Policy/Config/"
#define WIFI "./Device/Vendor/MSFT/WiFi/Profile/x/WlanXml"
	static const struct {
		const char *uri, *data;
	} cases[] = {
		{POLICY "DeviceLock/MaxInactivityTimeDeviceLock", "5; rm -rf /"},
		{POLICY "DeviceLock/MaxInactivityTimeDeviceLock", "-1"},
		{POLICY "DeviceLock/MaxInactivityTimeDeviceLock", "1000"},
		{POLICY "DeviceLock/MaxInactivityTimeDeviceLock", ""},
		{POLICY "TimeLanguageSettings/ConfigureTimeZone", "../../../etc/shadow"},
		{POLICY "TimeLanguageSettings/ConfigureTimeZone", "Nowhere/Atlantis"},
		{"./User/Vendor/MSFT/Policy/Config/Education/DefaultPrinterName", "p"},
		{WIFI, "no xml"},
		{WIFI, WLAN("", "secret12")},
		{WIFI, WLAN("../../cron.d/x", "secret12")},
		{WIFI, WLAN(".hidden", "secret12")},
		{WIFI, WLAN("a&#10;[connection]&#10;b", "secret12")},
		{WIFI, WLAN("corp", "")},
		{WIFI, WLAN("corp", "a&#10;b")},
		{"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/A/EncodedCertificate",
			"AAAA"},
	};
	struct csp_call call;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (run(SYNCML_REPLACE, cases[i].uri, cases[i].data, &call) != 500)
			fail_msg("%s: %s", cases[i].uri, cases[i].data);
		assert_non_null(call.why.fault);
		assert_true(*call.why.message);
	}
}

static void
the_names_of_users_never_become_shell_text(void **state)
{
	(void)state;
	static const char *const users[] = {
		"a b@x", "x) rm -rf / ;;@x", "../x@x", "@x", "$(id)@x", "", "a/b@x"};
	struct csp_call call;

	for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
		agent.journal.user = users[i];
		assert_int_equal(
			run(SYNCML_REPLACE,
				"./User/Vendor/MSFT/Policy/Config/Education/DefaultPrinterName",
				"lp0", &call),
			500);
	}
	agent.journal.user = "alice@corp.example.com";
	assert_int_equal(
		run(SYNCML_REPLACE, "./User/Vendor/MSFT/Policy/Config/Education/DefaultPrinterName",
			"lp0; reboot", &call),
		500);
}

#define JOB(url, hash)                                                                             \
	"<MsiInstallJob><Product><Download><ContentURLList><ContentURL>" url                       \
	"</ContentURL></ContentURLList></Download><Validation><FileHash>" hash                     \
	"</FileHash></Validation><Enforcement><CommandLine>t.deb</CommandLine></Enforcement>"      \
	"</Product></MsiInstallJob>"
#define HASH "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"
#define APP "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/{1}/DownloadInstall"

static void
packages_come_only_from_the_service_and_with_a_hash(void **state)
{
	(void)state;
	static const char *const jobs[] = {
		"",
		"<MsiInstallJob/>",
		JOB("https://ferry.example.com/content/x", ""),
		JOB("https://ferry.example.com/content/x", "abc"),
		JOB("https://ferry.example.com/content/x",
			"../../../../../../../../../../../../../../../../../../../../tmp/xx"),
		JOB("", HASH),
		JOB("http://ferry.example.com/content/x", HASH),
		JOB("https://ferry.example.com.evil.example/content/x", HASH),
		JOB("https://ferry.example.com@evil.example/content/x", HASH),
		JOB("https://ferry.example.com:444/content/x", HASH),
		JOB("https://ferry.example.com/other/x", HASH),
		JOB("file:///etc/shadow", HASH),
	};
	struct csp_call call;

	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
		if (run(SYNCML_EXEC, APP, jobs[i], &call) != 500)
			fail_msg("%s", jobs[i]);
		assert_int_equal(agent.app_count, 0);
	}
	const char *good = JOB("https://ferry.example.com/content/x", HASH);
	assert_int_equal(run(SYNCML_EXEC, APP, good, &call), 202);
	assert_int_equal(run(SYNCML_EXEC, APP, good, &call), 202);
	assert_int_equal(agent.app_count, 1);
	assert_string_equal(agent.apps[0].path, "/content/x");
	agent.journal.done[agent.journal.done_count++] = APP;
	agent.app_count = 0;
	assert_int_equal(run(SYNCML_EXEC, APP, good, &call), 200);
	assert_int_equal(agent.app_count, 0);
}

// A script comes from the service, has a hash and a time limit, and is queued once.
static void
a_script_that_is_not_the_services_is_not_queued(void **state)
{
	(void)state;
#define SCRIPT "./Device/Vendor/Ferry/Script/1/Run"
#define LOW "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SCRIPT_JOB(url, hash, seconds)                                                             \
	"{\"url\":\"" url "\",\"sha256\":\"" hash "\",\"name\":\"n\",\"seconds\":" seconds "}"
	static const char *const jobs[] = {
		"",
		"{}",
		SCRIPT_JOB("https://ferry.example.com/content/x", "abc", "60"),
		SCRIPT_JOB("https://ferry.example.com/content/x", LOW, "0"),
		SCRIPT_JOB("https://ferry.example.com.evil.example/content/x", LOW, "60"),
		SCRIPT_JOB("https://ferry.example.com/other/x", LOW, "60"),
	};
	struct csp_call call;

	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
		if (run(SYNCML_EXEC, SCRIPT, jobs[i], &call) != 500)
			fail_msg("%s", jobs[i]);
		assert_string_equal(call.why.fault, "script_not_runnable");
		assert_int_equal(agent.app_count, 0);
	}
	const char *good = SCRIPT_JOB("https://ferry.example.com/content/x", LOW, "60");
	assert_int_equal(run(SYNCML_REPLACE, SCRIPT, good, &call), 405);
	assert_int_equal(run(SYNCML_EXEC, "./Device/Vendor/Ferry/Script/1/X", good, &call), 404);
	assert_int_equal(run(SYNCML_EXEC, SCRIPT, good, &call), 202);
	assert_int_equal(run(SYNCML_EXEC, SCRIPT, good, &call), 202);
	assert_int_equal(agent.app_count, 1);
	assert_int_equal(agent.apps[0].seconds, 60);
	agent.journal.done[agent.journal.done_count++] = SCRIPT "#0123456789abcdef";
	agent.app_count = 0;
	assert_int_equal(run(SYNCML_EXEC, SCRIPT, good, &call), 200);
	assert_int_equal(agent.app_count, 0);
}

static void
a_domain_join_that_no_tpm_sealed_is_refused(void **state)
{
	(void)state;
	struct csp_call call;

	assert_int_equal(
		run(SYNCML_EXEC, "./Device/Vendor/MSFT/OfflineDomainJoin/Blob", "AAAA", &call),
		500);
	assert_string_equal(call.why.fault, "odj_blob_invalid");
	assert_int_equal(
		run(SYNCML_EXEC, "./Device/Vendor/MSFT/OfflineDomainJoin/Blob", "*", &call), 500);
	assert_false(agent.journal.joined);
}

// behaviour X54
static void
what_was_finished_does_not_become_unfinished(void **state)
{
	(void)state;
#define FINISHED "Vendor/MSFT/DMClient/Provider/Ferry/FirstSyncStatus/ServerHasFinishedProvisioning"
	struct csp_call call;

	assert_int_equal(run(SYNCML_REPLACE, "./Device/" FINISHED, "false", &call), 200);
	assert_false(agent.device_done);
	assert_int_equal(run(SYNCML_REPLACE, "./Device/" FINISHED, "true", &call), 200);
	assert_true(agent.device_done && !agent.user_done);
	assert_int_equal(run(SYNCML_REPLACE, "./Device/" FINISHED, "false", &call), 200);
	assert_true(agent.device_done);
	assert_int_equal(run(SYNCML_REPLACE, "./User/" FINISHED, "true", &call), 200);
	assert_true(agent.user_done);
}

static void
only_whole_escapes_are_decoded(void **state)
{
	(void)state;
	assert_string_equal(csp_decode(&arena, "a%2Fb%20c"), "a/b c");
	assert_string_equal(csp_decode(&arena, "%"), "%");
	assert_string_equal(csp_decode(&arena, "%2"), "%2");
	assert_string_equal(csp_decode(&arena, "%zz%+1%-1%0x"), "%zz%+1%-1%0x");
	assert_string_equal(csp_decode(&arena, "a%00b"), "a%00b");
	assert_string_equal(csp_decode(&arena, "%252e"), "%2e");
}

static int
group_teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

#define FIRST_SYNC "./Device/Vendor/MSFT/DMClient/Provider/Ferry/FirstSyncStatus/"
#define TRACKING "./Device/Vendor/MSFT/EnrollmentStatusTracking/"
#define STATUS_PAGE "./Device/Vendor/Ferry/StatusPage/"

static void
values_that_the_status_page_cannot_have_are_refused(void **state) // X50 to X58
{
	(void)state;
	static const struct {
		const char *uri, *data;
		int status;
	} cases[] = {
		{FIRST_SYNC "SkipDeviceStatusPage", "yes", 400},
		{FIRST_SYNC "SkipUserStatusPage", "", 400},
		{FIRST_SYNC "BlockInStatusPage", "8", 400},
		{FIRST_SYNC "BlockInStatusPage", "-1", 400},
		{FIRST_SYNC "TimeOutUntilSyncFailure", "0", 400},
		{FIRST_SYNC "TimeOutUntilSyncFailure", "1441", 400},
		{FIRST_SYNC "WasDeviceSuccessfullyProvisioned", "3", 400},
		{"./User/Vendor/MSFT/DMClient/Provider/Ferry/FirstSyncStatus/BlockInStatusPage",
			"1", 404},
		{TRACKING "DevicePreparation/PolicyProviders/P/InstallationState", "5", 400},
		{TRACKING "DevicePreparation/PolicyProviders/P/Timeout", "0", 400},
		{TRACKING "DevicePreparation/PolicyProviders/P/Nothing", "1", 404},
		{TRACKING "Setup/Apps/Tracking/P/a/InstallationState", "0", 400},
		{TRACKING "Setup/Apps/Tracking/P/a/RebootRequired", "4", 400},
		{TRACKING "Setup/Apps/Tracking/P/a/Nothing", "1", 404},
		{TRACKING "Setup/Apps/Tracking/P/a/b/c", "1", 404},
		{TRACKING "Setup/HasProvisioningCompleted", "true", 405},
		{TRACKING "Other/Apps", "1", 404},
		{STATUS_PAGE "PolicyHash", "short", 400},
		{STATUS_PAGE "HybridExtraMinutes", "1441", 400},
		{STATUS_PAGE "Names", "{}", 400},
		{STATUS_PAGE "Names", "[", 400},
		{STATUS_PAGE "Other", "1", 404},
		{"./Vendor/MSFT/DiagnosticLog/DiagnosticArchive/ArchiveDefinition",
			"<Collection><ID>6f1a2b3c-0000-4000-8000-0123456789ab</ID><SasUrl>"
			"https://evil.example.com/x</SasUrl></Collection>",
			500},
		{"./Vendor/MSFT/DiagnosticLog/DiagnosticArchive/ArchiveDefinition", "<x", 500},
		{"./Vendor/MSFT/DiagnosticLog/Other", "x", 404},
	};
	struct csp_call call;

	esp_page_init(&agent.esp_page);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int status = run(SYNCML_REPLACE, cases[i].uri, cases[i].data, &call);
		if (status != cases[i].status)
			fail_msg("%s %s: %d", cases[i].uri, cases[i].data, status);
	}
	assert_null(agent.log_wanted);
	assert_int_equal(agent.esp_page.block, 0);
	assert_int_equal(agent.esp_page.timeout_minutes, 60);
}

static void
the_status_page_takes_what_the_service_says(void **state) // X50 to X58
{
	(void)state;
	static const struct {
		const char *uri, *data;
	} nodes[] = {
		{FIRST_SYNC "SkipDeviceStatusPage", "false"},
		{FIRST_SYNC "BlockInStatusPage", "5"},
		{FIRST_SYNC "TimeOutUntilSyncFailure", "45"},
		{FIRST_SYNC "AllowCollectLogsButton", "true"},
		{FIRST_SYNC "CustomErrorText", "Call 4711"},
		{STATUS_PAGE "HybridExtraMinutes", "20"},
		{TRACKING "DevicePreparation/PolicyProviders/Ferry/InstallationState", "3"},
		{TRACKING "DevicePreparation/PolicyProviders/Ferry/Timeout", "7"},
		{TRACKING "Setup/Apps/Tracking/Ferry/a/TrackingUri", "./Device/a"},
		{TRACKING "Setup/Apps/Tracking/Ferry/a/RebootRequired", "3"},
		{FIRST_SYNC "ServerHasFinishedProvisioning", "true"},
		{FIRST_SYNC "ServerHasFinishedProvisioning", "false"},
	};
	const struct esp_page *page = &agent.esp_page;
	struct csp_call call;

	esp_page_init(&agent.esp_page);
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		assert_int_equal(run(SYNCML_REPLACE, nodes[i].uri, nodes[i].data, &call), 200);
	assert_true(page->told && page->logs && !page->skip_device && page->skip_user);
	assert_int_equal(page->block, ESP_ALLOW_RESET | ESP_ALLOW_CONTINUE);
	assert_int_equal(esp_page_minutes(page, true), 65);
	assert_int_equal(page->patience_minutes, 7);
	assert_string_equal(page->text, "Call 4711");
	assert_int_equal(page->apps[0].reboot, ESP_REBOOT_HARD);
	assert_true(agent.device_done); // it cannot go back (X54)
	assert_int_equal(run(SYNCML_GET, FIRST_SYNC "TimeOutUntilSyncFailure", NULL, &call), 200);
	assert_string_equal(call.result, "45");
	assert_int_equal(
		run(SYNCML_GET, TRACKING "Setup/HasProvisioningCompleted", NULL, &call), 200);
	assert_string_equal(call.result, "true");
	// What is installed stays so, and asks for no second restart.
	agent.esp_page.apps[0].state = ESP_INSTALLED;
	agent.esp_page.apps[0].reboot = ESP_REBOOT_NONE;
	run(SYNCML_REPLACE, TRACKING "Setup/Apps/Tracking/Ferry/a/InstallationState", "1", &call);
	run(SYNCML_REPLACE, TRACKING "Setup/Apps/Tracking/Ferry/a/RebootRequired", "3", &call);
	assert_int_equal(page->apps[0].state, ESP_INSTALLED);
	assert_int_equal(page->apps[0].reboot, ESP_REBOOT_NONE);
	assert_false(page->forced);
	run(SYNCML_REPLACE, FIRST_SYNC "WasDeviceSuccessfullyProvisioned", "0", &call); // X61
	assert_true(page->forced);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(addresses_that_climb_or_lead_nowhere_are_refused, setup),
		cmocka_unit_test_setup(a_node_refuses_commands_that_it_does_not_know, setup),
		cmocka_unit_test_setup(
			values_that_would_become_more_than_a_value_are_refused, setup),
		cmocka_unit_test_setup(the_names_of_users_never_become_shell_text, setup),
		cmocka_unit_test_setup(packages_come_only_from_the_service_and_with_a_hash, setup),
		cmocka_unit_test_setup(a_script_that_is_not_the_services_is_not_queued, setup),
		cmocka_unit_test_setup(a_domain_join_that_no_tpm_sealed_is_refused, setup),
		cmocka_unit_test_setup(what_was_finished_does_not_become_unfinished, setup),
		cmocka_unit_test_setup(only_whole_escapes_are_decoded, setup),
		cmocka_unit_test_setup(values_that_the_status_page_cannot_have_are_refused, setup),
		cmocka_unit_test_setup(the_status_page_takes_what_the_service_says, setup),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, group_teardown);
}
