// SPDX-License-Identifier: Apache-2.0
// What the store promises about registrations on both databases: a stranger changes nothing, parts
// are done once, hardware that changed waits for a person, and a deregistration leaves nothing
// behind.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "domain/registration.h"
#include "store/audit.h"
#include "store/contract/place.h"
#include "store/deployments.h"
#include "store/imports.h"
#include "store/queries.h"
#include "store/trust.h"
#include <stdlib.h>

static const char *server; // NULL: SQLite

enum { MODULUS = 256 };

struct fixture {
	struct place place;
	struct store *store;
	struct store_session *session;
	struct arena arena;
	struct work work;
};

static void
check(bool done, const struct error *e)
{
	if (!done)
		fail_msg("%s: %s (%s)", error_code_name(e->code), e->message,
			e->fault ? e->fault : "-");
}

static int
open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct error e;

	place_make(&f->place, server);
	arena_init(&f->arena, ARENA_REQUEST);
	check(store_open(f->place.url, NULL, &f->store, &e), &e);
	check(store_session_open(f->store, &f->session, &e), &e);
	f->work = (struct work){.arena = &f->arena, .session = f->session, .now = clock_now()};
	struct api_client client = {.client_id = uuid_new(&f->arena),
		.tenant_id = uuid_new(&f->arena),
		.name = "test",
		.secret_sha256 = "00",
		.roles = "[]"};
	f->work.tenant_id = client.tenant_id;
	check(store_bootstrap(&f->work, "Contoso", "contoso.example", &client, &e), &e);
	*state = f;
	return 0;
}

static int
close_fixture(void **state)
{
	struct fixture *f = *state;

	store_session_close(f->session);
	store_close(f->store);
	place_remove(&f->place);
	arena_finish(&f->arena);
	free(f);
	return 0;
}

static bool
add_tenant(struct db *db, void *ctx, struct error *e)
{
	const struct work *w = ctx;

	return db_run(db, Q_TENANT_INSERT,
		PARAMS(DB_TEXT(w->tenant_id), DB_TEXT("Fabrikam"), DB_TEXT("fabrikam.example"),
			DB_INT(w->now)),
		NULL, e);
}

static struct work
other_tenant(struct fixture *f)
{
	struct work w = f->work;
	struct error e;

	w.tenant_id = uuid_new(&f->arena);
	check(store_write(w.session, add_tenant, &w, &e), &e);
	return w;
}

