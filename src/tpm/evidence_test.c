// SPDX-License-Identifier: Apache-2.0
// Forged evidence (promise P7): every check of "What the server must check" against its own
// forgery.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/uuid.h"
#include "pki/ossl.h"
#include "tpm/forge.h"

#define assert_works(call)                                                                         \
	do {                                                                                       \
		if (!(call))                                                                       \
			fail_msg("%s: %s", #call, e.message);                                      \
	} while (0)

// Keys are made once: the TPM's, and those of an attacker.
static EVP_PKEY *root_key, *ek_key, *ak_key, *device_key, *other_key, *other_ek;
static X509 *root;
static struct tpm_trust_store *store;
static struct arena shared = {.cap = ARENA_SMALL};

// What a forgery may change before the evidence is made and signed.
struct world {
	struct arena *arena;
	struct forge_public ak, key;
	struct forge_attest quote, certify;
	struct tpm_pcrs pcrs;
	EVP_PKEY *quote_signer, *certify_signer, *csr_key;
	uint16_t quote_scheme, quote_hash, certify_scheme, certify_hash;
	size_t quote_pad, certify_pad;
	uint8_t nonces[2][32], secret[32], digest[32], name[34];
	// Made of the above; may be changed too, after signing.
	struct tpm_proof proof;
	struct tpm_proof_expect expect;
};

static int
make_keys(void **state)
{
	struct forge_cert spec = {.ca = true, .not_after = 4102444800 * US_PER_S};
	struct error e;

	(void)state;
	if (!key_generate(KEY_P256, &root_key, &e) || !key_generate(KEY_RSA2048, &ek_key, &e) ||
		!key_generate(KEY_RSA2048, &other_ek, &e) || !key_generate(KEY_P256, &ak_key, &e) ||
		!key_generate(KEY_P256, &device_key, &e) || !key_generate(KEY_P256, &other_key, &e))
		return -1;
	spec.subject = spec.issuer_key = root_key;
	root = forge_certificate(&spec);
	return tpm_trust_store_parse("lab",
		       slice_str(arena_printf(&shared,
			       "%sfirmware 00001014 0000000000000001 00000000000000ff\n",
			       forge_manifest(&shared, "lab", root, "00001014"))),
		       forge_pem(&shared, root), slice_of(NULL, 0), &store, &e)
		? 0
		: -1;
}

static int
free_keys(void **state)
{
	EVP_PKEY *keys[] = {root_key, ek_key, ak_key, device_key, other_key, other_ek};

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		EVP_PKEY_free(keys[i]);
	X509_free(root);
	tpm_trust_store_free(store);
	arena_finish(&shared);
	return 0;
}

static void
digest_of(const struct tpm_pcrs *pcrs, uint8_t out[32])
{
	struct slice parts[TPM_PCR_COUNT];
	size_t count = 0;

	for (int i = 0; i < TPM_PCR_COUNT; i++)
		if (pcrs->mask >> i & 1)
			parts[count++] = slice_of(pcrs->value[i], 32);
	sha256_parts(parts, count, out);
}

static void
name_of(struct arena *arena, const struct forge_public *spec, uint8_t out[34])
{
	struct slice bytes = forge_public_bytes(arena, spec);

	out[0] = 0;
	out[1] = TPM2_ALG_SHA256;
	sha256(slice_of(bytes.data + 2, bytes.len - 2), out + 2);
}

// A genuine device, before anything is signed.
static void
begin(struct world *w, struct arena *arena)
{
	*w = (struct world){.arena = arena,
		.ak = forge_ec(arena, ak_key, FORGE_AK_ATTRIBUTES, TPM2_ALG_ECDSA),
		.key = forge_ec(arena, device_key, FORGE_KEY_ATTRIBUTES, TPM2_ALG_NULL),
		.pcrs = {.mask = 0x00ff},
		.quote_signer = ak_key,
		.certify_signer = ak_key,
		.csr_key = device_key,
		.quote_scheme = TPM2_ALG_ECDSA,
		.certify_scheme = TPM2_ALG_ECDSA,
		.quote_hash = TPM2_ALG_SHA256,
		.certify_hash = TPM2_ALG_SHA256};
	memset(w->nonces[0], 1, 32);
	memset(w->nonces[1], 2, 32);
	memset(w->secret, 3, 32);
	memset(w->pcrs.value[0], 4, 32);
	digest_of(&w->pcrs, w->digest);
	name_of(arena, &w->key, w->name);
	w->quote = (struct forge_attest){.magic = TPM2_GENERATED_VALUE,
		.type = TPM2_ST_ATTEST_QUOTE,
		.nonce = slice_of(w->nonces[0], 32),
		.bank = TPM2_ALG_SHA256,
		.selections = 1,
		.mask = 0x00ff,
		.digest = slice_of(w->digest, 32),
		.safe = 1,
		.firmware = 0x2019102300163636};
	w->certify = (struct forge_attest){.magic = TPM2_GENERATED_VALUE,
		.type = TPM2_ST_ATTEST_CERTIFY,
		.nonce = slice_of(w->nonces[1], 32),
		.name = slice_of(w->name, 34),
		.safe = 1};
}

static void
finish(struct world *w)
{
	struct arena *arena = w->arena;
	struct error e;

	w->proof.secret = slice_of(w->secret, 32);
	w->proof.quote = forge_attest_bytes(arena, &w->quote);
	w->proof.quote_signature = forge_signature(arena, w->quote_signer, w->proof.quote,
		w->quote_scheme, w->quote_hash, w->quote_pad);
	w->proof.pcrs = tpm_pcrs_encode(arena, &w->pcrs);
	w->proof.key_public = forge_public_bytes(arena, &w->key);
	w->proof.certify = forge_attest_bytes(arena, &w->certify);
	w->proof.certify_signature = forge_signature(arena, w->certify_signer, w->proof.certify,
		w->certify_scheme, w->certify_hash, w->certify_pad);
	assert_works(csr_build(arena, w->csr_key, "x", &w->proof.csr, &e));
	w->expect = (struct tpm_proof_expect){.store = store,
		.manufacturer = 0x1014,
		.ak_public = forge_public_bytes(arena, &w->ak),
		.secret = slice_of(arena_memdup(arena, w->secret, 32), 32),
		.quote_nonce = slice_of(arena_memdup(arena, w->nonces[0], 32), 32),
		.certify_nonce = slice_of(arena_memdup(arena, w->nonces[1], 32), 32),
		.pcr_mask = 0x00ff};
}

static void
expect_fault(struct world *w, const char *what, const char *fault)
{
	struct tpm_proof_result result = {0};
	struct error e = {0};

	if (tpm_proof_verify(w->arena, &w->expect, &w->proof, &result, &e))
		fail_msg("accepted: %s", what);
	if (!e.fault || strcmp(e.fault, fault) != 0)
		fail_msg("%s: fault %s (%s) instead of %s", what, e.fault ? e.fault : "-",
			e.message, fault);
	assert_null(result.csr.key);
}

// ---- before signing: what a hostile device could have its own software sign ----

static void
ak_rsa(struct world *w)
{
	w->ak.type = TPM2_ALG_RSA;
}
static void
ak_hmac(struct world *w)
{
	w->ak.type = TPM2_ALG_KEYEDHASH;
}
static void
ak_name_sha1(struct world *w)
{
	w->ak.name_alg = TPM2_ALG_SHA1;
}
static void
ak_name_sha384(struct world *w)
{
	w->ak.name_alg = TPM2_ALG_SHA384;
}
static void
ak_p384(struct world *w)
{
	w->ak.curve = TPM2_ECC_NIST_P384;
}
static void
ak_no_scheme(struct world *w)
{
	w->ak.scheme = TPM2_ALG_NULL;
}
static void
ak_schnorr(struct world *w)
{
	w->ak.scheme = TPM2_ALG_ECSCHNORR;
}
static void
ak_sha1(struct world *w)
{
	w->ak.scheme_hash = TPM2_ALG_SHA1;
}
static void
ak_symmetric(struct world *w)
{
	w->ak.symmetric = TPM2_ALG_AES;
}
static void
ak_kdf(struct world *w)
{
	w->ak.kdf = TPM2_ALG_KDF1_SP800_108;
}
static void
ak_trailing(struct world *w)
{
	w->ak.trailing = 1;
}
static void
ak_long_x(struct world *w)
{
	w->ak.x = slice_of(arena_alloc(w->arena, 200), 200);
}
static void
ak_long_y(struct world *w)
{
	w->ak.y = slice_of(arena_alloc(w->arena, 33), 33);
}
static void
ak_no_point(struct world *w)
{
	w->ak.x = w->ak.y = slice_of(NULL, 0);
}
static void
ak_off_curve(struct world *w)
{
	w->ak.y = w->ak.x;
}

static void
quote_wrong_key(struct world *w)
{
	w->quote_signer = other_key;
}
static void
quote_by_device_key(struct world *w)
{
	w->quote_signer = device_key;
}
static void
quote_magic(struct world *w)
{
	w->quote.magic = 0xff544346;
}
static void
quote_type_time(struct world *w)
{
	w->quote.type = TPM2_ST_ATTEST_TIME;
}
static void
quote_trailing(struct world *w)
{
	w->quote.trailing = 1;
}
static void
quote_no_nonce(struct world *w)
{
	w->quote.nonce = slice_of(NULL, 0);
}
static void
quote_short_nonce(struct world *w)
{
	w->quote.nonce.len = 31;
}
static void
quote_other_nonce(struct world *w)
{
	w->quote.nonce = slice_of(w->nonces[1], 32);
}
static void
quote_zero_nonce(struct world *w)
{
	w->quote.nonce = slice_of(arena_alloc(w->arena, 32), 32);
}
static void
quote_sha1_bank(struct world *w)
{
	w->quote.bank = TPM2_ALG_SHA1;
}
static void
quote_sha384_bank(struct world *w)
{
	w->quote.bank = TPM2_ALG_SHA384;
}
static void
quote_two_banks(struct world *w)
{
	w->quote.selections = 2;
}
static void
quote_no_bank(struct world *w)
{
	w->quote.selections = 0;
}
static void
quote_many_banks(struct world *w)
{
	w->quote.selections = 17;
}
static void
quote_fewer_pcrs(struct world *w)
{
	w->quote.mask = 0x007f;
}
static void
quote_other_pcrs(struct world *w)
{
	w->quote.mask = 0xff00;
}
static void
quote_digest(struct world *w)
{
	w->digest[0] ^= 1;
}
static void
quote_short_digest(struct world *w)
{
	w->quote.digest.len = 31;
}
static void
quote_no_digest(struct world *w)
{
	w->quote.digest.len = 0;
}
static void
quote_safe(struct world *w)
{
	w->quote.safe = 2;
}
static void
quote_scheme(struct world *w)
{
	w->quote_scheme = TPM2_ALG_RSASSA;
}
static void
quote_sig_hash(struct world *w)
{
	w->quote_hash = TPM2_ALG_SHA384;
}
static void
quote_sig_sha1(struct world *w)
{
	w->quote_hash = TPM2_ALG_SHA1;
}
static void
quote_sig_long(struct world *w)
{
	w->quote_pad = 300;
}
static void
quote_sig_padded(struct world *w)
{
	w->quote_pad = 1;
}
static void
pcr_value(struct world *w)
{
	w->pcrs.value[3][5] ^= 1;
}
static void
pcr_missing(struct world *w)
{
	w->pcrs.mask = 0x007f;
}
static void
pcr_extra(struct world *w)
{
	w->pcrs.mask = 0x01ff;
}
static void
firmware_denied(struct world *w)
{
	w->quote.firmware = 0x80;
}

static void
certify_wrong_key(struct world *w)
{
	w->certify_signer = other_key;
}
static void
certify_by_itself(struct world *w)
{
	w->certify_signer = device_key;
}
static void
certify_magic(struct world *w)
{
	w->certify.magic = 0;
}
static void
certify_trailing(struct world *w)
{
	w->certify.trailing = 7;
}
static void
certify_quote_nonce(struct world *w)
{
	w->certify.nonce = slice_of(w->nonces[0], 32);
}
static void
certify_no_nonce(struct world *w)
{
	w->certify.nonce.len = 0;
}
static void
certify_long_nonce(struct world *w)
{
	w->certify.nonce = slice_of(arena_alloc(w->arena, 64), 64);
}
static void
certify_name(struct world *w)
{
	w->name[33] ^= 1;
}
static void
certify_name_alg(struct world *w)
{
	w->name[1] = TPM2_ALG_SHA1;
}
static void
certify_short_name(struct world *w)
{
	w->certify.name.len = 33;
}
static void
certify_no_name(struct world *w)
{
	w->certify.name.len = 0;
}
static void
certify_ak_name(struct world *w)
{
	name_of(w->arena, &w->ak, w->name);
}
static void
certify_scheme(struct world *w)
{
	w->certify_scheme = TPM2_ALG_ECDAA;
}
static void
certify_sig_hash(struct world *w)
{
	w->certify_hash = TPM2_ALG_SHA384;
}
static void
certify_sig_long(struct world *w)
{
	w->certify_pad = 97;
}

// The certified key itself: the AK vouches for whatever it is, so the name is recomputed.
static void
rename_key(struct world *w)
{
	name_of(w->arena, &w->key, w->name);
}

static void
key_rsa(struct world *w)
{
	w->key.type = TPM2_ALG_RSA;
	rename_key(w);
}
static void
key_name_sha384(struct world *w)
{
	w->key.name_alg = TPM2_ALG_SHA384;
	rename_key(w);
}
static void
key_p384(struct world *w)
{
	w->key.curve = TPM2_ECC_NIST_P384;
	rename_key(w);
}
static void
key_scheme(struct world *w)
{
	w->key.scheme = TPM2_ALG_ECDH;
	rename_key(w);
}
static void
key_trailing(struct world *w)
{
	w->key.trailing = 2;
	rename_key(w);
}
static void
key_symmetric(struct world *w)
{
	w->key.symmetric = TPM2_ALG_AES;
	rename_key(w);
}
static void
key_off_curve(struct world *w)
{
	w->key.y = w->key.x;
	rename_key(w);
}
static void
key_long_x(struct world *w)
{
	w->key.x = slice_of(arena_alloc(w->arena, 1000), 1000);
	rename_key(w);
}
static void
key_swapped(struct world *w)
{
	w->key = forge_ec(w->arena, other_key, FORGE_KEY_ATTRIBUTES, TPM2_ALG_NULL);
}
static void
csr_other_key(struct world *w)
{
	w->csr_key = other_key;
}
static void
csr_ak(struct world *w)
{
	w->csr_key = ak_key;
}

// ---- after signing: what somebody on the way could change ----

static struct slice
changed(struct arena *arena, struct slice in, size_t at)
{
	uint8_t *copy = arena_memdup(arena, in.data, in.len);

	copy[at < in.len ? at : in.len - 1] ^= 1;
	return slice_of(copy, in.len);
}

static void
secret_wrong(struct world *w)
{
	w->proof.secret = changed(w->arena, w->proof.secret, 31);
}
static void
secret_none(struct world *w)
{
	w->proof.secret = slice_of(NULL, 0);
}
static void
secret_short(struct world *w)
{
	w->proof.secret.len = 31;
}
static void
secret_unset(struct world *w)
{
	w->proof.secret = w->expect.secret = slice_of(NULL, 0);
}
static void
quote_changed(struct world *w)
{
	w->proof.quote = changed(w->arena, w->proof.quote, 60);
}
static void
quote_cut(struct world *w)
{
	w->proof.quote.len--;
}
static void
quote_empty(struct world *w)
{
	w->proof.quote = slice_of(NULL, 0);
}
static void
quote_sig_cut(struct world *w)
{
	w->proof.quote_signature.len--;
}
static void
quote_sig_empty(struct world *w)
{
	w->proof.quote_signature = slice_of(NULL, 0);
}
static void
quote_sig_changed(struct world *w)
{
	w->proof.quote_signature = changed(w->arena, w->proof.quote_signature, 20);
}
static void
quote_is_certify(struct world *w)
{
	w->proof.quote = w->proof.certify;
	w->proof.quote_signature = w->proof.certify_signature;
	w->expect.quote_nonce = w->expect.certify_nonce;
	w->expect.certify_nonce = slice_of(arena_alloc(w->arena, 32), 32);
}
static void
pcrs_cut(struct world *w)
{
	w->proof.pcrs.len--;
}
static void
pcrs_empty(struct world *w)
{
	w->proof.pcrs = slice_of(NULL, 0);
}
static void
no_pcrs_asked(struct world *w)
{
	w->expect.pcr_mask = 0;
}
static void
quote_replayed(struct world *w)
{
	w->expect.quote_nonce = slice_of(arena_alloc(w->arena, 32), 32);
}
static void
quote_nonce_unset(struct world *w)
{
	w->expect.quote_nonce = slice_of(NULL, 0);
}
static void
certify_replayed(struct world *w)
{
	w->expect.certify_nonce = slice_of(arena_alloc(w->arena, 32), 32);
}
static void
certify_is_quote(struct world *w)
{
	w->proof.certify = w->proof.quote;
	w->proof.certify_signature = w->proof.quote_signature;
}
static void
certify_changed(struct world *w)
{
	w->proof.certify = changed(w->arena, w->proof.certify, 70);
}
static void
certify_empty(struct world *w)
{
	w->proof.certify = slice_of(NULL, 0);
}
static void
certify_sig_swapped(struct world *w)
{
	w->proof.certify_signature = w->proof.quote_signature;
}
static void
key_cut(struct world *w)
{
	w->proof.key_public.len--;
}
static void
key_empty(struct world *w)
{
	w->proof.key_public = slice_of(NULL, 0);
}
static void
csr_changed(struct world *w)
{
	w->proof.csr = changed(w->arena, w->proof.csr, w->proof.csr.len - 1);
}
static void
csr_empty(struct world *w)
{
	w->proof.csr = slice_of(NULL, 0);
}
static void
csr_trailing(struct world *w)
{
	w->proof.csr.data = arena_memdup(w->arena, w->proof.csr.data, w->proof.csr.len + 0);
	uint8_t *longer = arena_alloc(w->arena, w->proof.csr.len + 1);
	memcpy(longer, w->proof.csr.data, w->proof.csr.len);
	w->proof.csr = slice_of(longer, w->proof.csr.len + 1);
}
static void
ak_replaced(struct world *w)
{
	struct forge_public other =
		forge_ec(w->arena, other_key, FORGE_AK_ATTRIBUTES, TPM2_ALG_ECDSA);
	w->expect.ak_public = forge_public_bytes(w->arena, &other);
}
static void
ak_cut(struct world *w)
{
	w->expect.ak_public.len--;
}
static void
ak_empty(struct world *w)
{
	w->expect.ak_public = slice_of(NULL, 0);
}

struct vector {
	void (*forge)(struct world *w);
	const char *name;
};

#define V(fn)                                                                                      \
	{                                                                                          \
		fn, #fn                                                                            \
	}

static const struct vector ak_before[] = {V(ak_rsa), V(ak_hmac), V(ak_name_sha1), V(ak_name_sha384),
	V(ak_p384), V(ak_no_scheme), V(ak_schnorr), V(ak_sha1), V(ak_symmetric), V(ak_kdf),
	V(ak_trailing), V(ak_long_x), V(ak_long_y), V(ak_no_point), V(ak_off_curve)};
static const struct vector ak_after[] = {V(ak_cut), V(ak_empty)};
static const struct vector secret_after[] = {
	V(secret_wrong), V(secret_none), V(secret_short), V(secret_unset)};
static const struct vector quote_before[] = {V(quote_wrong_key), V(quote_by_device_key),
	V(quote_magic), V(quote_type_time), V(quote_trailing), V(quote_no_nonce),
	V(quote_short_nonce), V(quote_other_nonce), V(quote_zero_nonce), V(quote_sha1_bank),
	V(quote_sha384_bank), V(quote_two_banks), V(quote_no_bank), V(quote_many_banks),
	V(quote_fewer_pcrs), V(quote_other_pcrs), V(quote_digest), V(quote_short_digest),
	V(quote_no_digest), V(quote_safe), V(quote_scheme), V(quote_sig_hash), V(quote_sig_sha1),
	V(quote_sig_long), V(quote_sig_padded), V(pcr_value), V(pcr_missing), V(pcr_extra)};
static const struct vector quote_after[] = {V(quote_changed), V(quote_cut), V(quote_empty),
	V(quote_sig_cut), V(quote_sig_empty), V(quote_sig_changed), V(quote_is_certify),
	V(pcrs_cut), V(pcrs_empty), V(no_pcrs_asked), V(quote_replayed), V(quote_nonce_unset),
	V(ak_replaced)};
static const struct vector key_before[] = {V(certify_wrong_key), V(certify_by_itself),
	V(certify_magic), V(certify_trailing), V(certify_quote_nonce), V(certify_no_nonce),
	V(certify_long_nonce), V(certify_name), V(certify_name_alg), V(certify_short_name),
	V(certify_no_name), V(certify_ak_name), V(certify_scheme), V(certify_sig_hash),
	V(certify_sig_long), V(key_rsa), V(key_name_sha384), V(key_p384), V(key_scheme),
	V(key_trailing), V(key_symmetric), V(key_off_curve), V(key_long_x), V(key_swapped),
	V(csr_other_key), V(csr_ak)};
static const struct vector key_after[] = {V(certify_replayed), V(certify_is_quote),
	V(certify_changed), V(certify_empty), V(certify_sig_swapped), V(key_cut), V(key_empty),
	V(csr_changed), V(csr_empty), V(csr_trailing)};

static void
check_all(const struct vector *list, size_t count, bool before, const char *fault)
{
	for (size_t i = 0; i < count; i++) {
		autoarena(arena, ARENA_SMALL);
		struct world w;
		begin(&w, &arena);
		if (before)
			list[i].forge(&w);
		finish(&w);
		if (!before)
			list[i].forge(&w);
		expect_fault(&w, list[i].name, fault);
	}
}

#define CHECK(list, before, fault) check_all(list, sizeof list / sizeof *list, before, fault)

static void
a_forged_attestation_key_is_refused(void **state)
{
	(void)state;
	CHECK(ak_before, true, "tpm_ak_refused");
	CHECK(ak_after, false, "tpm_ak_refused");
}

// 28 vectors: all bits but the four that only say how a key is authorized.
static void
every_wrong_attribute_of_the_attestation_key_is_refused(void **state)
{
	const uint32_t free_bits = TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_ADMINWITHPOLICY |
		TPMA_OBJECT_NODA | TPMA_OBJECT_STCLEAR;

	(void)state;
	for (int bit = 0; bit < 32; bit++) {
		autoarena(arena, ARENA_SMALL);
		char what[40];
		struct world w;
		begin(&w, &arena);
		w.ak.attributes ^= 1u << bit;
		finish(&w);
		snprintf(what, sizeof what, "attribute bit %d of the AK", bit);
		if (!(free_bits >> bit & 1))
			expect_fault(&w, what, "tpm_ak_refused");
	}
}

static void
every_wrong_attribute_of_the_device_key_is_refused(void **state)
{
	const uint32_t free_bits = TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_ADMINWITHPOLICY |
		TPMA_OBJECT_NODA | TPMA_OBJECT_STCLEAR;

	(void)state;
	for (int bit = 0; bit < 32; bit++) {
		autoarena(arena, ARENA_SMALL);
		char what[40];
		struct world w;
		begin(&w, &arena);
		w.key.attributes ^= 1u << bit;
		rename_key(&w);
		finish(&w);
		snprintf(what, sizeof what, "attribute bit %d of the key", bit);
		if (!(free_bits >> bit & 1))
			expect_fault(&w, what, "tpm_key_not_certified");
	}
}

static void
a_wrong_credential_is_refused(void **state)
{
	(void)state;
	CHECK(secret_after, false, "tpm_credential_wrong");
}

static void
a_forged_quote_is_refused(void **state)
{
	(void)state;
	CHECK(quote_before, true, "tpm_quote_refused");
	CHECK(quote_after, false, "tpm_quote_refused");
}

static void
a_forged_key_certification_is_refused(void **state)
{
	(void)state;
	CHECK(key_before, true, "tpm_key_not_certified");
	CHECK(key_after, false, "tpm_key_not_certified");
}

static void
firmware_on_the_deny_list_is_vulnerable(void **state)
{
	static const struct vector list[] = {V(firmware_denied)};

	(void)state;
	CHECK(list, true, "tpm_vulnerable");
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
		cmocka_unit_test(every_wrong_attribute_of_the_device_key_is_refused),
		cmocka_unit_test(a_wrong_credential_is_refused),
		cmocka_unit_test(a_forged_quote_is_refused),
		cmocka_unit_test(a_forged_key_certification_is_refused),
		cmocka_unit_test(firmware_on_the_deny_list_is_vulnerable),
		cmocka_unit_test(one_nonce_for_both_is_our_own_mistake),
		cmocka_unit_test(a_swapped_endorsement_key_is_a_mismatch),
		cmocka_unit_test(the_genuine_proof_is_accepted),
		cmocka_unit_test(short_coordinates_are_padded),
		cmocka_unit_test(challenges_are_never_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
