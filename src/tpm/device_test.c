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
#include "pki/ossl.h"
#include "tpm/device_internal.h"
#include "tpm/evidence.h"
#include "tpm/sealed.h"
#include "tpm/swtpm_fixture.h"
#include <openssl/ssl.h>
#include <stdlib.h>

// Two TPMs of one maker, made once; every test opens them anew.
static struct arena lab_arena = {.cap = ARENA_SMALL};
static char *lab, *first, *second;
static struct tpm_trust_store *store;

static const uint32_t pcr_mask = 0x00ffffff;

static int
make_lab(void **state)
{
	struct error e;

	(void)state;
	if (!swtpm_lab(&lab_arena, &lab))
		return 0;
	first = swtpm_start(&lab_arena, lab, "one");
	second = swtpm_start(&lab_arena, lab, "two");
	return tpm_trust_store_load("lab", arena_printf(&lab_arena, "%s/ca/store", lab), &store, &e)
		? 0
		: -1;
}

static int
remove_lab(void **state)
{
	(void)state;
	if (lab) {
		swtpm_stop(lab, "one");
		swtpm_stop(lab, "two");
		swtpm_remove_lab(lab);
	}
	tpm_trust_store_free(store);
	arena_finish(&lab_arena);
	return 0;
}

#define SKIP_WITHOUT_LAB()                                                                         \
	do {                                                                                       \
		(void)state;                                                                       \
		if (!lab)                                                                          \
			SKIP_CASE("swtpm is not installed");                                       \
	} while (0)

#define assert_fault(call, name)                                                                   \
	do {                                                                                       \
		assert_false(call);                                                                \
		assert_non_null(e.fault);                                                          \
		assert_string_equal(e.fault, name);                                                \
	} while (0)

static struct tpm_device *
open_tpm(const char *tcti)
{
	struct tpm_device *device;
	struct error e;

	assert_works(tpm_device_open(tcti, &device, &e));
	return device;
}

// No object and no session may stay behind.
static void
assert_nothing_loaded(struct tpm_device *device)
{
	static const TPM2_HANDLE kinds[] = {
		TPM2_TRANSIENT_FIRST, TPM2_LOADED_SESSION_FIRST, TPM2_ACTIVE_SESSION_FIRST};
	TPML_HANDLE handles;
	struct error e;

	tpm_evict(device);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		assert_works(tpm_handles(device, kinds[i], &handles, &e));
		assert_int_equal(handles.count, 0);
	}
}

static struct tpm_identity_claim
claim_of(struct arena *arena, struct tpm_device *device)
{
	struct tpm_device_identity identity;
	struct tpm_identity_claim claim;
	struct error e;

	assert_works(tpm_device_identity(arena, device, &identity, &e));
	assert_works(tpm_device_ek_certificate(arena, device, &claim.ek_certificate, &e));
	assert_works(tpm_device_ak_public(arena, device, &claim.ak_public, &e));
	claim.ek_public = identity.ek_public;
	return claim;
}

static void
a_missing_tpm_is_named(void **state)
{
	struct tpm_device *device = NULL;
	struct error e;

	(void)state;
	assert_fault(tpm_device_open("swtpm:path=/nonexistent", &device, &e), "tpm_missing");
	assert_fault(tpm_device_open("device:/nonexistent", &device, &e), "tpm_missing");
	assert_null(device);
}

static void
the_environment_names_the_tpm(void **state)
{
	struct tpm_device *device = NULL;
	struct error e;

	SKIP_WITHOUT_LAB();
	setenv("FERRY_TCTI", "swtpm:path=/nonexistent", 1);
	assert_fault(tpm_device_open(NULL, &device, &e), "tpm_missing");
	setenv("FERRY_TCTI", first, 1);
	assert_works(tpm_device_open(NULL, &device, &e));
	tpm_device_close(device);
	unsetenv("FERRY_TCTI");
}

static void
identity_is_the_same_each_time_and_of_this_tpm(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	struct tpm_device_identity one, two, other;
	struct slice ak_one, ak_two;
	struct error e;
	autotpm *device = open_tpm(first);
	autotpm *stranger = open_tpm(second);

	assert_works(tpm_device_identity(&arena, device, &one, &e));
	assert_works(tpm_device_identity(&arena, device, &two, &e));
	assert_works(tpm_device_identity(&arena, stranger, &other, &e));
	assert_string_equal(one.ek_id, two.ek_id);
	assert_string_not_equal(one.ek_id, other.ek_id);
	assert_int_equal(one.modulus.len, 256);
	assert_string_equal(one.vendor, "IBM");
	assert_true(str_starts(one.description, "TPM-Version:2.0 "));
	assert_works(tpm_device_ak_public(&arena, device, &ak_one, &e));
	assert_works(tpm_device_ak_public(&arena, device, &ak_two, &e));
	assert_true(slice_eq(ak_one, ak_two));
	assert_nothing_loaded(device);
}

