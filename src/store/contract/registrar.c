// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "domain/registration.h"
#include "store/audit.h"
#include "store/contract/registrar.h"
#include "store/deployments.h"
#include "store/queries.h"
#include "store/trust.h"
#include <stdlib.h>

enum { MODULUS = 256 };

static bool
add_tenant(struct db *db, void *ctx, struct error *e)
{
	const struct work *w = ctx;

	return db_run(db, Q_TENANT_INSERT,
		PARAMS(DB_TEXT(w->tenant_id), DB_TEXT("Fabrikam"), DB_TEXT(w->tenant_id),
			DB_INT(w->now)),
		NULL, e);
}

struct work
registrar_tenant(struct fixture *f)
{
	struct work w = f->work;
	struct error e;

	w.tenant_id = uuid_new(&f->arena);
	check(store_write(w.session, add_tenant, &w, &e), &e);
	return w;
}

// A registration as an import makes it: from a hash. `tpm` 0: none.
struct registration
registrar_hardware(struct fixture *f, const char *serial, uint8_t tpm)
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

struct registration_result
registrar_put(struct fixture *f, const struct work *w, const char *serial, uint8_t tpm)
{
	struct registration in = registrar_hardware(f, serial, tpm);
	struct registration_result result;
	struct error e;

	check(store_register(w, &in, 1, true, &result, &e), &e);
	return result;
}

struct device
registrar_get(struct fixture *f, const char *device_id)
{
	struct device d;
	struct error e;

	check(store_device_by_id(&f->work, device_id, &d, &e), &e);
	return d;
}

size_t
registrar_events(const struct work *w, const char *device_id, const char *kind)
{
	struct registration_event *list;
	struct error e;
	size_t count, n = 0;

	check(store_registration_events(w, device_id, &list, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		n += str_eq(list[i].kind, kind);
	return n;
}

void
registrar_audit_holds(const struct work *w)
{
	struct audit_verdict verdict;
	struct error e;

	check(store_audit_verify(w, &verdict, &e), &e);
	assert_true(verdict.intact && verdict.events > 0);
}

void
registrar_proof(struct fixture *f, const char *device_id, const char *ek_id, const char *fault)
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
