// SPDX-License-Identifier: Apache-2.0
// Forged evidence (promise P7): the challenge, the attestation key and the credential.
#include "tpm/evidence_world.h"

FORGERY(ak_rsa, w->ak.type = TPM2_ALG_RSA);
FORGERY(ak_hmac, w->ak.type = TPM2_ALG_KEYEDHASH);
FORGERY(ak_name_sha1, w->ak.name_alg = TPM2_ALG_SHA1);
FORGERY(ak_name_sha384, w->ak.name_alg = TPM2_ALG_SHA384);
FORGERY(ak_p384, w->ak.curve = TPM2_ECC_NIST_P384);
FORGERY(ak_no_scheme, w->ak.scheme = TPM2_ALG_NULL);
FORGERY(ak_schnorr, w->ak.scheme = TPM2_ALG_ECSCHNORR);
FORGERY(ak_sha1, w->ak.scheme_hash = TPM2_ALG_SHA1);
FORGERY(ak_symmetric, w->ak.symmetric = TPM2_ALG_AES);
FORGERY(ak_kdf, w->ak.kdf = TPM2_ALG_KDF1_SP800_108);
FORGERY(ak_trailing, w->ak.trailing = 1);
FORGERY(ak_long_x, w->ak.x = slice_of(arena_alloc(w->arena, 200), 200));
FORGERY(ak_long_y, w->ak.y = slice_of(arena_alloc(w->arena, 33), 33));
FORGERY(ak_no_point, w->ak.x = w->ak.y = slice_of(NULL, 0));
FORGERY(ak_off_curve, w->ak.y = w->ak.x);

FORGERY(ak_cut, w->expect.ak_public.len--);
FORGERY(ak_empty, w->expect.ak_public = slice_of(NULL, 0));

FORGERY(secret_wrong, w->proof.secret = changed(w->arena, w->proof.secret, 31));
FORGERY(secret_none, w->proof.secret = slice_of(NULL, 0));
FORGERY(secret_short, w->proof.secret.len = 31);
FORGERY(secret_unset, w->proof.secret = w->expect.secret = slice_of(NULL, 0));

static const struct forgery ak_before[] = {
	F(ak_rsa, "the attestation key is not P-256 with SHA-256 names"),
	F(ak_hmac, "public area: type 0008"),
	F(ak_name_sha1, "the attestation key is not P-256 with SHA-256 names"),
	F(ak_name_sha384, "the attestation key is not P-256 with SHA-256 names"),
	F(ak_p384, "the attestation key is not P-256 with SHA-256 names"),
	F(ak_no_scheme, "scheme of the attestation key is not ECDSA with SHA-256"),
	F(ak_schnorr, "scheme of the attestation key is not ECDSA with SHA-256"),
	F(ak_sha1, "scheme of the attestation key is not ECDSA with SHA-256"),
	F(ak_symmetric, "the attestation key is not P-256 with SHA-256 names"),
	F(ak_kdf, "the attestation key is not P-256 with SHA-256 names"),
	F(ak_trailing, "public area: malformed"),
	F(ak_long_x, "P-256 coordinates of 200 and 32 bytes"),
	F(ak_long_y, "P-256 coordinates of 32 and 33 bytes"),
	F(ak_no_point, "P-256 coordinates of 0 and 0 bytes"),
	F(ak_off_curve, "P-256 point: point is not on curve"),
};

static const struct forgery ak_after[] = {
	F(ak_cut, "public area: wrong length"),
	F(ak_empty, "public area: wrong length"),
};

static const struct forgery secret_after[] = {
	F(secret_wrong, "the TPM did not return the secret of the challenge"),
	F(secret_none, "the TPM did not return the secret of the challenge"),
	F(secret_short, "the TPM did not return the secret of the challenge"),
	F(secret_unset, "the TPM did not return the secret of the challenge"),
};

static struct slice
ek_certificate(struct arena *arena, EVP_PKEY *ek)
{
	struct forge_cert spec = {.subject = ek,
		.issuer = root,
		.issuer_key = root_key,
		.eku = "2.23.133.8.1",
		.manufacturer = "id:00001014",
		.not_after = 4102444800 * US_PER_S};
	autox509 *cert = forge_certificate(&spec);

	return forge_der(arena, cert);
}

static struct slice
ek_public(struct arena *arena, EVP_PKEY *ek, uint32_t exponent)
{
	struct forge_public spec = {.type = TPM2_ALG_RSA,
		.name_alg = TPM2_ALG_SHA256,
		.symmetric = TPM2_ALG_AES,
		.scheme = TPM2_ALG_NULL,
		.exponent = exponent};
	struct error e;

	assert_works(key_rsa_modulus(arena, ek, &spec.modulus, &e));
	return forge_public_bytes(arena, &spec);
}

static void
a_forged_attestation_key_is_refused(void **state)
{
	(void)state;
	CHECK(ak_before, BEFORE_SIGNING, "tpm_ak_refused");
	CHECK(ak_after, AFTER_SIGNING, "tpm_ak_refused");
}

// 28 vectors: all bits but the four that only say how a key is authorized.
static void
every_wrong_attribute_of_the_attestation_key_is_refused(void **state)
{
	(void)state;
	for (int bit = 0; bit < 32; bit++) {
		autoarena(arena, ARENA_SMALL);
		char what[40];
		struct world w;
		begin(&w, &arena);
		w.ak.attributes ^= 1u << bit;
		finish(&w);
		snprintf(what, sizeof what, "attribute bit %d of the AK", bit);
		if (!(FREE_BITS >> bit & 1))
			expect_fault(&w, what, "tpm_ak_refused", "attributes");
	}
}

