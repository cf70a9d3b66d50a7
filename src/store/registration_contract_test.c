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
#include "codec/base64.h"
#include "domain/registration.h"
#include "store/audit.h"
#include "store/contract/registrar.h"
#include "store/deployments.h"
#include "store/imports.h"
#include "store/jobs.h"
#include "store/objects.h"
#include "store/partners.h"
#include "store/queries.h"
#include "store/registration_edit.h"
#include "store/trust.h"
#include <stdlib.h>

// --- claims ---

static void
a_stranger_moves_no_claimed_registration(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *id = registrar_put(f, &f->work, "CN-1", 1).device_id;

	for (int i = 0; i < 5; i++)
		check(store_device_mismatch(&f->work, id, &e), &e);
	assert_string_equal(registrar_get(f, id).state, "claimed");
	// Nor does he keep the administrator from releasing it.
	check(store_device_unblock(&f->work, id, "ada", &e), &e);
	// It is seen, and does not fill the database.
	assert_int_equal(registrar_events(&f->work, id, "claim_mismatch"), 1);
	f->work.now += US_PER_DAY + 1;
	check(store_device_mismatch(&f->work, id, &e), &e);
	assert_int_equal(registrar_events(&f->work, id, "claim_mismatch"), 2);
	registrar_proof(f, id, registrar_get(f, id).ek_id, NULL);
	assert_string_equal(registrar_get(f, id).state, "verified");
	check(store_device_mismatch(&f->work, id, &e), &e);
	assert_string_equal(registrar_get(f, id).state, "verified");
}

static void
another_tpm_cannot_prove_a_registration(void **state)
{
	struct fixture *f = *state;
	const char *id = registrar_put(f, &f->work, "CN-1", 1).device_id;

	registrar_proof(f, id, "00ff", "tpm_ek_mismatch");
	assert_string_equal(registrar_get(f, id).state, "claimed");
}

static void
a_registration_without_tpm_is_bound_to_the_first_that_proves_itself(void **state)
{
	struct fixture *f = *state;
	const char *with = registrar_put(f, &f->work, "CN-1", 1).device_id;
	const char *without = registrar_put(f, &f->work, "CN-2", 0).device_id;

	registrar_proof(f, without, registrar_get(f, with).ek_id, "hardware_mismatch");
	assert_string_equal(registrar_get(f, without).state, "claimed");
	registrar_proof(f, without, "aa00000000000000", NULL);
	assert_string_equal(registrar_get(f, without).ek_id, "aa00000000000000");
	registrar_proof(f, without, "bb00000000000000", "tpm_ek_mismatch");
	assert_string_equal(registrar_get(f, without).ek_id, "aa00000000000000");
}

static void
changed_hardware_waits_for_a_person_and_overwrites_nothing(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *id = registrar_put(f, &f->work, "CN-1", 1).device_id;
	const char *ek_id = registrar_get(f, id).ek_id;
	struct registration_result again = registrar_put(f, &f->work, "CN-1", 1);

	assert_string_equal(again.fault, "ztd_already_assigned");
	assert_int_equal(registrar_events(&f->work, id, "hardware_changed"), 0);
	// Another TPM under the same serial number, another serial number with the same TPM (R31).
	const struct registration_result changed[] = {
		registrar_put(f, &f->work, "CN-1", 2), registrar_put(f, &f->work, "CN-9", 1)};
	for (size_t i = 0; i < 2; i++) {
		assert_true(!changed[i].created && changed[i].changed);
		assert_string_equal(changed[i].device_id, id);
	}
	assert_string_equal(changed[0].fault, "hardware_mismatch");
	assert_string_equal(changed[1].fault, "ztd_already_assigned");
	assert_int_equal(registrar_events(&f->work, id, "hardware_changed"), 2);
	assert_string_equal(registrar_get(f, id).ek_id, ek_id);
	assert_false(store_device_unblock(&f->work, id, "ada", &e)); // B2
	assert_string_equal(e.fault, "hardware_mismatch");
	registrar_proof(f, id, ek_id, NULL); // the old hardware is there after all
	check(store_device_unblock(&f->work, id, "ada", &e), &e);
}

