// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/esp_view.h"
#include "base/str.h"

#define SEPARATOR "\xef\x80\x80"
#define POLICY "./Device/Vendor/MSFT/Policy/Config/A/B"
#define POLICY2 "./Device/Vendor/MSFT/Policy/Config/A/C"
#define APP "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/{1}/DownloadInstall"
#define WIFI "./Device/Vendor/MSFT/WiFi/Profile/corp/WlanXml"
#define USER "./User/Vendor/MSFT/Policy/Config/C/D"

static struct arena arena = {.cap = ARENA_REQUEST};
static struct esp_view view;
static struct journal journal;

static int
begin(void **state)
{
	(void)state;
	journal = (struct journal){0};
	esp_view_begin(&view);
	return 0;
}

static void
done(const char *loc_uri)
{
	journal.done[journal.done_count++] = loc_uri;
}

// The screen's JSON, parsed.
static const struct json *
screen(bool user_flow)
{
	struct buf out;
	struct error e;
	buf_init(&out, &arena, 64 << 10);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	esp_view_write(&view, &journal, user_flow, &w);
	jsonw_end_object(&w);
	const struct json *json = json_parse(&arena, buf_slice(&out), NULL, &e);
	if (!json)
		fail_msg("%s: %s", buf_text(&out), e.message);
	return json_get(json, "phases");
}

static const struct json *
find(const struct json *phases, const char *key)
{
	for (const struct json *p = phases->first; p; p = p->next)
		for (const struct json *r = json_get(p, "rows")->first; r; r = r->next)
			if (str_eq(json_str(r, "key"), key))
				return r;
	return NULL;
}

static void
an_item_counts_in_the_row_that_its_address_says(void **state)
{
	(void)state;
	assert_int_equal(esp_view_row(POLICY), ESP_POLICIES);
	assert_int_equal(esp_view_row(APP), ESP_APPS);
	assert_int_equal(esp_view_row(WIFI), ESP_NETWORKS);
	assert_int_equal(
		esp_view_row(
			"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/A/EncodedCertificate"),
		ESP_CERTIFICATES);
	assert_int_equal(esp_view_row(USER), ESP_ACCOUNT_POLICIES);
	assert_int_equal(
		esp_view_row("./User/Vendor/MSFT/WiFi/Profile/x/WlanXml"), ESP_ACCOUNT_NETWORKS);
}

static void
a_list_is_split_at_its_separator_and_loses_its_counts(void **state)
{
	(void)state;
	esp_view_expect(&view, &arena, false, "ExpectedPolicies", POLICY SEPARATOR POLICY2);
	esp_view_expect(
		&view, &arena, false, "ExpectedMSIAppPackages", APP ";1" SEPARATOR APP "2;1");
	assert_int_equal(view.expected_count, 4);
	assert_string_equal(view.expected[1].loc_uri, POLICY2);
	assert_string_equal(view.expected[2].loc_uri, APP);
	assert_string_equal(view.expected[3].loc_uri, APP "2");
	esp_view_expect(&view, &arena, false, "ExpectedPolicies", "");
	esp_view_expect(&view, &arena, false, "ExpectedMSIAppPackages", NULL);
	assert_int_equal(view.expected_count, 0);
	esp_view_expect(
		&view, &arena, false, "ExpectedPolicies", SEPARATOR SEPARATOR POLICY SEPARATOR);
	assert_true(view.expected_count <= 3);
}

static void
a_new_list_replaces_only_what_it_announced_before(void **state)
{
	(void)state;
	esp_view_expect(&view, &arena, false, "ExpectedPolicies", POLICY);
	esp_view_expect(&view, &arena, false, "ExpectedNetworkProfiles", WIFI);
	esp_view_expect(&view, &arena, false, "ExpectedMSIAppPackages", APP ";1");
	esp_view_expect(&view, &arena, true, "ExpectedPolicies", USER);
	assert_int_equal(view.expected_count, 4);
	esp_view_expect(&view, &arena, false, "ExpectedPolicies", POLICY2);
	assert_int_equal(view.expected_count, 4);
	esp_view_expect(&view, &arena, true, "ExpectedPolicies", "");
	assert_int_equal(view.expected_count, 3);
	for (size_t i = 0; i < view.expected_count; i++)
		assert_string_not_equal(view.expected[i].loc_uri, POLICY);
}

static void
more_than_a_page_can_hold_is_left_out(void **state)
{
	(void)state;
	struct buf list;

	buf_init(&list, &arena, 1 << 20);
	for (int i = 0; i < ESP_VIEW_EXPECTED + 50; i++)
		buf_printf(&list, "%s" POLICY "%d", i ? SEPARATOR : "", i);
	esp_view_expect(&view, &arena, false, "ExpectedPolicies", buf_text(&list));
	assert_int_equal(view.expected_count, ESP_VIEW_EXPECTED);
}

