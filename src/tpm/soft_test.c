// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/testing.h"
#include "base/uuid.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include "tpm/device_internal.h"
#include "tpm/evidence.h"
#include "tpm/soft.h"
#include "tpm/swtpm_fixture.h"
#include <tss2/tss2_mu.h>

#define assert_fault(call, name)                                                                   \
	do {                                                                                       \
		assert_false(call);                                                                \
		assert_non_null(e.fault);                                                          \
		assert_string_equal(e.fault, name);                                                \
	} while (0)

static EVP_PKEY *ca_key, *ek, *other_ek;
static X509 *ca;
static struct arena shared = {.cap = ARENA_SMALL};

static int
make_keys(void **state)
{
	struct error e;

	(void)state;
	return key_generate(KEY_P256, &ca_key, &e) && key_generate(KEY_RSA2048, &ek, &e) &&
			key_generate(KEY_RSA2048, &other_ek, &e) &&
			tpm_soft_ca(ca_key, clock_now(), &ca, &e)
		? 0
		: -1;
}

static int
free_keys(void **state)
{
	(void)state;
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(ek);
	EVP_PKEY_free(other_ek);
	X509_free(ca);
	arena_finish(&shared);
	return 0;
}

static struct tpm_trust_store *
store_called(struct arena *arena, const char *name, struct error *e)
{
	struct tpm_trust_store *store = NULL;
	struct slice pem;
	const char *manifest = tpm_soft_manifest(arena, name, ca, e);

	if (!manifest || !cert_pem(arena, ca, &pem, e) ||
		!tpm_trust_store_parse(
			name, slice_str(manifest), pem, slice_of(NULL, 0), &store, e))
		return NULL;
	return store;
}

static struct tpm_identity_claim
claim_of(struct arena *arena, const struct tpm_soft *soft)
{
	struct tpm_identity_claim claim;
	struct error e;

	assert_works(tpm_soft_ek_certificate(
		arena, soft->ek, ca, ca_key, clock_now(), &claim.ek_certificate, &e));
	assert_works(tpm_soft_ek_public(arena, soft, &claim.ek_public, &e));
	assert_works(tpm_soft_ak_public(arena, soft, &claim.ak_public, &e));
	return claim;
}

static void
no_store_called_hardware_can_trust_it(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};

	(void)state;
	assert_null(store_called(&arena, "hardware", &e));
	assert_int_equal(e.code, ERR_INVALID);
	struct tpm_trust_store *store = store_called(&arena, "fleet", &e);
	assert_non_null(store);
	tpm_trust_store_free(store);
}

// The whole proof, judged as the service judges it.
static void
it_proves_itself_to_a_store_that_names_its_maker(void **state)
{
	autoarena(arena, ARENA_SMALL);
	autosoft soft = {0};
	autochallenge challenge = {0};
	struct tpm_proof_result result;
	struct tpm_proof proof;
	uint8_t name[TPM_NAME_LEN];
	struct error e;

	(void)state;
	assert_works(tpm_soft_make(ek, &soft, &e));
	autotrust *store = store_called(&arena, "fleet", &e);
	struct tpm_identity_claim claim = claim_of(&arena, &soft);
	assert_works(tpm_challenge_make(&arena, store, &claim, NULL, clock_now(), &challenge, &e));
	assert_int_equal(challenge.ek.manufacturer, TPM_SOFT_MANUFACTURER);
	assert_string_equal(challenge.ek.vendor, "FLET");
	assert_string_equal(challenge.ek.model, "simulated");
	assert_works(tpm_soft_ak_name(&soft, name, &e));
	assert_works(tpm_activate_credential(
		&arena, soft.ek, name, challenge.credential, challenge.wrapped, &proof.secret, &e));
	assert_works(tpm_soft_quote(&arena, &soft, slice_of(challenge.quote_nonce, 32), 0xff,
		&proof.quote, &proof.quote_signature, &proof.pcrs, &e));
	assert_works(tpm_soft_certify(&arena, &soft, slice_of(challenge.certify_nonce, 32),
		&proof.key_public, &proof.certify, &proof.certify_signature, &e));
	assert_works(csr_build(&arena, soft.device, "device-1", &proof.csr, &e));
	struct tpm_proof_expect expect = {.store = store,
		.manufacturer = challenge.ek.manufacturer,
		.ak_public = claim.ak_public,
		.secret = slice_of(challenge.secret, 32),
		.quote_nonce = slice_of(challenge.quote_nonce, 32),
		.certify_nonce = slice_of(challenge.certify_nonce, 32),
		.pcr_mask = 0xff};
	assert_works(tpm_proof_verify(&arena, &expect, &proof, &result, &e));
	csr_finish(&result.csr);
	// What was quoted over the other nonce, or with fewer PCRs, is refused.
	expect.pcr_mask = 0x7f;
	assert_fault(tpm_proof_verify(&arena, &expect, &proof, &result, &e), "tpm_quote_refused");
}

