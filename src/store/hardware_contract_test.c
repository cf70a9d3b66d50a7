// SPDX-License-Identifier: Apache-2.0
// What the store promises about replaced parts on both databases: what anybody says shows nowhere,
// what an administrator says waits for the TPM, and a board is never mended (behaviour R10,
// R30-R32).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/registration.h"
#include "store/contract/registrar.h"
#include "store/hardware.h"
#include "store/queries.h"
#include <stdlib.h>

enum { MODULUS = 256 };

// A device with one disk and one network card.
struct parts {
	const char *serial, *uuid, *disk;
	uint8_t tpm, card; // tpm 0: none
};

static const struct parts as_bought = {
	"CN-1", "11111111-2222-3333-4444-555555555555", "DISK-1", 1, 1};

static struct registration
hardware(struct fixture *f, const struct parts *p)
{
	uint8_t *modulus = arena_alloc(&f->arena, MODULUS);
	struct hwhash hash = {.serial = p->serial, .manufacturer = "Contoso", .product = "Wing 7"};
	struct registration_line line = {0};
	struct error e;
	const char *text;

	memset(modulus, p->tpm, MODULUS);
	if (p->tpm)
		hash.ek_modulus = slice_of(modulus, MODULUS);
	memcpy(hash.uuid, p->uuid, strlen(p->uuid) + 1);
	hash.disk_serials[hash.disk_serial_count++] = p->disk;
	hash.nics[hash.nic_count++] =
		(struct hwhash_nic){.medium = 14, .mac = {2, 0, 0, 0, 0, p->card}, .bus = "PCI"};
	check(hwhash_to_text(&f->arena, &hash, &text, &e), &e);
	check(registration_decode(&f->arena, slice_str(text), "", &line, &e), &e);
	return (struct registration){.serial = line.serial,
		.manufacturer = line.manufacturer,
		.model = line.model,
		.product_key = "",
		.ek_id = line.ek_id,
		.hardware_hash = line.hash,
		.group_tag = "",
		.assigned_upn = ""};
}

static struct registration_result
import(struct fixture *f, const struct parts *p)
{
	struct registration in = hardware(f, p);
	struct registration_result out;
	struct error e;

	check(store_register(&f->work, &in, 1, true, &out, &e), &e);
	return out;
}

struct stored {
	const struct work *w;
	const char *device_id;
	struct slice hash;
};

static bool
stored_tx(struct db *db, void *ctx, struct error *e)
{
	struct stored *s = ctx;
	autorows rows = NULL;

	if (!db_one(db, Q_DEVICE_HASH_GET, PARAMS(DB_TEXT(s->w->tenant_id), DB_TEXT(s->device_id)),
		    &rows, e))
		return false;
	s->hash = db_blob(s->w->arena, rows, "hardware_hash");
	return true;
}

static void
is(struct fixture *f, const char *id, const char *remediation, const struct parts *of)
{
	struct stored s = {.w = &f->work, .device_id = id};
	struct error e;

	assert_string_equal(registrar_get(f, id).remediation, remediation);
	check(store_read(f->work.session, stored_tx, &s, &e), &e);
	assert_true(slice_eq(s.hash, hardware(f, of).hardware_hash));
}

static void
claim(struct fixture *f, const char *id, const struct parts *p)
{
	struct error e;

	check(store_hardware_claimed(&f->work, id, hardware(f, p).hardware_hash, &e), &e);
}

static void
report(struct fixture *f, const char *id, const struct parts *p)
{
	struct registration r = hardware(f, p);
	struct hwhash hash;
	struct error e;
	const char *text;

	check(hwhash_decode(&f->arena, r.hardware_hash, &hash, &e), &e);
	check(hwhash_to_text(&f->arena, &hash, &text, &e), &e);
	check(store_hash_reported(&f->work, id, text, &e), &e);
}

static void
what_anybody_says_shows_nowhere(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct parts changed = as_bought;
	const char *id = import(f, &as_bought).device_id;

	changed.card = 9;
	claim(f, id, &changed);
	is(f, id, "none", &as_bought);
	assert_int_equal(registrar_events(&f->work, id, "hardware_changed"), 0);
	check(store_device_unblock(&f->work, id, "ada", &e), &e);
	// Nor does another TPM's failed proof make it so.
	registrar_proof(f, id, "00ff", "tpm_ek_mismatch");
	is(f, id, "none", &as_bought);
}

static void
a_board_that_was_replaced_is_never_mended(void **state)
{
	struct fixture *f = *state;
	struct parts board = as_bought, tpm = as_bought;
	const char *id = import(f, &as_bought).device_id;

	tpm.tpm = 2;
	tpm.card = 2;
	assert_string_equal(import(f, &tpm).fault, "hardware_mismatch");
	is(f, id, "attention", &as_bought);
	// What is less does not make it less.
	board.card = 3;
	import(f, &board);
	is(f, id, "attention", &as_bought);
	claim(f, id, &tpm);
	report(f, id, &tpm);
	is(f, id, "attention", &as_bought);
}