// Device and server, the whole way to a request that a CA may answer.
static void
answer(struct arena *arena, struct tpm_device *device, const struct tpm_challenge *challenge,
	struct tpm_proof *proof)
{
	struct tpm_certified certified;
	struct tpm_quote quote;
	struct slice blob;
	struct error e;

	assert_works(tpm_device_activate(
		arena, device, challenge->credential, challenge->wrapped, &proof->secret, &e));
	assert_works(tpm_device_quote(
		arena, device, slice_of(challenge->quote_nonce, 32), pcr_mask, &quote, &e));
	assert_works(tpm_device_key_create(arena, device, &blob, &e));
	assert_works(tpm_device_key_certify(
		arena, device, blob, slice_of(challenge->certify_nonce, 32), &certified, &e));
	assert_works(tpm_device_csr(arena, device, blob, "device-1", &proof->csr, &e));
	proof->quote = quote.attest;
	proof->quote_signature = quote.signature;
	proof->pcrs = quote.pcrs;
	proof->key_public = certified.key_public;
	proof->certify = certified.attest;
	proof->certify_signature = certified.signature;
}

static void
a_genuine_tpm_proves_itself(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	autotpm *device = open_tpm(first);
	autochallenge challenge = {0};
	struct tpm_device_identity identity;
	struct tpm_proof_result result;
	struct tpm_proof proof;
	struct error e;

	struct tpm_identity_claim claim = claim_of(&arena, device);
	assert_works(tpm_device_identity(&arena, device, &identity, &e));
	assert_works(tpm_challenge_make(
		&arena, store, &claim, identity.ek_id, clock_now(), &challenge, &e));
	assert_string_equal(challenge.ek.ek_id, identity.ek_id);
	assert_string_equal(challenge.ek.store, "lab");
	assert_false(challenge.ek.expired);
	answer(&arena, device, &challenge, &proof);
	struct tpm_proof_expect expect = {.store = store,
		.manufacturer = challenge.ek.manufacturer,
		.ak_public = claim.ak_public,
		.secret = slice_of(challenge.secret, 32),
		.quote_nonce = slice_of(challenge.quote_nonce, 32),
		.certify_nonce = slice_of(challenge.certify_nonce, 32),
		.pcr_mask = pcr_mask};
	assert_works(tpm_proof_verify(&arena, &expect, &proof, &result, &e));
	assert_int_equal(result.quote.firmware, identity.firmware);
	assert_int_equal(result.pcrs.mask, pcr_mask);
	csr_finish(&result.csr);
	assert_nothing_loaded(device);
}

static void
a_challenge_for_another_tpm_or_key_is_refused(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	autotpm *device = open_tpm(first);
	autotpm *stranger = open_tpm(second);
	autochallenge challenge = {0};
	struct tpm_identity_claim mine, theirs, mixed;
	struct slice secret;
	struct error e;

	mine = claim_of(&arena, device);
	theirs = claim_of(&arena, stranger);
	assert_works(tpm_challenge_make(&arena, store, &theirs, NULL, clock_now(), &challenge, &e));
	assert_fault(tpm_device_activate(
			     &arena, device, challenge.credential, challenge.wrapped, &secret, &e),
		"tpm_credential_refused");
	tpm_challenge_finish(&challenge);
	// My EK, but a foreign attestation key.
	mixed = mine;
	mixed.ak_public = theirs.ak_public;
	assert_works(tpm_challenge_make(&arena, store, &mixed, NULL, clock_now(), &challenge, &e));
	assert_fault(tpm_device_activate(
			     &arena, device, challenge.credential, challenge.wrapped, &secret, &e),
		"tpm_credential_refused");
	assert_fault(
		tpm_device_activate(&arena, device, slice_str("x"), challenge.wrapped, &secret, &e),
		"tpm_credential_refused");
	assert_nothing_loaded(device);
}

static void
a_registered_hash_of_another_tpm_is_a_mismatch(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	autotpm *device = open_tpm(first);
	autotpm *stranger = open_tpm(second);
	struct tpm_device_identity other;
	autochallenge challenge = {0};
	struct error e;

	struct tpm_identity_claim claim = claim_of(&arena, device);
	assert_works(tpm_device_identity(&arena, stranger, &other, &e));
	assert_fault(
		tpm_challenge_make(&arena, store, &claim, other.ek_id, clock_now(), &challenge, &e),
		"tpm_ek_mismatch");
	claim.ek_public = other.ek_public;
	assert_fault(tpm_challenge_make(&arena, store, &claim, NULL, clock_now(), &challenge, &e),
		"tpm_ek_mismatch");
}

