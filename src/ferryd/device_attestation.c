// SPDX-License-Identifier: Apache-2.0
// "Securing your hardware": the challenge to a TPM, the judgement of its proof, and the device
// token (design.md 2.4).
#include "base/failpoint.h"
#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "ferryd/device_claim.h"
#include "ferryd/device_settings.h"
#include "ferryd/device_token.h"
#include "ferryd/handlers.h"
#include "ferryd/preparation.h"
#include "pki/key.h"
#include "store/deployments.h"
#include "tpm/evidence.h"

enum { CHALLENGE_MINUTES = 5, PCR_MASK = 0xff };

const struct tpm_trust_store *
service_trust_store(const struct service *service, const char *name)
{
	for (size_t i = 0; i < service->trust_count; i++)
		if (str_eq(tpm_trust_store_name(service->trust[i]), name))
			return service->trust[i];
	return NULL;
}

// The trust store that the device's profile names: never another one (threats row 2).
static bool
profile_trust(struct call *c, const struct device *device, const struct tpm_trust_store **out,
	struct error *e)
{
	*out = service_trust_store(c->service, device->trust_store);
	if (!*out)
		return error_fault(e, ERR_CRYPTO, "tpm_ek_untrusted",
			"the profile's trust store \"%s\" is not installed", device->trust_store);
	return true;
}

// A failed proof is an event of the deployment: nobody has to ask twice what happened.
static bool
refuse(struct call *c, const char *deployment_id, const struct error *why)
{
	struct deployment deployment;
	struct error ignored;
	// Whoever has a copy of the hash can fail a proof: that must not stop the device that has
	// proven itself.
	bool proven = store_deployment_get(&c->work, deployment_id, &deployment, &ignored) &&
		deployment.proven;
	struct event event = {
		.aside = proven,
		.claimed = true,
		.source = "service",
		.phase = "devicePreparation",
		.row_name = "securing",
		.state = "error",
		.fault = why->fault ? why->fault : "tpm_error",
		.reason = why->message,
	};
	if (!store_events_add(&c->work, deployment_id, &event, 1, &ignored))
		return false;
	return false;
}

static bool
read_claim(struct call *c, const struct json *body, struct tpm_identity_claim *out, struct error *e)
{
	// An empty EK certificate is told apart from a malformed one: it has its own cause and fix.
	if (str_empty(json_str(body, "ekCertificate")))
		return error_fault(e, ERR_NOT_FOUND, "tpm_ek_certificate_missing",
			"the TPM has no endorsement certificate");
	return json_need_b64(c->arena, body, "ekCertificate", 8192, &out->ek_certificate, e) &&
		json_need_b64(c->arena, body, "ekPublic", 2048, &out->ek_public, e) &&
		json_need_b64(c->arena, body, "akPublic", 2048, &out->ak_public, e);
}

static bool
challenge(struct call *c, const struct json *body, const struct deployment *deployment,
	struct error *e)
{
	autochallenge made = {0};
	struct tpm_identity_claim claim;
	const struct tpm_trust_store *trust;
	struct device device;
	struct buf reply;