static void
a_row_is_complete_when_everything_expected_is_in_place(void **state)
{
	(void)state;
	esp_view_expect(&view, &arena, false, "ExpectedPolicies", POLICY SEPARATOR POLICY2);
	done(POLICY);
	esp_view_settle(&view, &journal, false);
	assert_int_equal(view.state[ESP_POLICIES], ESP_WORKING);
	assert_int_equal(view.state[ESP_APPS], ESP_COMPLETE); // nothing to do
	assert_int_equal(view.state[ESP_ACCOUNT_POLICIES], ESP_WAITING);
	const struct json *row = find(screen(false), "policies");
	assert_int_equal(json_int(row, "done", -1), 1);
	assert_int_equal(json_int(row, "total", -1), 2);
	done(POLICY2);
	esp_view_settle(&view, &journal, false);
	assert_int_equal(view.state[ESP_POLICIES], ESP_COMPLETE);
}

static void
an_error_stays_and_stops_the_rows_after_it(void **state)
{
	(void)state;
	esp_view_set(&view, ESP_SECURING, ESP_COMPLETE, "");
	esp_view_set(&view, ESP_POLICIES, ESP_ERROR, "the device answered 500");
	esp_view_settle(&view, &journal, false);
	assert_int_equal(view.state[ESP_POLICIES], ESP_ERROR);
	view.state[ESP_APPS] = ESP_WAITING;
	const struct json *phases = screen(false);
	assert_string_equal(
		json_str(find(phases, "policies"), "detail"), "the device answered 500");
	assert_string_equal(json_str(find(phases, "apps"), "state"), "error");
	assert_string_equal(json_str(find(phases, "apps"), "detail"), "Previous step failed");
	assert_string_equal(json_str(find(phases, "securing"), "state"), "complete");
	assert_string_equal(json_str(find(phases, "joining"), "state"), "waiting");
	assert_string_equal(json_str(phases->first->next, "state"), "error");
}

// behaviour U4
static void
every_item_is_named_as_its_administrator_does_with_its_state(void **state)
{
	(void)state;
	static const struct esp_name names[] = {{POLICY, "Screen lock"}};
	const struct error refused = {
		.code = ERR_DENIED, .fault = "download_refused", .message = "no such value"};

	esp_view_expect(&view, &arena, false, "ExpectedPolicies", POLICY SEPARATOR POLICY2);
	esp_view_expect(&view, &arena, false, "ExpectedNetworkProfiles", WIFI);
	view.names = names;
	view.name_count = 1;
	done(POLICY);
	esp_view_set(&view, ESP_POLICIES, ESP_WORKING, "");
	esp_view_current(&view, POLICY2);
	esp_view_current(&view, "./Device/Unexpected");
	const struct json *row = find(screen(false), "policies");
	const struct json *items = json_get(row, "items");
	assert_int_equal(items->count, 2);
	assert_string_equal(json_str(items->first, "name"), "Screen lock");
	assert_string_equal(json_str(items->first, "state"), "complete");
	assert_string_equal(json_str(items->first->next, "name"), "C");
	assert_string_equal(json_str(items->first->next, "state"), "working");
	esp_view_because(&view, ESP_POLICIES, ESP_ERROR, &refused);
	assert_int_equal(esp_view_failed(&view), ESP_POLICIES);
	row = find(screen(false), "policies");
	assert_string_equal(json_str(row, "fault"), "download_refused");
	assert_string_equal(json_str(json_get(row, "items")->first->next, "state"), "error");
	row = find(screen(false), "networks");
	assert_string_equal(json_str(json_get(row, "items")->first, "name"), "corp");
	assert_string_equal(json_str(json_get(row, "items")->first, "state"), "waiting");
	assert_string_equal(json_str(screen(false)->first, "key"), "devicePreparation");
	view.name_count = 0;
}

static void
of_a_long_list_what_is_in_place_is_left_out(void **state)
{
	(void)state;
	struct buf list;

	buf_init(&list, &arena, 64 << 10);
	for (int i = 0; i < 100; i++)
		buf_printf(&list, "%s" POLICY "%d", i ? SEPARATOR : "", i);
	esp_view_expect(&view, &arena, false, "ExpectedPolicies", buf_text(&list));
	for (int i = 0; i < 90; i++)
		done(arena_printf(&arena, POLICY "%d", i));
	const struct json *items = json_get(find(screen(false), "policies"), "items");
	assert_int_equal(items->count, 10);
	assert_string_equal(json_str(items->first, "name"), "B90");
	journal.done_count = 0;
	items = json_get(find(screen(false), "policies"), "items");
	assert_int_equal(items->count, ESP_VIEW_ITEMS);
}

static void
the_user_flow_shows_device_and_account_setup_only(void **state)
{
	(void)state;
	const struct json *technician = screen(false), *user = screen(true);

	assert_int_equal(technician->count, 2);
	assert_non_null(find(technician, "securing"));
	assert_null(find(technician, "accountApps"));
	assert_int_equal(user->count, 2);
	assert_null(find(user, "securing"));
	assert_non_null(find(user, "accountApps"));
	assert_string_equal(json_str(user->first, "state"), "pending");
}