static void
a_tpm_in_another_board_without_serial_number_needs_attention(void **state)
{
	struct fixture *f = *state;
	struct parts none = as_bought, moved;

	none.serial = "To be filled by O.E.M.";
	const char *id = import(f, &none).device_id;
	moved = none;
	moved.uuid = "99999999-2222-3333-4444-555555555555";
	struct registration_result again = import(f, &moved);
	assert_true(again.changed);
	assert_string_equal(again.device_id, id);
	is(f, id, "attention", &none);
}

static void
the_same_parts_change_nothing(void **state)
{
	struct fixture *f = *state;
	const char *id = import(f, &as_bought).device_id;

	import(f, &as_bought);
	claim(f, id, &as_bought);
	report(f, id, &as_bought);
	is(f, id, "none", &as_bought);
	assert_int_equal(registrar_events(&f->work, id, "hardware_changed"), 0);
	assert_int_equal(registrar_events(&f->work, id, "hardware_refreshed"), 0);
}

static void
another_disk_or_card_is_fix_pending_until_the_tpm_proves_itself(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct parts disk = as_bought, card = as_bought;
	const char *id = import(f, &as_bought).device_id;
	const char *ek_id = registrar_get(f, id).ek_id;
	const struct parts *const changes[] = {&disk, &card};

	disk.disk = "DISK-2";
	card.disk = "DISK-2";
	card.card = 7;
	for (size_t i = 0; i < 2; i++) {
		struct registration_result again = import(f, changes[i]);
		assert_string_equal(again.fault, "ztd_already_assigned");
		assert_false(again.changed);
		is(f, id, "pending", i ? changes[i - 1] : &as_bought);
		assert_false(store_device_unblock(&f->work, id, "ada", &e)); // B2
		assert_string_equal(e.fault, "hardware_fix_pending");
		import(f, changes[i]); // the same file again
		assert_int_equal(registrar_events(&f->work, id, "hardware_changed"), i + 1);
		registrar_proof(f, id, "00ff", "tpm_ek_mismatch");
		assert_string_equal(registrar_get(f, id).remediation, "pending");
		registrar_proof(f, id, ek_id, NULL);
		is(f, id, "none", changes[i]);
		assert_int_equal(registrar_events(&f->work, id, "hardware_refreshed"), i + 1);
		check(store_device_unblock(&f->work, id, "ada", &e), &e);
	}
}

static void
a_claim_is_believed_once_the_tpm_proves_itself(void **state)
{
	struct fixture *f = *state;
	struct parts changed = as_bought;
	const char *id = import(f, &as_bought).device_id;

	changed.card = 4;
	changed.disk = "DISK-4";
	claim(f, id, &changed);
	registrar_proof(f, id, registrar_get(f, id).ek_id, NULL);
	is(f, id, "none", &changed);
	assert_int_equal(registrar_events(&f->work, id, "hardware_refreshed"), 1);
}

static void
what_the_device_claims_before_its_proof_is_believed_more_than_a_file(void **state)
{
	struct fixture *f = *state;
	struct parts file = as_bought, own = as_bought;
	const char *id = import(f, &as_bought).device_id;
	const char *ek_id = registrar_get(f, id).ek_id;

	file.disk = "DISK-6";
	own.card = 6;
	import(f, &file);
	claim(f, id, &as_bought);
	is(f, id, "pending", &as_bought);
	registrar_proof(f, id, ek_id, NULL);
	is(f, id, "none", &as_bought);
	import(f, &file);
	claim(f, id, &own);
	is(f, id, "pending", &as_bought);
	registrar_proof(f, id, ek_id, NULL);
	is(f, id, "none", &own);
}

static void
a_managed_device_is_asked_and_mends_what_is_pending(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct parts changed = as_bought;
	const char *id = import(f, &as_bought).device_id;
	bool wanted;

	check(store_hash_wanted(&f->work, id, &wanted, &e), &e);
	assert_false(wanted);
	changed.disk = "DISK-3";
	import(f, &changed);
	check(store_hash_wanted(&f->work, id, &wanted, &e), &e);
	assert_true(wanted);
	// The file was wrong: the device still has the old parts.
	report(f, id, &as_bought);
	is(f, id, "none", &as_bought);
	import(f, &changed);
	report(f, id, &changed);
	is(f, id, "none", &changed);
	check(store_hash_wanted(&f->work, id, &wanted, &e), &e);
	assert_false(wanted);
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(what_anybody_says_shows_nowhere),
		ON(a_board_that_was_replaced_is_never_mended),
		ON(a_tpm_in_another_board_without_serial_number_needs_attention),
		ON(the_same_parts_change_nothing),
		ON(another_disk_or_card_is_fix_pending_until_the_tpm_proves_itself),
		ON(a_claim_is_believed_once_the_tpm_proves_itself),
		ON(what_the_device_claims_before_its_proof_is_believed_more_than_a_file),
		ON(a_managed_device_is_asked_and_mends_what_is_pending),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