	if (!store_device_by_id(&c->work, deployment->device_id, &device, e) ||
		!read_claim(c, body, &claim, e) || !profile_trust(c, &device, &trust, e) ||
		!tpm_challenge_make(c->arena, trust, &claim, device.ek_id, c->work.now, &made, e))
		return false;
	struct attestation session = {
		.session_id = uuid_new(c->arena),
		.device_id = device.device_id,
		.deployment_id = deployment->deployment_id,
		.trust_store = device.trust_store,
		.ek_certificate = claim.ek_certificate,
		.ak_public = claim.ak_public,
		.secret = slice_of(made.secret, sizeof made.secret),
		.quote_nonce = slice_of(made.quote_nonce, sizeof made.quote_nonce),
		.certify_nonce = slice_of(made.certify_nonce, sizeof made.certify_nonce),
		.expires_at = c->work.now + CHALLENGE_MINUTES * US_PER_MIN,
	};
	if (!store_attestation_begin(&c->work, &session, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "session", session.session_id);
	jsonw_b64(&w, "credential", made.credential);
	jsonw_b64(&w, "wrapped", made.wrapped);
	jsonw_b64(&w, "quoteNonce", session.quote_nonce);
	jsonw_b64(&w, "certifyNonce", session.certify_nonce);
	jsonw_int(&w, "pcrMask", PCR_MASK);
	return call_send(c, 200, &w, &reply, e);
}

bool
device_attestation_begin(struct call *c, struct error *e)
{
	const struct json *body;
	const char *deployment_id;
	struct deployment deployment;

	if (!call_json(c, &body, e) || !json_need_str(body, "deployment", 36, &deployment_id, e) ||
		!store_deployment_get(&c->work, deployment_id, &deployment, e))
		return false;
	c->work.tenant_id = deployment.tenant_id;
	if (challenge(c, body, &deployment, e))
		return true;
	if (str_eq(e->fault, "tpm_ek_mismatch")) {
		struct error ignored;
		if (!store_device_mismatch(&c->work, deployment.device_id, &ignored))
			return false;
	}
	return refuse(c, deployment_id, e);
}

static bool
read_proof(struct call *c, const struct json *body, struct tpm_proof *out, struct error *e)
{
	return json_need_b64(c->arena, body, "secret", 64, &out->secret, e) &&
		json_need_b64(c->arena, body, "quote", 2048, &out->quote, e) &&
		json_need_b64(c->arena, body, "quoteSignature", 1024, &out->quote_signature, e) &&
		json_need_b64(c->arena, body, "pcrs", 1024, &out->pcrs, e) &&
		json_need_b64(c->arena, body, "keyPublic", 2048, &out->key_public, e) &&
		json_need_b64(c->arena, body, "certify", 2048, &out->certify, e) &&
		json_need_b64(
			c->arena, body, "certifySignature", 1024, &out->certify_signature, e) &&
		json_need_b64(c->arena, body, "csr", 16 << 10, &out->csr, e);
}

// A device that says no way goes on as its deployment was begun, which anybody with a copy of the
// hash may have done: it is judged all the same.
static bool
read_way(struct call *c, const struct json *body, const struct attestation *session,
	const struct device *device, struct device_claim *out, struct error *e)
{
	struct deployment begun;

	if (!device_claim_read(c, body, device, out, e))
		return false;
	if (json_str(body, "mode"))
		return true;
	return store_deployment_get(&c->work, session->deployment_id, &begun, e) &&
		(mode_from_name(begun.mode, &out->mode) ||
			error_set(e, ERR_INTERNAL, "\"%s\" is no way", begun.mode));
}

// Which way the device goes, and for whom, counts when its TPM says so, and if it may go it now.
static bool
judge_way(struct call *c, const struct json *body, struct attestation *session, struct error *e)
{
	struct device device;
	struct device_settings settings;
	struct device_claim claim;

	if (!store_device_by_id(&c->work, session->device_id, &device, e) ||
		!read_way(c, body, session, &device, &claim, e) ||
		!device_settings(c, &device, &settings, e) ||
		!device_mode_may_begin(c, &device, &settings, &claim, e) ||
		(claim.mode == MODE_DEVICE_PREPARATION &&
			!preparation_begin(c, &device, session->deployment_id, claim.upn, e)))
		return false;
	session->mode = mode_traits(claim.mode)->name;
	session->upn = claim.upn;
	return true;
}

static bool
judge(struct call *c, const struct json *body, struct attestation *session, const char **key_sha256,
	struct error *e)
{
	autoek ek = {0};
	autocsr csr = {0};
	struct tpm_proof proof;
	struct tpm_proof_result result = {0};
	const struct tpm_trust_store *trust = service_trust_store(c->service, session->trust_store);
	uint8_t digest[SHA256_LEN];

	if (!trust)
		return error_fault(e, ERR_CRYPTO, "tpm_ek_untrusted", "the trust store is gone");
	// The certificate is judged again: what the trust store allows may have changed since the
	// challenge.
	if (!tpm_ek_verify(c->arena, trust, session->ek_certificate, c->work.now, &ek, e) ||
		!read_proof(c, body, &proof, e))
		return false;
	struct tpm_proof_expect expect = {
		.store = trust,
		.manufacturer = ek.manufacturer,
		.ak_public = session->ak_public,
		.secret = session->secret,
		.quote_nonce = session->quote_nonce,
		.certify_nonce = session->certify_nonce,
		.pcr_mask = PCR_MASK,
	};
	if (!tpm_proof_verify(c->arena, &expect, &proof, &result, e))
		return false;
	csr = result.csr;
	if (!key_digest(csr.key, digest, e))
		return false;
	*key_sha256 = hex_encode(c->arena, slice_of(digest, sizeof digest));
	session->ek_id = ek.ek_id;
	return judge_way(c, body, session, e);
}

bool
device_attestation_prove(struct call *c, struct error *e)
{
	struct attestation session;
	const struct json *body;
	const char *key_sha256, *token;
	struct buf reply;

	if (!call_json(c, &body, e) ||
		!store_attestation_take(&c->work, http_param(c->req, "session"), &session, e))
		return false;
	c->work.tenant_id = session.tenant_id;
	failpoint("ferryd.attestation_taken");
	if (!judge(c, body, &session, &key_sha256, e))
		return refuse(c, session.deployment_id, e);
	// A proof is what starts a failed deployment again.
	if (!store_attestation_proven(&c->work, &session, e) ||
		!store_deployment_retry(&c->work, session.deployment_id, e))
		return false;
	failpoint("ferryd.attestation_proven");
	struct device_token claims = {
		.device_id = session.device_id,
		.deployment_id = session.deployment_id,
		.attestation_id = session.session_id,
		.key_sha256 = key_sha256,
	};
	if (!device_token_sign(c, &claims, &token, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "deviceToken", token);
	jsonw_str(&w, "trustStore", session.trust_store);
	return call_send(c, 200, &w, &reply, e);
}
