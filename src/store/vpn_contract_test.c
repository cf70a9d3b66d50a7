// SPDX-License-Identifier: Apache-2.0
// What the store promises about addresses of tunnels on both databases: one each, never one twice,
// free again when the device goes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/actions.h"
#include "store/contract/registrar.h"
#include "store/deployments.h"
#include "store/items.h"
#include "store/objects.h"
#include "store/trust.h"
#include "store/vpn.h"

#define NODE "./Device/Vendor/Ferry/WireGuard/corp/Config"
#define KEY_NODE "./Device/Vendor/Ferry/WireGuard/corp/PublicKey"

enum { FIRST = 100, LAST = 102 };

static const char *
tunnel(struct fixture *f)
{
	const struct new_item in = {.kind = "network",
		.scope = "device",
		.name = "corp",
		.loc_uri = NODE,
		.format = "chr",
		.data = "{}"};
	const char *id = uuid_new(&f->arena);
	struct error e;

	check(store_put_item(&f->work, id, &in, &e), &e);
	return id;
}

static const char *
device(struct fixture *f, const char *serial, uint8_t tpm)
{
	return registrar_put(f, &f->work, serial, tpm).device_id;
}

static uint32_t
address(struct fixture *f, const char *item, const char *device_id)
{
	uint32_t out = 0;
	struct error e;

	check(store_vpn_address(&f->work, item, device_id, FIRST, LAST, &out, &e), &e);
	return out;
}

static void
a_pool_that_is_used_up_is_named(void **state)
{
	struct fixture *f = *state;
	const char *item = tunnel(f);
	struct error e;
	uint32_t out;

	assert_int_equal(address(f, item, device(f, "A", 1)), 100);
	assert_int_equal(address(f, item, device(f, "B", 2)), 101);
	assert_int_equal(address(f, item, device(f, "C", 3)), 102);
	assert_false(store_vpn_address(&f->work, item, device(f, "D", 4), FIRST, LAST, &out, &e));
	assert_string_equal(e.fault, "vpn_pool_empty");
}

static void
a_device_keeps_its_address_and_no_other_gets_it(void **state)
{
	struct fixture *f = *state;
	const char *item = tunnel(f), *other = tunnel(f);
	const char *a = device(f, "A", 1), *b = device(f, "B", 2);

	assert_int_equal(address(f, item, a), 100);
	assert_int_equal(address(f, item, b), 101);
	assert_int_equal(address(f, item, a), 100);
	assert_int_equal(address(f, other, b), 100); // a pool of its own
}

static void
an_address_outside_of_a_changed_pool_is_replaced(void **state)
{
	struct fixture *f = *state;
	const char *item = tunnel(f), *a = device(f, "A", 1);
	struct error e;
	uint32_t out;

	assert_int_equal(address(f, item, a), 100);
	check(store_vpn_address(&f->work, item, a, 500, 600, &out, &e), &e);
	assert_int_equal(out, 500);
}

static void
deregistration_frees_the_address(void **state)
{
	struct fixture *f = *state;
	const char *item = tunnel(f), *a = device(f, "A", 1), *b = device(f, "B", 2);
	struct deregistration gone;
	struct error e;

	assert_int_equal(address(f, item, a), 100);
	assert_int_equal(address(f, item, b), 101);
	check(store_deregister(&f->work, &a, 1, false, "ada", &gone, &e), &e);
	assert_true(gone.done);
	assert_int_equal(address(f, item, device(f, "C", 3)), 100);
}

static const char *
enroll(struct fixture *f, const char *device_id)
{
	struct deployment d;
	struct error e;
	const char *id = uuid_new(&f->arena);
	struct issued_certificate certificate = {.serial = uuid_new(&f->arena),
		.kind = "device",
		.subject_id = id,
		.sha256 = uuid_new(&f->arena),
		.der = slice_str("der"),
		.not_after = f->work.now + US_PER_DAY};

	check(store_deployment_begin(&f->work, device_id, "preprovisioned", &d, &e), &e);
	struct enrollment in = {.enrollment_id = id,
		.device_id = device_id,
		.deployment_id = d.deployment_id,
		.attestation_id = "",
		.upn = "",
		.key_sha256 = certificate.sha256};
	check(store_enroll(&f->work, &in, &certificate, &e), &e);
	return id;
}

// Whose record is deleted may never be heard of again: its way in does not wait for that.
static void
who_is_not_managed_is_no_peer(void **state)
{
	struct fixture *f = *state;
	const char *item = tunnel(f), *a = device(f, "A", 1);
	const struct report report = {.loc_uri = KEY_NODE, .value = "key of A"};
	struct action_request gone = {.action = DEVICE_ACTION_DELETE, .actor = "ada"};
	struct device_action_entry entry;
	struct vpn_peer *peers;
	struct error e;
	size_t count;
	bool created;

	address(f, item, a);
	gone.enrollment_id = enroll(f, a);
	check(store_reports(&f->work, a, &report, 1, &e), &e);
	check(store_vpn_peers(&f->work, item, KEY_NODE, &peers, &count, &e), &e);
	assert_int_equal(count, 1);
	check(store_action_request(&f->work, &gone, &entry, &created, &e), &e);
	check(store_vpn_peers(&f->work, item, KEY_NODE, &peers, &count, &e), &e);
	assert_int_equal(count, 0);
}

static void
peers_are_devices_that_reported_a_key(void **state)
{
	struct fixture *f = *state;
	const char *item = tunnel(f), *a = device(f, "A", 1), *b = device(f, "B", 2);
	const struct report report = {.loc_uri = KEY_NODE, .value = "key of B"};
	struct work other = registrar_tenant(f);
	struct vpn_peer *peers;
	struct error e;
	size_t count;

	address(f, item, a);
	address(f, item, b);
	enroll(f, a);
	enroll(f, b);
	check(store_reports(&f->work, b, &report, 1, &e), &e);
	check(store_vpn_peers(&f->work, item, KEY_NODE, &peers, &count, &e), &e);
	assert_int_equal(count, 1);
	assert_string_equal(peers[0].serial, "B");
	assert_string_equal(peers[0].public_key, "key of B");
	assert_int_equal(peers[0].address, 101);
	check(store_vpn_peers(&other, item, KEY_NODE, &peers, &count, &e), &e);
	assert_int_equal(count, 0);
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(a_pool_that_is_used_up_is_named),
		ON(a_device_keeps_its_address_and_no_other_gets_it),
		ON(an_address_outside_of_a_changed_pool_is_replaced),
		ON(deregistration_frees_the_address),
		ON(who_is_not_managed_is_no_peer),
		ON(peers_are_devices_that_reported_a_key),
	};
#undef ON

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
