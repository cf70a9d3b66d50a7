// SPDX-License-Identifier: Apache-2.0
// What is promised of bundles of diagnostics, on both databases: few, not for long, and only to
// whoever was given the secret.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "store/contract/registrar.h"
#include "store/device_logs.h"

static const char *device;

static int
begin(void **state)
{
	if (open_fixture(state) != 0)
		return -1;
	struct fixture *f = *state;
	device = registrar_put(f, &f->work, "LOG-1", 1).device_id;
	return 0;
}

static struct slice
bundle(void)
{
	return slice_str("bundle");
}

static size_t
count(struct fixture *f, const struct work *w)
{
	struct device_log *logs;
	struct error e;
	size_t n;

	check(store_logs(w, device, &logs, &n, &e), &e);
	(void)f;
	return n;
}

static const char *
ask(struct fixture *f)
{
	struct device_log log;
	struct error e;

	f->work.now += US_PER_S;
	check(store_log_request(&f->work, device, NULL, "admin", &log, &e), &e);
	return log.log_id;
}

static void
what_nobody_asked_for_or_is_too_large_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *id = ask(f), *other = registrar_put(f, &f->work, "LOG-2", 2).device_id;
	uint8_t *large = arena_alloc(&f->arena, DEVICE_LOG_MAX + 1);
	struct error e;

	assert_false(store_log_receive(&f->work, device, "no-such-id", bundle(), &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_false(store_log_receive(&f->work, other, id, bundle(), &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_false(store_log_receive(&f->work, device, id, slice_of(large, 0), &e));
	assert_false(
		store_log_receive(&f->work, device, id, slice_of(large, DEVICE_LOG_MAX + 1), &e));
	assert_int_equal(e.code, ERR_LIMIT);
}

static void
a_bundle_that_was_asked_for_comes_once(void **state)
{
	struct fixture *f = *state;
	const char *id = ask(f), *pending;
	struct device_log *logs;
	struct error e;
	size_t n;

	check(store_log_pending(&f->work, device, &pending, &e), &e);
	assert_string_equal(pending, id);
	check(store_log_receive(&f->work, device, id, bundle(), &e), &e);
	check(store_log_receive(&f->work, device, id, slice_str("another"), &e), &e);
	check(store_log_pending(&f->work, device, &pending, &e), &e);
	assert_null(pending);
	check(store_logs(&f->work, device, &logs, &n, &e), &e);
	assert_int_equal(n, 1);
	assert_string_equal(logs[0].state, "completed");
	assert_string_equal(logs[0].requested_by, "admin");
	assert_int_equal(logs[0].size, 6); // the repeated request changed nothing
}

static void
a_device_sends_one_by_itself_a_day(void **state) // L9
{
	struct fixture *f = *state;
	struct device_log log;
	struct error e;

	check(store_log_own(&f->work, device, "dc_unreachable", bundle(), &log, &e), &e);
	f->work.now += US_PER_DAY - US_PER_MIN;
	assert_false(store_log_own(&f->work, device, "dc_unreachable", bundle(), &log, &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	f->work.now += 2 * US_PER_MIN;
	check(store_log_own(&f->work, device, "dc_unreachable", bundle(), &log, &e), &e);
	assert_int_equal(count(f, &f->work), 2);
}

static void
ten_are_kept_for_28_days(void **state) // A13
{
	struct fixture *f = *state;
	const char *first = ask(f);
	struct work others = registrar_tenant(f);
	struct error e;

	for (int i = 0; i < DEVICE_LOGS_KEPT; i++)
		ask(f);
	assert_int_equal(count(f, &f->work), DEVICE_LOGS_KEPT);
	assert_int_equal(count(f, &others), 0);
	assert_false(store_log_receive(&f->work, device, first, bundle(), &e));
	f->work.now += DEVICE_LOG_DAYS * US_PER_DAY;
	assert_int_equal(count(f, &f->work), 0);
	ask(f);
	assert_int_equal(count(f, &f->work), 1);
}

static void
a_link_is_a_secret_that_ends(void **state)
{
	struct fixture *f = *state;
	const char *id = ask(f);
	struct work others = registrar_tenant(f);
	struct device_log log;
	struct error e;
	time_us until = f->work.now + US_PER_MIN;

	assert_false(store_log_link(&f->work, device, id, "digest", until, &e)); // not come yet
	check(store_log_receive(&f->work, device, id, bundle(), &e), &e);
	assert_false(store_log_link(&others, device, id, "digest", until, &e));
	check(store_log_link(&f->work, device, id, "digest", until, &e), &e);
	assert_false(store_log_by_link(&f->work, "other", &log, &e));
	check(store_log_by_link(&f->work, "digest", &log, &e), &e);
	assert_true(slice_is(log.content, "bundle"));
	f->work.now = until + 1;
	assert_false(store_log_by_link(&f->work, "digest", &log, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_nobody_asked_for_or_is_too_large_is_refused, begin, close_fixture),
		cmocka_unit_test_setup_teardown(
			a_bundle_that_was_asked_for_comes_once, begin, close_fixture),
		cmocka_unit_test_setup_teardown(
			a_device_sends_one_by_itself_a_day, begin, close_fixture),
		cmocka_unit_test_setup_teardown(ten_are_kept_for_28_days, begin, close_fixture),
		cmocka_unit_test_setup_teardown(a_link_is_a_secret_that_ends, begin, close_fixture),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
