// SPDX-License-Identifier: Apache-2.0
#include "tpm/device_internal.h"

#include "tpm/sealed.h"
#include <tss2/tss2_mu.h>

enum { QUOTE_TRIES = 3 };

static bool
start_ek_session(struct tpm_device *device, struct tpm_object *out, struct error *e)
{
	const TPMT_SYM_DEF none = {.algorithm = TPM2_ALG_NULL};
	ESYS_TR session;

	TSS2_RC rc = Esys_StartAuthSession(device->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
		ESYS_TR_NONE, ESYS_TR_NONE, NULL, TPM2_SE_POLICY, &none, TPM2_ALG_SHA256, &session);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "starting a TPM session");
	autoobject object = {.esys = device->esys, .handle = session};
	rc = Esys_PolicySecret(device->esys, ESYS_TR_RH_ENDORSEMENT, session, ESYS_TR_PASSWORD,
		ESYS_TR_NONE, ESYS_TR_NONE, NULL, NULL, NULL, 0, NULL, NULL);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "authorizing the endorsement key");
	*out = object;
	object.esys = NULL;
	return true;
}

static bool
read_credential(struct slice credential, struct slice wrapped, TPM2B_ID_OBJECT *id,
	TPM2B_ENCRYPTED_SECRET *secret, struct error *e)
{
	size_t a = 0, b = 0;

	if (credential.len > sizeof *id || wrapped.len > sizeof *secret ||
		Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(credential.data, credential.len, &a, id) !=
			TSS2_RC_SUCCESS ||
		Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(wrapped.data, wrapped.len, &b, secret) !=
			TSS2_RC_SUCCESS ||
		a != credential.len || b != wrapped.len)
		return error_fault(
			e, ERR_INVALID, "tpm_credential_refused", "the challenge is malformed");
	return true;
}

bool
tpm_device_activate(struct arena *arena, struct tpm_device *device, struct slice credential,
	struct slice wrapped, struct slice *secret, struct error *e)
{
	CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);
	autoobject ek = {.esys = NULL}, ak = {.esys = NULL}, session = {.esys = NULL};
	autoesys TPM2B_DIGEST *got = NULL;
	TPM2B_ENCRYPTED_SECRET seed = {0};
	TPM2B_ID_OBJECT id = {0};

	if (!read_credential(credential, wrapped, &id, &seed, e) ||
		!tpm_load_ek(held, &ek, NULL, e) || !tpm_load_ak(held, &ak, NULL, e) ||
		!start_ek_session(held, &session, e))
		return false;
	TSS2_RC rc = Esys_ActivateCredential(held->esys, ak.handle, ek.handle, ESYS_TR_PASSWORD,
		session.handle, ESYS_TR_NONE, &id, &seed, &got);
	// 0x101 reads as "failure mode" but means a seed for another EK (tpm-and-hardware.md
	// "Failures").
	if (tpm_rc_is(rc, TPM2_RC_INTEGRITY) || rc == TPM2_RC_FAILURE ||
		tpm_rc_is(rc, TPM2_RC_VALUE) || tpm_rc_is(rc, TPM2_RC_SIZE))
		return error_fault(e, ERR_CRYPTO, "tpm_credential_refused",
			"the challenge is for another TPM or another key (0x%x)", rc);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "answering the challenge");
	*secret = slice_of(arena_memdup(arena, got->buffer, got->size), got->size);
	secret_wipe(got->buffer, got->size);
	return true;
}

static TPML_PCR_SELECTION
selection_of(uint32_t mask)
{
	return (TPML_PCR_SELECTION){.count = 1,
		.pcrSelections = {{.hash = TPM2_ALG_SHA256,
			.sizeofSelect = 3,
			.pcrSelect = {(BYTE)mask, (BYTE)(mask >> 8), (BYTE)(mask >> 16)}}}};
}

static uint32_t
mask_of(const TPML_PCR_SELECTION *selection)
{
	uint32_t mask = 0;

	for (UINT32 i = 0; i < selection->count && i < TPM2_NUM_PCR_BANKS; i++)
		if (selection->pcrSelections[i].hash == TPM2_ALG_SHA256)
			for (int k = 0; k < selection->pcrSelections[i].sizeofSelect && k < 3; k++)
				mask |= (uint32_t)selection->pcrSelections[i].pcrSelect[k]
					<< (8 * k);
	return mask;
}

// One PCR_Read gives at most eight values and says which.
static bool
read_some_pcrs(struct tpm_device *device, uint32_t wanted, struct tpm_pcrs *pcrs, struct error *e)
{
	TPML_PCR_SELECTION ask = selection_of(wanted);
	autoesys TPML_PCR_SELECTION *answered = NULL;
	autoesys TPML_DIGEST *digests = NULL;
	UINT32 counter, next = 0;

	TSS2_RC rc = Esys_PCR_Read(device->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &ask,
		&counter, &answered, &digests);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "reading PCRs");
	uint32_t got = mask_of(answered) & wanted;
	for (int i = 0; i < TPM_PCR_COUNT; i++) {
		if (!(got >> i & 1))
			continue;
		if (next >= digests->count || digests->digests[next].size != SHA256_LEN)
			return error_fault(e, ERR_PROTOCOL, "tpm_failed", "PCR %d has no value", i);
		memcpy(pcrs->value[i], digests->digests[next++].buffer, SHA256_LEN);
	}
	if (got == 0)
		return error_fault(e, ERR_UNSUPPORTED, "tpm_pcr_bank_missing",
			"the TPM has no SHA-256 bank for the PCRs asked for");
	pcrs->mask |= got;
	return true;
}