static struct tpm_ek
verified(struct arena *arena, const struct tpm_soft *soft, struct tpm_trust_store *store)
{
	struct tpm_identity_claim claim = claim_of(arena, soft);
	struct tpm_ek out = {0};
	struct error e;

	assert_works(tpm_ek_verify(arena, store, claim.ek_certificate, clock_now(), &out, &e));
	return out;
}

static void
a_credential_opens_for_its_ek_and_name_alone_and_as_a_whole(void **state)
{
	autoarena(arena, ARENA_SMALL);
	autosoft soft = {0};
	struct slice credential, wrapped, secret;
	uint8_t name[TPM_NAME_LEN], other[TPM_NAME_LEN];
	struct error e;

	(void)state;
	assert_works(tpm_soft_make(ek, &soft, &e));
	autotrust *store = store_called(&arena, "fleet", &e);
	autoek key = verified(&arena, &soft, store);
	assert_works(tpm_soft_ak_name(&soft, name, &e));
	memcpy(other, name, sizeof other);
	other[20] ^= 1;
	for (size_t len = 1; len <= TPM_SECRET_LEN; len++) {
		uint8_t plain[TPM_SECRET_LEN];
		random_bytes(plain, sizeof plain);
		assert_works(tpm_make_credential(
			&arena, &key, name, slice_of(plain, len), &credential, &wrapped, &e));
		assert_works(tpm_activate_credential(
			&arena, ek, name, credential, wrapped, &secret, &e));
		assert_true(slice_eq(secret, slice_of(plain, len)));
	}
	assert_fault(tpm_activate_credential(&arena, ek, other, credential, wrapped, &secret, &e),
		"tpm_credential_refused");
	assert_fault(
		tpm_activate_credential(&arena, other_ek, name, credential, wrapped, &secret, &e),
		"tpm_credential_refused");
	// One changed byte anywhere, one byte less.
	for (size_t i = 0; i < credential.len; i++) {
		uint8_t *copy = arena_memdup(&arena, credential.data, credential.len);
		copy[i] ^= 1;
		assert_fault(tpm_activate_credential(&arena, ek, name,
				     slice_of(copy, credential.len), wrapped, &secret, &e),
			"tpm_credential_refused");
	}
	for (size_t len = 0; len < credential.len; len++)
		assert_fault(tpm_activate_credential(&arena, ek, name,
				     slice_of(credential.data, len), wrapped, &secret, &e),
			"tpm_credential_refused");
	assert_fault(tpm_activate_credential(&arena, ek, name, credential,
			     slice_of(wrapped.data, wrapped.len - 1), &secret, &e),
		"tpm_credential_refused");
}

// --- beside an emulated TPM ---

// Everything before the key itself: type, attributes, policy, algorithms.
static void
assert_same_template(struct slice ours, struct slice theirs)
{
	struct tpm_public a, b;
	struct error e;

	assert_works(tpm_public_parse(ours, &a, &e));
	assert_works(tpm_public_parse(theirs, &b, &e));
	assert_int_equal(a.attributes, b.attributes);
	assert_int_equal(a.area.len, b.area.len);
	size_t unique = a.type == TPM2_ALG_RSA ? 2 + 256 : 2 * (2 + 32);
	assert_memory_equal(a.area.data, b.area.data, a.area.len - unique);
}