// A registration as an import makes it: from a hash. `tpm` 0: none.
static struct registration
hardware(struct fixture *f, const char *serial, uint8_t tpm)
{
	uint8_t *modulus = arena_alloc(&f->arena, MODULUS);
	struct registration_line line = {0};
	struct error e;
	const char *text;
	struct hwhash hash = {.serial = serial, .manufacturer = "Contoso", .product = "Wing 7"};

	memset(modulus, tpm, MODULUS);
	if (tpm)
		hash.ek_modulus = slice_of(modulus, MODULUS);
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
put(struct fixture *f, const struct work *w, const char *serial, uint8_t tpm)
{
	struct registration in = hardware(f, serial, tpm);
	struct registration_result result;
	struct error e;

	check(store_register(w, &in, 1, true, &result, &e), &e);
	return result;
}

static struct device
get(struct fixture *f, const char *device_id)
{
	struct device d;
	struct error e;

	check(store_device_by_id(&f->work, device_id, &d, &e), &e);
	return d;
}

static size_t
events(const struct work *w, const char *device_id, const char *kind)
{
	struct registration_event *list;
	struct error e;
	size_t count, n = 0;

	check(store_registration_events(w, device_id, &list, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		n += str_eq(list[i].kind, kind);
	return n;
}

static void
audit_holds(const struct work *w)
{
	struct audit_verdict verdict;
	struct error e;

	check(store_audit_verify(w, &verdict, &e), &e);
	assert_true(verdict.intact && verdict.events > 0);
}

static void
proof(struct fixture *f, const char *device_id, const char *ek_id, const char *fault)
{
	struct deployment d;
	struct error e;

	check(store_deployment_begin(&f->work, device_id, "preprovisioned", &d, &e), &e);
	struct attestation a = {.session_id = uuid_new(&f->arena),
		.device_id = device_id,
		.deployment_id = d.deployment_id,
		.trust_store = "lab",
		.ek_certificate = slice_str("ek"),
		.ak_public = slice_str("ak"),
		.secret = slice_str("secret"),
		.quote_nonce = slice_str("q"),
		.certify_nonce = slice_str("c"),
		.expires_at = f->work.now + US_PER_MIN,
		.ek_id = ek_id};
	check(store_attestation_begin(&f->work, &a, &e), &e);
	bool done = store_attestation_proven(&f->work, &a, &e);
	if (!fault)
		check(done, &e);
	else
		assert_true(!done && str_eq(e.fault, fault));
}

// --- claims ---

static void
a_stranger_moves_no_claimed_registration(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *id = put(f, &f->work, "CN-1", 1).device_id;

	for (int i = 0; i < 5; i++)
		check(store_device_mismatch(&f->work, id, &e), &e);
	assert_string_equal(get(f, id).state, "claimed");
	// Nor does he keep the administrator from releasing it.
	check(store_device_unblock(&f->work, id, &e), &e);
	// It is seen, and does not fill the database.
	assert_int_equal(events(&f->work, id, "claim_mismatch"), 1);
	f->work.now += US_PER_DAY + 1;
	check(store_device_mismatch(&f->work, id, &e), &e);
	assert_int_equal(events(&f->work, id, "claim_mismatch"), 2);
	proof(f, id, get(f, id).ek_id, NULL);
	assert_string_equal(get(f, id).state, "verified");
	check(store_device_mismatch(&f->work, id, &e), &e);
	assert_string_equal(get(f, id).state, "verified");
}

static void
another_tpm_cannot_prove_a_registration(void **state)
{
	struct fixture *f = *state;
	const char *id = put(f, &f->work, "CN-1", 1).device_id;

	proof(f, id, "00ff", "tpm_ek_mismatch");
	assert_string_equal(get(f, id).state, "claimed");
}

static void
a_registration_without_tpm_is_bound_to_the_first_that_proves_itself(void **state)
{
	struct fixture *f = *state;
	const char *with = put(f, &f->work, "CN-1", 1).device_id;
	const char *without = put(f, &f->work, "CN-2", 0).device_id;

	proof(f, without, get(f, with).ek_id, "hardware_mismatch");
	assert_string_equal(get(f, without).state, "claimed");
	proof(f, without, "aa00000000000000", NULL);
	assert_string_equal(get(f, without).ek_id, "aa00000000000000");
	proof(f, without, "bb00000000000000", "tpm_ek_mismatch");
	assert_string_equal(get(f, without).ek_id, "aa00000000000000");
}

static void
changed_hardware_waits_for_a_person_and_overwrites_nothing(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *id = put(f, &f->work, "CN-1", 1).device_id;
	const char *ek_id = get(f, id).ek_id;
	struct registration_result again = put(f, &f->work, "CN-1", 1);

	assert_string_equal(again.fault, "ztd_already_assigned");
	assert_int_equal(events(&f->work, id, "hardware_changed"), 0);
	// Another TPM under the same serial number, another serial number with the same TPM (R31).
	const struct registration_result changed[] = {
		put(f, &f->work, "CN-1", 2), put(f, &f->work, "CN-9", 1)};
	for (size_t i = 0; i < 2; i++) {
		assert_true(!changed[i].created && changed[i].changed);
		assert_string_equal(changed[i].device_id, id);
	}
	assert_string_equal(changed[0].fault, "hardware_mismatch");
	assert_string_equal(changed[1].fault, "ztd_already_assigned");
	assert_int_equal(events(&f->work, id, "hardware_changed"), 2);
	assert_string_equal(get(f, id).ek_id, ek_id);
	assert_false(store_device_unblock(&f->work, id, &e)); // B2
	assert_string_equal(e.fault, "hardware_mismatch");
	proof(f, id, ek_id, NULL); // the old hardware is there after all
	check(store_device_unblock(&f->work, id, &e), &e);
}

static void
placeholder_serial_numbers_do_not_collide(void **state)
{
	struct fixture *f = *state;

	assert_true(put(f, &f->work, "To be filled by O.E.M.", 1).created);
	assert_true(put(f, &f->work, "To Be Filled By O.E.M.", 2).created);
	assert_string_equal(
		put(f, &f->work, "To be filled by O.E.M.", 1).fault, "ztd_already_assigned");
}

// --- imports ---

static void
a_part_is_done_once_and_says_the_same_again(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct registration rows[] = {
		hardware(f, "CN-1", 1), hardware(f, "CN-2", 2), hardware(f, "CN-1", 1)};
	int64_t lines[] = {2, 3, 5};
	bool placeholder[3] = {false};
	struct import_line bad = {.line = 4,
		.serial = "X",
		.status = "failed",
		.device_id = "",
		.fault = "ztd_hash_invalid",
		.message = "no"};
	struct import_job job = {
		.name = "a", .header = "h", .actor = "ada", .group_tag = "", .assigned_upn = ""};
	struct import_part part = {.sha256 = "11",
		.part = 0,
		.first_line = 2,
		.line_count = 4,
		.rows = rows,
		.row_lines = lines,
		.placeholder = placeholder,
		.row_count = 3,
		.bad = &bad,
		.bad_count = 1};
	struct import_result first, second;

	check(store_import_begin(&f->work, &job, &e), &e);
	part.import_id = job.import_id;
	check(store_import_part(&f->work, &job, &part, &first, &e), &e);
	assert_true(first.imported == 2 && first.failed == 2 && !first.repeated);
	assert_string_equal(first.list[1].fault, "ztd_duplicated"); // R25
	check(store_import_part(&f->work, &job, &part, &second, &e), &e);
	assert_true(second.repeated && second.imported == 2 && second.failed == 2);
	assert_int_equal(second.list_count, first.list_count);
	part.sha256 = "22";
	assert_false(store_import_part(&f->work, &job, &part, &second, &e));
	assert_string_equal(e.fault, "import_part_differs");
	check(store_import_finish(&f->work, job.import_id, &e), &e);
	check(store_import_get(&f->work, job.import_id, &job, &e), &e);
	assert_false(store_import_part(&f->work, &job, &part, &second, &e));
	assert_string_equal(e.fault, "import_finished");
	audit_holds(&f->work);
}

static void
a_dry_run_registers_nothing(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct registration row = hardware(f, "CN-1", 1);
	int64_t line = 2;
	bool placeholder = false;
	struct import_job job = {.name = "a",
		.header = "h",
		.actor = "ada",
		.group_tag = "",
		.assigned_upn = "",
		.check_only = true};
	struct device d;
	struct import_result result;

	check(store_import_begin(&f->work, &job, &e), &e);
	struct import_part part = {.import_id = job.import_id,
		.sha256 = "11",
		.first_line = 2,
		.line_count = 1,
		.rows = &row,
		.row_lines = &line,
		.placeholder = &placeholder,
		.row_count = 1};
	check(store_import_part(&f->work, &job, &part, &result, &e), &e);
	assert_int_equal(result.imported, 1);
	assert_false(store_device_by_serial(&f->work, "CN-1", &d, &e));
}

// --- the end ---

static struct deregistration
end(struct fixture *f, const char *key, bool dry_run)
{
	struct deregistration out;
	struct error e;

	check(store_deregister(&f->work, &key, 1, dry_run, "ada", &out, &e), &e);
	return out;
}

static void
what_is_not_there_or_not_ours_is_said_and_the_rest_goes(void **state)
{
	struct fixture *f = *state;
	struct work other = other_tenant(f);
	const char *theirs = put(f, &other, "CN-7", 7).device_id;
	struct error e;
	struct device d;

	put(f, &f->work, "CN-1", 1);
	const char *const keys[] = {"CN-0", theirs, "cn-1", "CN-1"};
	struct deregistration out[4];
	check(store_deregister(&f->work, keys, 4, false, "ada", out, &e), &e);
	assert_string_equal(out[0].fault, "device_not_registered");
	assert_string_equal(out[1].fault, "device_not_registered");
	assert_true(out[2].done && !out[2].fault);
	assert_string_equal(out[3].fault, "device_not_registered");
	check(store_device_by_id(&other, theirs, &d, &e), &e);
	audit_holds(&f->work);
}

static void
a_dry_run_says_what_would_go_and_removes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *id = put(f, &f->work, "CN-1", 1).device_id;
	struct deregistration d = end(f, "CN-1", true);

	assert_string_equal(d.device_id, id);
	assert_false(d.done);
	assert_string_equal(d.directory_id, get(f, id).directory_id);
	assert_int_equal(events(&f->work, id, "deregistered"), 0);
}

static void
any_of_a_devices_ids_ends_it_and_it_can_be_registered_again(void **state)
{
	struct fixture *f = *state;
	struct device d;
	struct error e;

	for (int way = 0; way < 3; way++) {
		const char *id = put(f, &f->work, "CN-1", 1).device_id;
		const char *keys[] = {id, get(f, id).directory_id, "CN-1"};
		proof(f, id, get(f, id).ek_id, NULL); // in the middle of a deployment
		assert_true(end(f, keys[way], false).done);
		assert_false(store_device_by_id(&f->work, id, &d, &e));
		assert_string_equal(e.fault, "device_not_registered");
		assert_int_equal(events(&f->work, id, "deregistered"), 1);
	}
	struct work other = other_tenant(f);
	assert_true(put(f, &other, "CN-1", 1).created); // R24 no longer stands in the way
}

static void
many_deletions_need_a_second_person(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct deletion_request r;

	put(f, &f->work, "CN-1", 1);
	const char *const keys[] = {"CN-1", "CN-0"};
	check(store_deletion_request(&f->work, "ada", keys, 2, &r, &e), &e);
	const char *id = r.request_id;
	assert_false(store_deletion_decide(&f->work, id, "ada", true, &r, &e));
	assert_string_equal(e.fault, "second_person_needed");
	assert_null(end(f, "CN-1", true).fault);
	check(store_deletion_decide(&f->work, id, "bob", true, &r, &e), &e);
	assert_int_equal(r.removed, 1);
	assert_string_equal(end(f, "CN-1", true).fault, "device_not_registered");
	assert_false(store_deletion_decide(&f->work, id, "eve", true, &r, &e));
	assert_string_equal(e.fault, "deletion_decided");
	check(store_deletion_request(&f->work, "ada", keys, 2, &r, &e), &e);
	f->work.now += (DEREGISTER_HOURS + 1) * 60 * US_PER_MIN;
	assert_false(store_deletion_decide(&f->work, r.request_id, "bob", true, &r, &e));
	assert_string_equal(e.fault, "deletion_decided");
	audit_holds(&f->work);
}

static void
a_transfer_needs_the_owners_word_and_both_keep_it(void **state)
{
	struct fixture *f = *state;
	struct work other = other_tenant(f);
	struct error e;
	struct registration in = hardware(f, "CN-1", 1);
	struct transfer_claim claim = {.ek_id = in.ek_id,
		.manufacturer = in.manufacturer,
		.model = in.model,
		.serial_key = "CN-1"};
	const char *transfer, *id = put(f, &f->work, "CN-1", 1).device_id;

	assert_false(store_transfer_request(&f->work, &claim, "ada", &transfer, &e)); // ours
	assert_string_equal(e.fault, "device_not_registered");
	assert_string_equal(put(f, &other, "CN-1", 1).fault, "ztd_assigned_to_other_tenant");
	check(store_transfer_request(&other, &claim, "zoe", &transfer, &e), &e);
	const char *second;
	assert_false(store_transfer_request(&other, &claim, "zoe", &second, &e));
	assert_string_equal(e.fault, "transfer_waits");
	// Who asks cannot agree.
	assert_false(store_transfer_decide(&other, transfer, "zoe", true, &e));
	assert_string_equal(e.fault, "transfer_unknown");
	check(store_transfer_decide(&f->work, transfer, "ada", false, &e), &e);
	assert_string_equal(get(f, id).state, "claimed");
	check(store_transfer_request(&other, &claim, "zoe", &transfer, &e), &e);
	check(store_transfer_decide(&f->work, transfer, "ada", true, &e), &e);
	assert_false(store_transfer_decide(&f->work, transfer, "ada", true, &e));
	assert_true(put(f, &other, "CN-1", 1).created);
	assert_int_equal(events(&other, id, "transferred"), 1);
	assert_int_equal(events(&f->work, id, "deregistered"), 1);
	audit_holds(&f->work);
	audit_holds(&other);
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(a_stranger_moves_no_claimed_registration),
		ON(another_tpm_cannot_prove_a_registration),
		ON(a_registration_without_tpm_is_bound_to_the_first_that_proves_itself),
		ON(changed_hardware_waits_for_a_person_and_overwrites_nothing),
		ON(placeholder_serial_numbers_do_not_collide),
		ON(a_part_is_done_once_and_says_the_same_again),
		ON(a_dry_run_registers_nothing),
		ON(what_is_not_there_or_not_ours_is_said_and_the_rest_goes),
		ON(a_dry_run_says_what_would_go_and_removes_nothing),
		ON(any_of_a_devices_ids_ends_it_and_it_can_be_registered_again),
		ON(many_deletions_need_a_second_person),
		ON(a_transfer_needs_the_owners_word_and_both_keep_it),
	};

	if (argc == 2 && strcmp(argv[1], "postgresql") == 0)
		server = getenv("FERRY_STORE_URL");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