static void
placeholder_serial_numbers_do_not_collide(void **state)
{
	struct fixture *f = *state;

	assert_true(registrar_put(f, &f->work, "To be filled by O.E.M.", 1).created);
	assert_true(registrar_put(f, &f->work, "To Be Filled By O.E.M.", 2).created);
	assert_string_equal(registrar_put(f, &f->work, "To be filled by O.E.M.", 1).fault,
		"ztd_already_assigned");
}

// --- imports ---

static void
a_part_is_done_once_and_says_the_same_again(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct registration rows[] = {registrar_hardware(f, "CN-1", 1),
		registrar_hardware(f, "CN-2", 2), registrar_hardware(f, "CN-1", 1)};
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
	registrar_audit_holds(&f->work);
}

static void
a_dry_run_registers_nothing(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct registration row = registrar_hardware(f, "CN-1", 1);
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
	struct work other = registrar_tenant(f);
	const char *theirs = registrar_put(f, &other, "CN-7", 7).device_id;
	struct error e;
	struct device d;

	registrar_put(f, &f->work, "CN-1", 1);
	const char *const keys[] = {"CN-0", theirs, "cn-1", "CN-1"};
	struct deregistration out[4];
	check(store_deregister(&f->work, keys, 4, false, "ada", out, &e), &e);
	assert_string_equal(out[0].fault, "device_not_registered");
	assert_string_equal(out[1].fault, "device_not_registered");
	assert_true(out[2].done && !out[2].fault);
	assert_string_equal(out[3].fault, "device_not_registered");
	check(store_device_by_id(&other, theirs, &d, &e), &e);
	registrar_audit_holds(&f->work);
}

static void
a_dry_run_says_what_would_go_and_removes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *id = registrar_put(f, &f->work, "CN-1", 1).device_id;
	struct deregistration d = end(f, "CN-1", true);

	assert_string_equal(d.device_id, id);
	assert_false(d.done);
	assert_string_equal(d.directory_id, registrar_get(f, id).directory_id);
	assert_int_equal(registrar_events(&f->work, id, "deregistered"), 0);
}

static void
any_of_a_devices_ids_ends_it_and_it_can_be_registered_again(void **state)
{
	struct fixture *f = *state;
	struct device d;
	struct error e;

	for (int way = 0; way < 3; way++) {
		const char *id = registrar_put(f, &f->work, "CN-1", 1).device_id;
		const char *keys[] = {id, registrar_get(f, id).directory_id, "CN-1"};
		registrar_proof(
			f, id, registrar_get(f, id).ek_id, NULL); // in the middle of a deployment
		assert_true(end(f, keys[way], false).done);
		assert_false(store_device_by_id(&f->work, id, &d, &e));
		assert_string_equal(e.fault, "device_not_registered");
		assert_int_equal(registrar_events(&f->work, id, "deregistered"), 1);
	}
	struct work other = registrar_tenant(f);
	assert_true(registrar_put(f, &other, "CN-1", 1).created); // R24 no longer stands in the way
}

// The account that a connector made for the device.
static void
add_account(struct fixture *f, const char *device_id)
{
	struct error e;
	struct deployment d;
	struct connector c = {
		.tenant_id = f->work.tenant_id, .name = "edge", .domain = "corp.example.com"};
	struct job job, leased,
		in = {.device_id = device_id,
			.kind = "odj",
			.domain = c.domain,
			.ou = "",
			.computer_name = "PC-1"};
	struct job_outcome done = {.object_guid = "11111111-2222-3333-4444-555555555555",
		.dn = "CN=PC-1,DC=corp",
		.sid = "S-1-5-21-1",
		.sealed_blob = slice_str("sealed")};
	bool yes;

	registrar_proof(f, device_id, registrar_get(f, device_id).ek_id, NULL);
	check(store_deployment_begin(&f->work, device_id, "preprovisioned", &d, &e), &e);
	in.deployment_id = d.deployment_id;
	check(store_connector_create(&f->work, "edge", c.domain, "token", f->work.now + US_PER_DAY,
		      &c.connector_id, &e),
		&e);
	check(store_job_request(&f->work, &in, &job, &yes, &e), &e);
	check(store_job_lease(&f->work, &c, US_PER_MIN, &leased, &yes, &e), &e);
	check(store_job_finish(&f->work, c.connector_id, leased.job_id, leased.lease_id, &done, &e),
		&e);
}