static void
a_wrong_credential_is_refused(void **state)
{
	(void)state;
	CHECK(secret_after, AFTER_SIGNING, "tpm_credential_wrong");
}

static void
one_nonce_for_both_is_our_own_mistake(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct tpm_proof_result result;
	struct world w;
	struct error e;

	begin(&w, &arena);
	finish(&w);
	w.expect.certify_nonce = w.expect.quote_nonce;
	assert_false(tpm_proof_verify(&arena, &w.expect, &w.proof, &result, &e));
	assert_int_equal(e.code, ERR_INTERNAL);
}

static void
a_swapped_endorsement_key_is_a_mismatch(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_public ak = forge_ec(&arena, ak_key, FORGE_AK_ATTRIBUTES, TPM2_ALG_ECDSA);
	struct tpm_identity_claim good = {.ek_certificate = ek_certificate(&arena, ek_key),
		.ek_public = ek_public(&arena, ek_key, 0),
		.ak_public = forge_public_bytes(&arena, &ak)};
	struct tpm_identity_claim bad[5] = {good, good, good, good, good};
	autochallenge challenge = {0};
	struct error e;

	bad[0].ek_public = ek_public(&arena, other_ek, 0);
	bad[1].ek_certificate = ek_certificate(&arena, other_ek);
	bad[2].ek_public = good.ak_public;
	bad[3].ek_public = ek_public(&arena, ek_key, 3);
	bad[4].ek_public = slice_of(NULL, 0);
	for (size_t i = 0; i < 5; i++) {
		assert_false(tpm_challenge_make(&arena, store, &bad[i], NULL, 0, &challenge, &e));
		assert_string_equal(e.fault, "tpm_ek_mismatch");
	}
	assert_false(tpm_challenge_make(&arena, store, &good,
		"0000000000000000000000000000000000000000000000000000000000000000", 0, &challenge,
		&e));
	assert_string_equal(e.fault, "tpm_ek_mismatch");
	good.ak_public = good.ek_public;
	assert_false(tpm_challenge_make(&arena, store, &good, NULL, 0, &challenge, &e));
	assert_string_equal(e.fault, "tpm_ak_refused");
}

// Only with this do the refusals above mean something.
static void
the_genuine_proof_is_accepted(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct tpm_proof_result result;
	struct world w;
	struct error e;

	begin(&w, &arena);
	finish(&w);
	assert_works(tpm_proof_verify(&arena, &w.expect, &w.proof, &result, &e));
	assert_true(key_same(result.csr.key, device_key));
	assert_int_equal(result.quote.firmware, 0x2019102300163636);
	assert_int_equal(result.quote.reset_count, 2);
	assert_true(result.quote.clock_safe);
	csr_finish(&result.csr);
}

// A TPM leaves out leading zeros of r, s, x and y; the padding on the left must not change
// anything.
static void
short_coordinates_are_padded(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	EVP_PKEY *key = NULL;
	struct forge_public spec;
	struct error e;
	autoak ak = {0};

	do {
		EVP_PKEY_free(key);
		key = NULL;
		assert_works(key_generate(KEY_P256, &key, &e));
		spec = forge_ec(&arena, key, FORGE_AK_ATTRIBUTES, TPM2_ALG_ECDSA);
	} while (spec.x.data[0] != 0);
	spec.x = slice_of(spec.x.data + 1, 31);
	assert_works(tpm_ak_accept(forge_public_bytes(&arena, &spec), &ak, &e));
	assert_true(key_same(ak.key, key));
	EVP_PKEY_free(key);
}

static void
challenges_are_never_the_same(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_public ak = forge_ec(&arena, ak_key, FORGE_AK_ATTRIBUTES, TPM2_ALG_ECDSA);
	struct tpm_identity_claim claim = {.ek_certificate = ek_certificate(&arena, ek_key),
		.ek_public = ek_public(&arena, ek_key, 65537),
		.ak_public = forge_public_bytes(&arena, &ak)};
	autochallenge one = {0}, two = {0};
	struct error e;

	assert_works(tpm_challenge_make(&arena, store, &claim, NULL, 0, &one, &e));
	assert_works(tpm_challenge_make(&arena, store, &claim, NULL, 0, &two, &e));
	assert_memory_not_equal(one.secret, two.secret, 32);
	assert_memory_not_equal(one.quote_nonce, two.quote_nonce, 32);
	assert_memory_not_equal(one.quote_nonce, one.certify_nonce, 32);
	assert_false(slice_eq(one.wrapped, two.wrapped));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_forged_attestation_key_is_refused),
		cmocka_unit_test(every_wrong_attribute_of_the_attestation_key_is_refused),
		cmocka_unit_test(a_wrong_credential_is_refused),
		cmocka_unit_test(one_nonce_for_both_is_our_own_mistake),
		cmocka_unit_test(a_swapped_endorsement_key_is_a_mismatch),
		cmocka_unit_test(the_genuine_proof_is_accepted),
		cmocka_unit_test(short_coordinates_are_padded),
		cmocka_unit_test(challenges_are_never_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