// TPM2_MakeCredential by the emulated TPM, for our EK in memory.
static void
make_there(struct tpm_device *device, struct slice ek_public, const uint8_t name[TPM_NAME_LEN],
	TPM2B_ID_OBJECT **object, TPM2B_ENCRYPTED_SECRET **wrapped)
{
	CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);
	TPM2B_PUBLIC public = {0};
	TPM2B_DIGEST secret = {.size = 7, .buffer = "ferries"};
	TPM2B_NAME of = {.size = TPM_NAME_LEN};
	size_t at = 0;
	ESYS_TR handle;

	(void)held;
	memcpy(of.name, name, TPM_NAME_LEN);
	assert_int_equal(
		Tss2_MU_TPM2B_PUBLIC_Unmarshal(ek_public.data, ek_public.len, &at, &public),
		TSS2_RC_SUCCESS);
	assert_int_equal(Esys_LoadExternal(device->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
				 NULL, &public, ESYS_TR_RH_NULL, &handle),
		TSS2_RC_SUCCESS);
	TSS2_RC rc = Esys_MakeCredential(device->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
		ESYS_TR_NONE, &secret, &of, object, wrapped);
	Esys_FlushContext(device->esys, handle);
	assert_int_equal(rc, TSS2_RC_SUCCESS);
}

static struct slice
sized(struct arena *arena, const void *bytes, size_t len)
{
	uint8_t *out = arena_alloc(arena, 2 + len);

	out[0] = (uint8_t)(len >> 8);
	out[1] = (uint8_t)len;
	memcpy(out + 2, bytes, len);
	return slice_of(out, 2 + len);
}

static void
an_emulated_tpm_makes_the_same_keys_and_credentials_that_open_here(void **state)
{
	autoarena(arena, ARENA_SMALL);
	autosoft soft = {0};
	autoesys TPM2B_ID_OBJECT *object = NULL;
	autoesys TPM2B_ENCRYPTED_SECRET *wrapped = NULL;
	struct tpm_device_identity identity;
	struct slice ak, blob, secret, mine, attest, signature;
	struct tpm_certified certified;
	uint8_t name[TPM_NAME_LEN], nonce[32] = {7};
	struct error e;
	char *lab;

	(void)state;
	if (!swtpm_lab(&arena, &lab))
		SKIP_CASE("swtpm is not installed");
	char *tcti = swtpm_start(&arena, lab, "one");
	{
		struct tpm_device *opened;
		assert_works(tpm_device_open(tcti, &opened, &e));
		autotpm *device = opened;
		assert_works(tpm_soft_make(ek, &soft, &e));
		struct tpm_identity_claim claim = claim_of(&arena, &soft);
		assert_works(tpm_device_identity(&arena, device, &identity, &e));
		assert_works(tpm_device_ak_public(&arena, device, &ak, &e));
		assert_works(tpm_device_key_create(&arena, device, &blob, &e));
		assert_works(tpm_device_key_certify(
			&arena, device, blob, slice_of(nonce, 32), &certified, &e));
		assert_works(tpm_soft_certify(
			&arena, &soft, slice_of(nonce, 32), &mine, &attest, &signature, &e));
		assert_same_template(claim.ek_public, identity.ek_public);
		assert_same_template(claim.ak_public, ak);
		assert_same_template(mine, certified.key_public);
		assert_works(tpm_soft_ak_name(&soft, name, &e));
		make_there(device, claim.ek_public, name, &object, &wrapped);
		assert_works(tpm_activate_credential(&arena, ek, name,
			sized(&arena, object->credential, object->size),
			sized(&arena, wrapped->secret, wrapped->size), &secret, &e));
		assert_true(slice_eq(secret, slice_str("ferries")));
	}
	swtpm_stop(lab, "one");
	swtpm_remove_lab(lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_store_called_hardware_can_trust_it),
		cmocka_unit_test(it_proves_itself_to_a_store_that_names_its_maker),
		cmocka_unit_test(a_credential_opens_for_its_ek_and_name_alone_and_as_a_whole),
		cmocka_unit_test(
			an_emulated_tpm_makes_the_same_keys_and_credentials_that_open_here),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tpm soft", tests, make_keys, free_keys);
}