static void
a_sealed_secret_opens_only_in_its_tpm(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	autotpm *device = open_tpm(first);
	autotpm *stranger = open_tpm(second);
	struct slice sealed, plain, aad = slice_str("odj device-1 job-7");
	autoek ek = {0};
	struct error e;

	struct tpm_identity_claim claim = claim_of(&arena, device);
	assert_works(tpm_ek_verify(&arena, store, claim.ek_certificate, clock_now(), &ek, &e));
	assert_works(tpm_seal(
		&arena, &ek, claim.ak_public, slice_str("machine password"), aad, &sealed, &e));
	assert_works(tpm_device_unseal(&arena, device, sealed, aad, &plain, &e));
	assert_true(slice_is(plain, "machine password"));
	assert_fault(tpm_device_unseal(&arena, stranger, sealed, aad, &plain, &e),
		"tpm_credential_refused");
	assert_fault(tpm_device_unseal(
			     &arena, device, sealed, slice_str("odj device-2 job-7"), &plain, &e),
		"tpm_sealed_refused");
	uint8_t *changed = arena_memdup(&arena, sealed.data, sealed.len);
	changed[sealed.len - 20] ^= 1;
	assert_fault(
		tpm_device_unseal(&arena, device, slice_of(changed, sealed.len), aad, &plain, &e),
		"tpm_sealed_refused");
	assert_fault(tpm_device_unseal(&arena, device, slice_of(sealed.data, sealed.len - 1), aad,
			     &plain, &e),
		"tpm_sealed_malformed");
	assert_nothing_loaded(device);
	assert_nothing_loaded(stranger);
}

// What a killed process leaves behind: all three slots taken.
static void
objects_of_a_killed_process_are_flushed_at_open(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	struct tpm_object leaked[3];
	struct slice ak;
	struct error e;
	struct tpm_device *device = open_tpm(first);

	for (int i = 0; i < 3; i++)
		assert_works(tpm_load_ak(device, &leaked[i], NULL, &e));
	assert_fault(tpm_device_ak_public(&arena, device, &ak, &e), "tpm_failed");
	tpm_device_close(device);
	device = open_tpm(first);
	assert_works(tpm_device_ak_public(&arena, device, &ak, &e));
	assert_nothing_loaded(device);
	tpm_device_close(device);
}

static void
a_damaged_or_foreign_key_blob_is_lost(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	autotpm *device = open_tpm(first);
	autotpm *stranger = open_tpm(second);
	struct slice blob;
	EVP_PKEY *key;
	struct error e;

	assert_works(tpm_device_key_create(&arena, device, &blob, &e));
	assert_fault(tpm_device_tls_key(stranger, blob, &key, &e), "tpm_key_lost");
	for (size_t len = 0; len < blob.len; len += 7)
		assert_fault(tpm_device_tls_key(device, slice_of(blob.data, len), &key, &e),
			"tpm_key_lost");
	uint8_t *changed = arena_memdup(&arena, blob.data, blob.len);
	changed[blob.len - 1] ^= 1;
	assert_fault(
		tpm_device_tls_key(device, slice_of(changed, blob.len), &key, &e), "tpm_key_lost");
	assert_nothing_loaded(device);
	assert_nothing_loaded(stranger);
}

// A self-signed certificate for a key, as file-free TLS wants it.
static X509 *
self_signed(struct arena *arena, EVP_PKEY *key)
{
	struct cert_template template = {.profile = CERT_ROOT_CA,
		.common_name = "test",
		.not_before = clock_now() - US_PER_DAY,
		.not_after = clock_now() + US_PER_DAY};
	struct cert_issuer self = {.key = key};
	struct slice der;
	struct error e;
	X509 *cert;

	assert_works(key_spki(arena, key, &template.spki, &e));
	assert_works(cert_issue(arena, &template, &self, &der, &e));
	assert_works(cert_load(der, &cert, &e));
	return cert;
}

static int
accept_any(int ok, X509_STORE_CTX *ctx)
{
	(void)ok, (void)ctx;
	return 1;
}

