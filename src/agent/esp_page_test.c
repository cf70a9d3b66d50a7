// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/esp_page.h"
#include "base/fs.h"
#include "base/str.h"
#include <stdlib.h>

static struct arena arena = {.cap = ARENA_REQUEST};
static struct esp_page page;
static const char *path;

static int
setup(void **state)
{
	char *dir = arena_strdup(&arena, "/tmp/ferry-page-XXXXXX");
	(void)state;
	path = arena_printf(&arena, "%s/esp.json", mkdtemp(dir) ? dir : "");
	esp_page_init(&page);
	return 0;
}

static struct esp_page
read_text(const char *text)
{
	struct esp_page out;
	struct error e;

	assert_true(fs_write(path, slice_str(text), 0600, &e));
	esp_page_read(&arena, path, &out);
	return out;
}

static void
a_page_that_cannot_be_read_is_one_that_nobody_told(void **state) // X50
{
	(void)state;
	static const char *const texts[] = {"", "{", "[]", "7", "{\"told\":1,\"block\":\"x\"}",
		"{\"timeoutMinutes\":-5,\"usedDeviceMs\":-1,\"apps\":7}",
		"{\"apps\":[{},7,{\"name\":5}]}", "{\"timeoutMinutes\":9223372036854775807}"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct esp_page p = read_text(texts[i]);
		assert_false(p.told);
		assert_true(p.skip_device && p.skip_user);
		assert_int_equal(p.block, 0);
		assert_int_equal(p.timeout_minutes, 60);
		assert_int_equal(p.used_ms[ESP_DEVICE_SETUP], 0);
		assert_int_equal(p.app_count, 0);
	}
	esp_page_read(&arena, "/nonexistent/esp.json", &page);
	assert_false(page.told);
}

static void
an_app_is_never_in_a_state_that_does_not_exist(void **state) // X58
{
	(void)state;
	struct esp_page p =
		read_text("{\"apps\":[{\"name\":\"a\",\"state\":9,\"reboot\":0},"
			  "{\"name\":\"a\",\"state\":3},{\"name\":\"b\",\"reboot\":3}]}");

	assert_int_equal(p.app_count, 2);
	assert_int_equal(p.apps[0].state, ESP_INSTALLED);
	assert_int_equal(p.apps[0].reboot, ESP_REBOOT_NONE);
	assert_int_equal(p.apps[1].reboot, ESP_REBOOT_HARD);
	for (int i = 0; i < ESP_PAGE_APPS; i++)
		esp_page_app_add(&arena, &page, arena_printf(&arena, "app%d", i));
	assert_null(esp_page_app_add(&arena, &page, "one more"));
	assert_non_null(esp_page_app_add(&arena, &page, "app7"));
}

static void
what_was_told_and_used_survives(void **state)
{
	(void)state;
	struct error e;
	struct esp_page back;

	page.told = page.logs = true;
	page.skip_device = false;
	page.block = ESP_ALLOW_RESET | ESP_ALLOW_CONTINUE;
	page.text = "Call 4711";
	page.policy = "abcd";
	struct esp_tracked *app = esp_page_app_add(&arena, &page, "one");
	app->uri = "./Device/x";
	app->state = ESP_INSTALLED;
	esp_clock_run(&page, ESP_DEVICE_SETUP, 1000);
	assert_true(esp_page_write(&page, path, 61000, &e));
	esp_page_read(&arena, path, &back);
	assert_true(back.told && back.logs && back.skip_user && !back.skip_device);
	assert_int_equal(back.block, 5);
	assert_string_equal(back.text, "Call 4711");
	assert_string_equal(back.policy, "abcd");
	assert_int_equal(back.used_ms[ESP_DEVICE_SETUP], 60000);
	assert_ptr_equal(esp_page_app_of(&back, "./Device/x"), &back.apps[0]);
	assert_int_equal(back.apps[0].state, ESP_INSTALLED);
	assert_int_equal(page.used_ms[ESP_DEVICE_SETUP], 0); // it still runs here
}

static void
each_phase_has_a_clock_of_its_own(void **state) // X3
{
	(void)state;
	page.timeout_minutes = 2;
	page.hybrid_extra_minutes = 1;
	esp_clock_run(&page, ESP_DEVICE_PREPARATION, 1000);
	esp_clock_run(&page, ESP_DEVICE_PREPARATION, 5000); // runs already
	esp_clock_run(&page, ESP_DEVICE_SETUP, 91000);
	assert_int_equal(esp_clock_used_s(&page, ESP_DEVICE_PREPARATION, 999000), 90);
	assert_int_equal(esp_clock_left_s(&page, ESP_DEVICE_PREPARATION, false, 999000), 30);
	assert_int_equal(esp_clock_left_s(&page, ESP_DEVICE_PREPARATION, true, 999000), 90); // X4
	assert_int_equal(esp_clock_left_s(&page, ESP_DEVICE_SETUP, false, 91000 + 119000), 1);
	assert_int_equal(esp_clock_left_s(&page, ESP_DEVICE_SETUP, false, 91000 + 500000), 0);
	assert_int_equal(esp_clock_left_s(&page, ESP_ACCOUNT_SETUP, false, 999000), 120);
	esp_clock_stop(&page, 100000);
	assert_int_equal(esp_clock_used_s(&page, ESP_DEVICE_SETUP, 999000), 9);
	// Another try has all of it again, and a clock that went back takes nothing away.
	esp_clock_reset(&page, ESP_DEVICE_SETUP, 100000);
	esp_clock_run(&page, ESP_DEVICE_SETUP, 100000);
	assert_int_equal(esp_clock_used_s(&page, ESP_DEVICE_SETUP, 90000), 0);
	esp_clock_stop(&page, 90000);
	assert_int_equal(page.used_ms[ESP_DEVICE_SETUP], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_page_that_cannot_be_read_is_one_that_nobody_told, setup),
		cmocka_unit_test_setup(an_app_is_never_in_a_state_that_does_not_exist, setup),
		cmocka_unit_test_setup(what_was_told_and_used_survives, setup),
		cmocka_unit_test_setup(each_phase_has_a_clock_of_its_own, setup),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
