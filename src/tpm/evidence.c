// SPDX-License-Identifier: Apache-2.0
#include "tpm/evidence.h"

#include "base/str.h"
#include "base/uuid.h"
#include "pki/ossl.h"

// Everything but the challenge itself, with the verified EK in out->ek.
static bool
check_claim(struct arena *arena, const struct tpm_trust_store *store,
	const struct tpm_identity_claim *claim, const char *registered_ek_id, time_us now,
	struct tpm_ek *ek, struct tpm_ak *ak, struct error *e)
{
	if (!tpm_ek_verify(arena, store, claim->ek_certificate, now, ek, e) ||
		!tpm_ek_matches(ek, claim->ek_public, e))
		return false;
	if (registered_ek_id && !str_ieq(registered_ek_id, ek->ek_id))
		return error_fault(e, ERR_CRYPTO, "tpm_ek_mismatch",
			"this is not the TPM of the registered hardware hash");
	return tpm_ak_accept(claim->ak_public, ak, e);
}

bool
tpm_challenge_make(struct arena *arena, const struct tpm_trust_store *store,
	const struct tpm_identity_claim *claim, const char *registered_ek_id, time_us now,
	struct tpm_challenge *out, struct error *e)
{
	struct tpm_challenge made = {0};
	autoak ak = {0};
	autoek ek = {0};

	if (!check_claim(arena, store, claim, registered_ek_id, now, &ek, &ak, e))
		return false;
	random_bytes(made.secret, sizeof made.secret);
	random_bytes(made.quote_nonce, sizeof made.quote_nonce);
	random_bytes(made.certify_nonce, sizeof made.certify_nonce);
	if (!tpm_make_credential(arena, &ek, ak.name, slice_of(made.secret, sizeof made.secret),
		    &made.credential, &made.wrapped, e))
		return false;
	made.ek = ek;
	ek.key = NULL;
	*out = made;
	return true;
}

void
tpm_challenge_finish(struct tpm_challenge *challenge)
{
	tpm_ek_finish(&challenge->ek);
	secret_wipe(challenge->secret, sizeof challenge->secret);
}

static bool
check_quote(const struct tpm_ak *ak, const struct tpm_proof_expect *expect,
	const struct tpm_proof *proof, struct tpm_proof_result *out, struct error *e)
{
	struct error inner;

	if (!tpm_pcrs_parse(proof->pcrs, &out->pcrs, &inner))
		return error_fault(
			e, ERR_CRYPTO, "tpm_quote_refused", "TPM evidence: %s", inner.message);
	if (!tpm_quote_verify(ak, proof->quote, proof->quote_signature, expect->quote_nonce,
		    expect->pcr_mask, &out->pcrs, &out->quote, e))
		return false;
	if (tpm_trust_store_firmware_denied(
		    expect->store, expect->manufacturer, out->quote.firmware))
		return error_fault(e, ERR_CRYPTO, "tpm_vulnerable",
			"TPM firmware %016llx is on the deny list",
			(unsigned long long)out->quote.firmware);
	return true;
}

static bool
check_key(struct arena *arena, const struct tpm_ak *ak, const struct tpm_proof_expect *expect,
	const struct tpm_proof *proof, struct csr *csr, struct error *e)
{
	autopkey *key = NULL;
	struct error inner;

	if (!tpm_certify_verify(ak, proof->certify, proof->certify_signature, expect->certify_nonce,
		    proof->key_public, &key, e))
		return false;
	if (!csr_parse(arena, proof->csr, csr, &inner))
		return error_fault(
			e, ERR_CRYPTO, "tpm_key_not_certified", "TPM evidence: %s", inner.message);
	return tpm_csr_key_check(key, csr->key, e);
}

bool
tpm_proof_verify(struct arena *arena, const struct tpm_proof_expect *expect,
	const struct tpm_proof *proof, struct tpm_proof_result *out, struct error *e)
{
	struct tpm_proof_result result = {0};
	autoak ak = {0};

	// One nonce for both would let a quote's challenge answer for a key (tpm-and-hardware.md).
	if (slice_eq(expect->quote_nonce, expect->certify_nonce))
		return error_set(e, ERR_INTERNAL, "the two nonces of a challenge must differ");
	if (!tpm_ak_accept(expect->ak_public, &ak, e) ||
		!tpm_credential_check(expect->secret, proof->secret, e) ||
		!check_quote(&ak, expect, proof, &result, e))
		return false;
	if (!check_key(arena, &ak, expect, proof, &result.csr, e)) {
		csr_finish(&result.csr);
		return false;
	}
	*out = result;
	return true;
}