static void
the_account_in_active_directory_stays_and_is_work_for_somebody(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct orphan_account *left;
	size_t count;

	add_account(f, registrar_put(f, &f->work, "CN-1", 1).device_id);
	assert_string_equal(end(f, "CN-1", true).dn, "CN=PC-1,DC=corp");
	check(store_orphan_accounts(&f->work, &left, &count, &e), &e);
	assert_int_equal(count, 0);
	struct deregistration d = end(f, "CN-1", false);
	assert_true(d.done && d.deployments == 1);
	assert_string_equal(d.computer_name, "PC-1");
	check(store_orphan_accounts(&f->work, &left, &count, &e), &e);
	assert_int_equal(count, 1);
	assert_string_equal(left->serial, "CN-1");
	struct work other = registrar_tenant(f);
	assert_false(store_orphan_done(&other, left->object_guid, "zoe", &e));
	check(store_orphan_done(&f->work, left->object_guid, "ada", &e), &e);
	assert_false(store_orphan_done(&f->work, left->object_guid, "ada", &e));
	check(store_orphan_accounts(&f->work, &left, &count, &e), &e);
	assert_int_equal(count, 0);
}

static void
many_deletions_need_a_second_person(void **state)
{
	struct fixture *f = *state;
	// One person under two names is one; two of one name are two.
	struct principal ada = {"1", "ada"}, renamed = {"1", "lovelace"}, other = {"2", "ada"};
	struct principal eve = {"3", "eve"};
	struct error e;
	struct deletion_request r;

	registrar_put(f, &f->work, "CN-1", 1);
	const char *const keys[] = {"CN-1", "CN-0"};
	check(store_deletion_request(&f->work, &ada, keys, 2, &r, &e), &e);
	const char *id = r.request_id;
	assert_false(store_deletion_decide(&f->work, id, &ada, true, &r, &e));
	assert_string_equal(e.fault, "second_person_needed");
	assert_false(store_deletion_decide(&f->work, id, &renamed, true, &r, &e));
	assert_string_equal(e.fault, "second_person_needed");
	assert_null(end(f, "CN-1", true).fault);
	check(store_deletion_decide(&f->work, id, &other, true, &r, &e), &e);
	assert_int_equal(r.removed, 1);
	assert_string_equal(end(f, "CN-1", true).fault, "device_not_registered");
	assert_false(store_deletion_decide(&f->work, id, &eve, true, &r, &e));
	assert_string_equal(e.fault, "deletion_decided");
	check(store_deletion_request(&f->work, &ada, keys, 2, &r, &e), &e);
	f->work.now += (DEREGISTER_HOURS + 1) * 60 * US_PER_MIN;
	assert_false(store_deletion_decide(&f->work, r.request_id, &eve, true, &r, &e));
	assert_string_equal(e.fault, "deletion_decided");
	registrar_audit_holds(&f->work);
}

static void
a_transfer_needs_the_owners_word_and_both_keep_it(void **state)
{
	struct fixture *f = *state;
	struct work other = registrar_tenant(f);
	struct error e;
	struct registration in = registrar_hardware(f, "CN-1", 1);
	struct transfer_claim claim = {.ek_id = in.ek_id,
		.manufacturer = in.manufacturer,
		.model = in.model,
		.serial_key = "CN-1"};
	const char *transfer, *id = registrar_put(f, &f->work, "CN-1", 1).device_id;

	assert_false(store_transfer_request(&f->work, &claim, "ada", &transfer, &e)); // ours
	assert_string_equal(e.fault, "device_not_registered");
	assert_string_equal(
		registrar_put(f, &other, "CN-1", 1).fault, "ztd_assigned_to_other_tenant");
	check(store_transfer_request(&other, &claim, "zoe", &transfer, &e), &e);
	const char *second;
	assert_false(store_transfer_request(&other, &claim, "zoe", &second, &e));
	assert_string_equal(e.fault, "transfer_waits");
	// Who asks cannot agree.
	assert_false(store_transfer_decide(&other, transfer, "zoe", true, &e));
	assert_string_equal(e.fault, "transfer_unknown");
	check(store_transfer_decide(&f->work, transfer, "ada", false, &e), &e);
	assert_string_equal(registrar_get(f, id).state, "claimed");
	check(store_transfer_request(&other, &claim, "zoe", &transfer, &e), &e);
	check(store_transfer_decide(&f->work, transfer, "ada", true, &e), &e);
	assert_false(store_transfer_decide(&f->work, transfer, "ada", true, &e));
	assert_true(registrar_put(f, &other, "CN-1", 1).created);
	assert_int_equal(registrar_events(&other, id, "transferred"), 1);
	assert_int_equal(registrar_events(&f->work, id, "deregistered"), 1);
	registrar_audit_holds(&f->work);
	registrar_audit_holds(&other);
}