static SSL *
tls_side(struct arena *arena, EVP_PKEY *key, const SSL_METHOD *method, BIO *bio)
{
	SSL_CTX *ctx = SSL_CTX_new(method);
	autox509 *cert = self_signed(arena, key);

	assert_int_equal(SSL_CTX_use_certificate(ctx, cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
	SSL *ssl = SSL_new(ctx);
	SSL_set_bio(ssl, bio, bio);
	SSL_CTX_free(ctx);
	return ssl;
}

static void
tls_handshakes_are_signed_in_the_tpm(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	autotpm *device = open_tpm(first);
	autopkey *client_key = NULL, *server_key = NULL;
	struct slice blob, ak;
	BIO *one, *two;
	struct error e;

	assert_works(tpm_device_key_create(&arena, device, &blob, &e));
	assert_works(tpm_device_tls_key(device, blob, &client_key, &e));
	assert_works(key_generate(KEY_P256, &server_key, &e));
	// Other uses of the TPM between two signatures take the slot away and give it back.
	for (int round = 0; round < 3; round++) {
		assert_int_equal(BIO_new_bio_pair(&one, 0, &two, 0), 1);
		SSL *client = tls_side(&arena, client_key, TLS_client_method(), one);
		SSL *server = tls_side(&arena, server_key, TLS_server_method(), two);
		SSL_set_connect_state(client);
		SSL_set_accept_state(server);
		for (int i = 0; i < 10; i++) {
			SSL_do_handshake(client);
			SSL_do_handshake(server);
		}
		assert_true(SSL_is_init_finished(client) && SSL_is_init_finished(server));
		autox509 *seen = SSL_get1_peer_certificate(server);
		assert_true(key_same(X509_get0_pubkey(seen), client_key));
		SSL_free(client);
		SSL_free(server);
		assert_works(tpm_device_ak_public(&arena, device, &ak, &e));
	}
	assert_nothing_loaded(device);
}

// The next tests wipe or stop the first TPM; they come last.
static void
a_cleared_tpm_has_lost_its_device_key(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	autotpm *device = open_tpm(first);
	struct tpm_certified certified;
	uint8_t nonce[32] = {1};
	struct slice blob, ak_before, ak_after;
	struct error e;

	assert_works(tpm_device_key_create(&arena, device, &blob, &e));
	assert_works(tpm_device_ak_public(&arena, device, &ak_before, &e));
	assert_int_equal(Esys_Clear(device->esys, ESYS_TR_RH_PLATFORM, ESYS_TR_PASSWORD,
				 ESYS_TR_NONE, ESYS_TR_NONE),
		TSS2_RC_SUCCESS);
	assert_fault(
		tpm_device_key_certify(&arena, device, blob, slice_of(nonce, 32), &certified, &e),
		"tpm_key_lost");
	// Clearing keeps the endorsement seed: it is still the same TPM.
	assert_works(tpm_device_ak_public(&arena, device, &ak_after, &e));
	assert_true(slice_eq(ak_before, ak_after));
	assert_nothing_loaded(device);
}

static void
a_changed_endorsement_seed_is_another_tpm_without_certificate(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	autotpm *device = open_tpm(first);
	autochallenge challenge = {0};
	struct slice der, secret;
	struct error e;

	struct tpm_identity_claim claim = claim_of(&arena, device);
	assert_works(tpm_challenge_make(&arena, store, &claim, NULL, clock_now(), &challenge, &e));
	assert_int_equal(Esys_ChangeEPS(device->esys, ESYS_TR_RH_PLATFORM, ESYS_TR_PASSWORD,
				 ESYS_TR_NONE, ESYS_TR_NONE),
		TSS2_RC_SUCCESS);
	assert_fault(tpm_device_activate(
			     &arena, device, challenge.credential, challenge.wrapped, &secret, &e),
		"tpm_credential_refused");
	assert_fault(
		tpm_device_ek_certificate(&arena, device, &der, &e), "tpm_ek_certificate_missing");
	assert_nothing_loaded(device);
}

static void
a_tpm_that_goes_away_is_missing(void **state)
{
	SKIP_WITHOUT_LAB();
	autoarena(arena, ARENA_SMALL);
	autotpm *device = open_tpm(second);
	struct slice ak;
	struct error e;

	swtpm_stop(lab, "two");
	assert_fault(tpm_device_ak_public(&arena, device, &ak, &e), "tpm_missing");
	assert_int_equal(e.code, ERR_UNAVAILABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_tpm_is_named),
		cmocka_unit_test(the_environment_names_the_tpm),
		cmocka_unit_test(identity_is_the_same_each_time_and_of_this_tpm),
		cmocka_unit_test(a_genuine_tpm_proves_itself),
		cmocka_unit_test(a_challenge_for_another_tpm_or_key_is_refused),
		cmocka_unit_test(a_registered_hash_of_another_tpm_is_a_mismatch),
		cmocka_unit_test(a_sealed_secret_opens_only_in_its_tpm),
		cmocka_unit_test(objects_of_a_killed_process_are_flushed_at_open),
		cmocka_unit_test(a_damaged_or_foreign_key_blob_is_lost),
		cmocka_unit_test(tls_handshakes_are_signed_in_the_tpm),
		cmocka_unit_test(a_cleared_tpm_has_lost_its_device_key),
		cmocka_unit_test(a_changed_endorsement_seed_is_another_tpm_without_certificate),
		cmocka_unit_test(a_tpm_that_goes_away_is_missing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tpm device", tests, make_lab, remove_lab);
}