static bool
read_pcrs(struct tpm_device *device, uint32_t mask, struct tpm_pcrs *out, struct error *e)
{
	*out = (struct tpm_pcrs){0};
	while (out->mask != mask)
		if (!read_some_pcrs(device, mask & ~out->mask, out, e))
			return false;
	return true;
}

static bool
is_digest_of(const struct tpm_pcrs *pcrs, struct slice attest)
{
	struct slice parts[TPM_PCR_COUNT];
	uint8_t digest[SHA256_LEN];
	struct tpm_attest got;
	struct error e;
	size_t count = 0;

	for (int i = 0; i < TPM_PCR_COUNT; i++)
		if (pcrs->mask >> i & 1)
			parts[count++] = slice_of(pcrs->value[i], SHA256_LEN);
	sha256_parts(parts, count, digest);
	return tpm_attest_parse(attest, &got, &e) &&
		slice_eq(got.pcr_digest, slice_of(digest, sizeof digest));
}

static bool
make_nonce(struct slice nonce, TPM2B_DATA *out, struct error *e)
{
	if (nonce.len != TPM_NONCE_LEN)
		return error_set(e, ERR_INVALID, "nonce of %zu bytes", nonce.len);
	*out = (TPM2B_DATA){.size = TPM_NONCE_LEN};
	memcpy(out->buffer, nonce.data, TPM_NONCE_LEN);
	return true;
}

static bool
quote_once(struct arena *arena, struct tpm_device *device, ESYS_TR ak, const TPM2B_DATA *nonce,
	uint32_t mask, struct tpm_quote *out, struct error *e)
{
	const TPMT_SIG_SCHEME key_scheme = {.scheme = TPM2_ALG_NULL};
	TPML_PCR_SELECTION selection = selection_of(mask);
	autoesys TPMT_SIGNATURE *signature = NULL;
	autoesys TPM2B_ATTEST *attest = NULL;

	TSS2_RC rc = Esys_Quote(device->esys, ak, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
		nonce, &key_scheme, &selection, &attest, &signature);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "quoting PCRs");
	out->attest =
		slice_of(arena_memdup(arena, attest->attestationData, attest->size), attest->size);
	return tpm_signature_bytes(arena, signature, &out->signature, e);
}

bool
tpm_device_quote(struct arena *arena, struct tpm_device *device, struct slice nonce,
	uint32_t pcr_mask, struct tpm_quote *out, struct error *e)
{
	CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);
	autoobject ak = {.esys = NULL};
	struct tpm_pcrs pcrs;
	struct tpm_quote got;
	TPM2B_DATA data;

	if (pcr_mask == 0 || pcr_mask >> TPM_PCR_COUNT)
		return error_set(e, ERR_INVALID, "PCR mask %08x", pcr_mask);
	if (!make_nonce(nonce, &data, e) || !tpm_load_ak(held, &ak, NULL, e))
		return false;
	// Somebody may extend a PCR between reading and quoting: then once more.
	for (int i = 0; i < QUOTE_TRIES; i++) {
		if (!read_pcrs(held, pcr_mask, &pcrs, e) ||
			!quote_once(arena, held, ak.handle, &data, pcr_mask, &got, e))
			return false;
		if (!is_digest_of(&pcrs, got.attest))
			continue;
		got.pcrs = tpm_pcrs_encode(arena, &pcrs);
		*out = got;
		return true;
	}
	return error_fault(e, ERR_UNAVAILABLE, "tpm_failed", "the PCRs keep changing");
}

bool
tpm_device_key_certify(struct arena *arena, struct tpm_device *device, struct slice blob,
	struct slice nonce, struct tpm_certified *out, struct error *e)
{
	CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);
	const TPMT_SIG_SCHEME key_scheme = {.scheme = TPM2_ALG_NULL};
	autoobject key = {.esys = NULL}, ak = {.esys = NULL};
	autoesys TPMT_SIGNATURE *signature = NULL;
	autoesys TPM2B_ATTEST *attest = NULL;
	struct tpm_certified got;
	TPM2B_PUBLIC public;
	TPM2B_DATA data;

	if (!make_nonce(nonce, &data, e) || !tpm_load_key(held, blob, &key, &public, e) ||
		!tpm_load_ak(held, &ak, NULL, e))
		return false;
	TSS2_RC rc = Esys_Certify(held->esys, key.handle, ak.handle, ESYS_TR_PASSWORD,
		ESYS_TR_PASSWORD, ESYS_TR_NONE, &data, &key_scheme, &attest, &signature);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "certifying the device key");
	got.attest =
		slice_of(arena_memdup(arena, attest->attestationData, attest->size), attest->size);
	if (!tpm_public_bytes(arena, &public, &got.key_public, e) ||
		!tpm_signature_bytes(arena, signature, &got.signature, e))
		return false;
	*out = got;
	return true;
}

bool
tpm_device_unseal(struct arena *arena, struct tpm_device *device, struct slice sealed,
	struct slice aad, struct slice *plain, struct error *e)
{
	struct tpm_sealed parts;
	struct slice secret;

	if (!tpm_sealed_parse(sealed, &parts, e) ||
		!tpm_device_activate(arena, device, parts.credential, parts.wrapped, &secret, e))
		return false;
	bool ok = tpm_sealed_open(arena, &parts, secret, aad, plain, e);
	secret_wipe((void *)(uintptr_t)secret.data, secret.len);
	return ok;
}