// --- partners ---

static struct registration
tuple(const char *serial, const char *product_key)
{
	return (struct registration){.serial = serial,
		.manufacturer = *serial ? "Contoso" : "",
		.model = *serial ? "Wing 7" : "",
		.product_key = product_key,
		.group_tag = "",
		.assigned_upn = "",
		.purchase_order = "4711"};
}

static void
a_partner_registers_only_with_consent_and_as_long_as_it_lasts(void **state)
{
	struct fixture *f = *state;
	struct work partner = registrar_tenant(f);
	struct registration row = tuple("CN-1", "");
	struct registration_result r;
	struct partner_consent consent, *list;
	const char *id;
	struct error e;
	size_t count;

	assert_false(store_partner_register(&partner, f->work.tenant_id, &row, 1, "oem", &r, &e));
	assert_string_equal(e.fault, "partner_consent_missing");
	check(store_consent_offer(&partner, "c0de", "oem", &id, &e), &e);
	assert_false(store_partner_register(&partner, f->work.tenant_id, &row, 1, "oem", &r, &e));
	assert_false(store_consent_grant(&f->work, "0000", "ada", &consent, &e));
	assert_string_equal(e.fault, "partner_code_unknown");
	assert_false(store_consent_grant(&partner, "c0de", "oem", &consent, &e)); // itself
	check(store_consent_grant(&f->work, "c0de", "ada", &consent, &e), &e);
	assert_string_equal(consent.partner, "Fabrikam");
	assert_false(store_consent_grant(&f->work, "c0de", "ada", &consent, &e)); // once
	check(store_partner_register(&partner, f->work.tenant_id, &row, 1, "oem", &r, &e), &e);
	assert_true(r.created);
	assert_string_equal(registrar_get(f, r.device_id).serial, "CN-1");
	check(store_partner_register(&partner, f->work.tenant_id, &row, 1, "oem", &r, &e), &e);
	assert_string_equal(r.fault, "ztd_already_assigned");
	check(store_consent_list(&f->work, &list, &count, &e), &e);
	assert_int_equal(count, 1);
	check(store_consent_revoke(&f->work, list[0].consent_id, "ada", &e), &e);
	assert_false(store_consent_revoke(&f->work, list[0].consent_id, "ada", &e));
	assert_false(store_partner_register(&partner, f->work.tenant_id, &row, 1, "oem", &r, &e));
	check(store_consent_offer(&partner, "01d", "oem", &id, &e), &e);
	f->work.now += (CONSENT_DAYS + 1) * US_PER_DAY;
	assert_false(store_consent_grant(&f->work, "01d", "ada", &consent, &e));
	registrar_audit_holds(&f->work);
	registrar_audit_holds(&partner);
}

static void
hardware_of_the_partners_stock_goes_over_and_of_others_does_not(void **state)
{
	struct fixture *f = *state;
	struct work partner = registrar_tenant(f), third = registrar_tenant(f);
	struct registration stock = registrar_hardware(f, "CN-2", 2);
	struct registration rows[] = {
		tuple("", "PKID-2"), tuple("", "PKID-0"), tuple("CN-3", ""), tuple("CN-4", "")};
	struct registration_result r[4];
	struct partner_consent consent;
	const char *id;
	struct error e;

	stock.product_key = "PKID-2";
	check(store_register(&partner, &stock, 1, false, r, &e), &e);
	registrar_put(f, &third, "CN-3", 3);
	registrar_put(f, &partner, "CN-4", 4);
	check(store_consent_offer(&partner, "c0de", "oem", &id, &e), &e);
	check(store_consent_grant(&f->work, "c0de", "ada", &consent, &e), &e);
	check(store_partner_register(&partner, f->work.tenant_id, rows, 4, "oem", r, &e), &e);
	assert_true(r[0].created && r[3].created);
	assert_string_equal(registrar_get(f, r[0].device_id).ek_id, stock.ek_id);
	assert_string_equal(registrar_get(f, r[0].device_id).serial, "CN-2");
	assert_string_equal(r[1].fault, "ztd_not_found");		 // R11
	assert_string_equal(r[2].fault, "ztd_assigned_to_other_tenant"); // R24
	struct device d;
	assert_false(store_device_by_serial(&partner, "CN-2", &d, &e));
	assert_false(store_device_by_serial(&partner, "CN-4", &d, &e));
}