static void
a_detail_of_any_length_fits(void **state)
{
	(void)state;
	char text[1000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	esp_view_set(&view, ESP_APPS, ESP_WORKING, text);
	assert_int_equal(strlen(view.detail[ESP_APPS]), sizeof view.detail[0] - 1);
	esp_view_set(&view, ESP_APPS, ESP_WORKING, NULL);
	assert_string_equal(view.detail[ESP_APPS], "");
}

static int
teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static void
no_row_is_without_a_reason(void **state)
{
	(void)state;
	esp_view_expect(&view, &arena, false, "ExpectedPolicies", POLICY SEPARATOR POLICY2);
	esp_view_expect(&view, &arena, false, "ExpectedNetworkProfiles", WIFI);
	for (enum esp_state s = 0; s < ESP_STATES; s++)
		for (enum esp_row row = 0; row < ESP_ROWS; row++) {
			esp_view_set(&view, row, s, "");
			struct esp_reason why = esp_view_reason(&arena, &view, &journal, row);
			assert_true(why.text && *why.text);
		}
	for (enum esp_row row = 0; row < ESP_ROWS; row++)
		esp_view_set(&view, row, row < ESP_POLICIES ? ESP_COMPLETE : ESP_WAITING, "");
	esp_view_settle(&view, &journal, false);
	struct esp_reason why = esp_view_reason(&arena, &view, &journal, ESP_POLICIES);
	assert_string_equal(why.text, "Waiting for B");
	assert_string_equal(why.say, "waitingItem");
	assert_string_equal(why.arg, "B");
	assert_string_equal(
		esp_view_reason(&arena, &view, &journal, ESP_NETWORKS).text, "Waiting for corp");
	assert_string_equal(esp_view_reason(&arena, &view, &journal, ESP_CERTIFICATES).text,
		"Nothing is assigned");
	done(POLICY);
	done(POLICY2);
	esp_view_settle(&view, &journal, false);
	assert_string_equal(
		esp_view_reason(&arena, &view, &journal, ESP_POLICIES).text, "Complete");
}

static void
a_user_of_whom_nothing_is_known_has_nothing_to_do(void **state) // X34
{
	(void)state;
	view.nothing = "The directory does not know eve@contoso.com";
	esp_view_settle(&view, &journal, true);
	const struct json *row = find(screen(true), "accountPolicies");
	assert_string_equal(json_str(row, "state"), "complete");
	assert_string_equal(json_str(row, "say"), "userUnknown");
	assert_string_equal(json_get(row, "args")->first->text, "eve@contoso.com");
	view.nothing = NULL;
}

static void
a_row_that_does_not_move_is_found(void **state) // X23
{
	(void)state;
	int64_t now = view.moved_ms[ESP_POLICIES];

	esp_view_expect(&view, &arena, false, "ExpectedPolicies", POLICY);
	esp_view_settle(&view, &journal, false);
	now = view.moved_ms[ESP_POLICIES];
	assert_int_equal(esp_view_stuck(&view, ESP_DEVICE_SETUP, now + 899, 900), ESP_ROWS);
	assert_int_equal(esp_view_stuck(&view, ESP_DEVICE_SETUP, now + 2000, 900), ESP_POLICIES);
	// Another row of the phase moved: it goes on.
	view.moved_ms[ESP_APPS] = now + 1500;
	assert_int_equal(esp_view_stuck(&view, ESP_DEVICE_SETUP, now + 2000, 900), ESP_ROWS);
	done(POLICY);
	esp_view_settle(&view, &journal, false);
	assert_int_equal(esp_view_stuck(&view, ESP_DEVICE_SETUP, now + 90000, 900), ESP_ROWS);
	assert_int_equal(esp_view_phase(&view, ESP_DEVICE_SETUP), ESP_ACCOUNT_SETUP);
	assert_int_equal(esp_view_phase(&view, ESP_DEVICE_PREPARATION), ESP_DEVICE_PREPARATION);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_item_counts_in_the_row_that_its_address_says, begin),
		cmocka_unit_test_setup(
			a_list_is_split_at_its_separator_and_loses_its_counts, begin),
		cmocka_unit_test_setup(a_new_list_replaces_only_what_it_announced_before, begin),
		cmocka_unit_test_setup(more_than_a_page_can_hold_is_left_out, begin),
		cmocka_unit_test_setup(
			a_row_is_complete_when_everything_expected_is_in_place, begin),
		cmocka_unit_test_setup(an_error_stays_and_stops_the_rows_after_it, begin),
		cmocka_unit_test_setup(
			every_item_is_named_as_its_administrator_does_with_its_state, begin),
		cmocka_unit_test_setup(of_a_long_list_what_is_in_place_is_left_out, begin),
		cmocka_unit_test_setup(the_user_flow_shows_device_and_account_setup_only, begin),
		cmocka_unit_test_setup(a_detail_of_any_length_fits, begin),
		cmocka_unit_test_setup(no_row_is_without_a_reason, begin),
		cmocka_unit_test_setup(a_user_of_whom_nothing_is_known_has_nothing_to_do, begin),
		cmocka_unit_test_setup(a_row_that_does_not_move_is_found, begin),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
