// SPDX-License-Identifier: Apache-2.0
#include "tpm/evidence_world.h"

EVP_PKEY *root_key, *ek_key, *ak_key, *device_key, *other_key, *other_ek;
X509 *root;
struct tpm_trust_store *store;
static struct arena shared = {.cap = ARENA_SMALL};

int
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

int
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

void
name_of(struct arena *arena, const struct forge_public *spec, uint8_t out[34])
{
	struct slice bytes = forge_public_bytes(arena, spec);

	out[0] = 0;
	out[1] = TPM2_ALG_SHA256;
	sha256(slice_of(bytes.data + 2, bytes.len - 2), out + 2);
}

// A genuine device, before anything is signed.
void
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

void
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

void
expect_fault(struct world *w, const char *what, const char *fault, const char *because)
{
	struct tpm_proof_result result = {0};
	struct error e = {0};

	if (tpm_proof_verify(w->arena, &w->expect, &w->proof, &result, &e))
		fail_msg("accepted: %s", what);
	if (!e.fault || strcmp(e.fault, fault) != 0 || !strstr(e.message, because))
		fail_msg("%s: %s (%s) instead of %s (%s)", what, e.fault ? e.fault : "-", e.message,
			fault, because);
	assert_null(result.csr.key);
}

struct slice
changed(struct arena *arena, struct slice in, size_t at)
{
	uint8_t *copy = arena_memdup(arena, in.data, in.len);

	copy[at < in.len ? at : in.len - 1] ^= 1;
	return slice_of(copy, in.len);
}

void
check_all(const struct forgery *list, size_t count, enum forge_when when, const char *fault)
{
	for (size_t i = 0; i < count; i++) {
		autoarena(arena, ARENA_SMALL);
		struct world w;
		begin(&w, &arena);
		if (when == BEFORE_SIGNING)
			list[i].forge(&w);
		finish(&w);
		if (when == AFTER_SIGNING)
			list[i].forge(&w);
		expect_fault(&w, list[i].name, fault, list[i].because);
	}
}