// --- a hash that comes later ---

static void
add_profile(struct fixture *f, const char *document)
{
	struct error e;
	struct object o = {.id = uuid_new(&f->arena),
		.collection = "deviceManagement/windowsAutopilotDeploymentProfiles",
		.type = "profile",
		.name = "Everybody",
		.document = json_parse(&f->arena, slice_str(document), NULL, &e)};
	struct new_profile p = {.name = "Everybody",
		.description = "",
		.join_type = "directory",
		.trust_store = "lab"};
	struct new_assignment all = {.target = "all_devices"};

	check(store_object_insert(&f->work, &o, &e), &e);
	check(store_put_profile(&f->work, o.id, &p, &e), &e);
	check(store_assign(&f->work, "profile", o.id, &all, 1, &e), &e);
}

static bool
wanted(struct fixture *f, const char *id)
{
	struct error e;
	bool out;

	check(store_hash_wanted(&f->work, id, &out, &e), &e);
	return out;
}

static const char *
hash_text(struct fixture *f, const char *serial, uint8_t tpm)
{
	return base64_encode(&f->arena, registrar_hardware(f, serial, tpm).hardware_hash);
}

static void
own(struct fixture *f, const char *device_id, const char *ownership)
{
	struct directory_edit edit = {.ownership = ownership, .account_enabled = -1};
	struct error e;

	check(store_directory_edit(&f->work, registrar_get(f, device_id).directory_id, &edit, &e),
		&e);
}

static void
a_hash_is_asked_for_only_where_the_profile_says_so_and_none_is_known(void **state)
{
	struct fixture *f = *state;
	struct registration row = tuple("CN-1", "");
	struct registration_result r;
	struct error e;
	const char *with = registrar_put(f, &f->work, "CN-2", 2).device_id;

	check(store_register(&f->work, &row, 1, false, &r, &e), &e);
	assert_false(wanted(f, r.device_id));
	add_profile(f, "{\"hardwareHashExtractionEnabled\":true}");
	assert_true(wanted(f, r.device_id));
	assert_false(wanted(f, with));
	own(f, r.device_id, "Personal");
	assert_false(wanted(f, r.device_id));
	own(f, r.device_id, "Company");
	assert_true(wanted(f, r.device_id));
	// Not read, of another device, its own, too late.
	check(store_hash_reported(&f->work, r.device_id, "nonsense", &e), &e);
	assert_true(wanted(f, r.device_id));
	check(store_hash_reported(&f->work, r.device_id, hash_text(f, "CN-9", 9), &e), &e);
	assert_true(wanted(f, r.device_id));
	assert_int_equal(registrar_events(&f->work, r.device_id, "hardware_changed"), 1);
	check(store_hash_reported(&f->work, r.device_id, hash_text(f, "CN-1", 1), &e), &e);
	assert_false(wanted(f, r.device_id));
	check(store_hash_reported(&f->work, r.device_id, hash_text(f, "CN-1", 1), &e), &e);
	assert_int_equal(registrar_events(&f->work, r.device_id, "converted"), 1);
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
		ON(the_account_in_active_directory_stays_and_is_work_for_somebody),
		ON(many_deletions_need_a_second_person),
		ON(a_transfer_needs_the_owners_word_and_both_keep_it),
		ON(a_partner_registers_only_with_consent_and_as_long_as_it_lasts),
		ON(a_hash_is_asked_for_only_where_the_profile_says_so_and_none_is_known),
		ON(hardware_of_the_partners_stock_goes_over_and_of_others_does_not),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
