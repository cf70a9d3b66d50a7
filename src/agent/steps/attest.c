// SPDX-License-Identifier: Apache-2.0
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/str.h"
#include <time.h>

enum { KEY_BLOB_MAX = 8192, ATTEMPTS_MS = 30000 };

struct challenge {
	const char *session;
	struct slice credential, wrapped, quote_nonce, certify_nonce;
	uint32_t pcr_mask;
};

// The device key is stored before anything is said about it: after a power cut it is the same key.
static bool
device_key(struct agent *agent, struct slice *blob, struct error *e)
{
	const char *path = agent_path(agent, agent->step, "device.key");

	if (fs_read(agent->step, path, KEY_BLOB_MAX, blob, e))
		return true;
	return e->code == ERR_NOT_FOUND &&
		tpm_device_key_create(agent->step, agent->tpm, blob, e) &&
		fs_write(path, *blob, 0600, e);
}

static bool
ask_challenge(struct agent *agent, struct challenge *out, struct error *e)
{
	struct tpm_device_identity identity;
	struct slice certificate = {0}, ak;
	const struct json *answer;
	struct buf body;

	if (!tpm_device_identity(agent->step, agent->tpm, &identity, e) ||
		!tpm_device_ek_certificate(agent->step, agent->tpm, &certificate, e) ||
		!tpm_device_ak_public(agent->step, agent->tpm, &ak, e))
		return false;
	buf_init(&body, agent->step, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "deployment", agent->journal.deployment_id);
	jsonw_b64(&w, "ekCertificate", certificate);
	jsonw_b64(&w, "ekPublic", identity.ek_public);
	jsonw_b64(&w, "akPublic", ak);
	jsonw_end_object(&w);
	if (!service_post(agent, false, "/device/v1/attestation", &body, &answer, e))
		return false;
	out->pcr_mask = (uint32_t)json_int(answer, "pcrMask", 0);
	return json_need_str(answer, "session", 64, &out->session, e) &&
		json_need_b64(agent->step, answer, "credential", 2048, &out->credential, e) &&
		json_need_b64(agent->step, answer, "wrapped", 2048, &out->wrapped, e) &&
		json_need_b64(agent->step, answer, "quoteNonce", 64, &out->quote_nonce, e) &&
		json_need_b64(agent->step, answer, "certifyNonce", 64, &out->certify_nonce, e);
}

static bool
make_proof(struct agent *agent, const struct challenge *c, struct slice key, struct buf *body,
	struct error *e)
{
	struct slice secret, csr;
	struct tpm_quote quote;
	struct tpm_certified certified;

	failpoint("agent.nonce_received");
	if (!tpm_device_activate(agent->step, agent->tpm, c->credential, c->wrapped, &secret, e))
		return false;
	failpoint("agent.credential_activated");
	if (!tpm_device_quote(agent->step, agent->tpm, c->quote_nonce, c->pcr_mask, &quote, e) ||
		!tpm_device_key_certify(
			agent->step, agent->tpm, key, c->certify_nonce, &certified, e) ||
		!tpm_device_csr(agent->step, agent->tpm, key, agent->profile.ztd_id, &csr, e))
		return false;
	buf_init(body, agent->step, 64 << 10);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_b64(&w, "secret", secret);
	jsonw_b64(&w, "quote", quote.attest);
	jsonw_b64(&w, "quoteSignature", quote.signature);
	jsonw_b64(&w, "pcrs", quote.pcrs);
	jsonw_b64(&w, "keyPublic", certified.key_public);
	jsonw_b64(&w, "certify", certified.attest);
	jsonw_b64(&w, "certifySignature", certified.signature);
	jsonw_b64(&w, "csr", csr);
	step_write_way(agent, &w);
	jsonw_end_object(&w);
	return true;
}

static bool
prove(struct agent *agent, struct slice key, const char **device_token, struct error *e)
{
	struct challenge challenge;
	struct buf body;
	const struct json *answer;

	if (!ask_challenge(agent, &challenge, e) || !make_proof(agent, &challenge, key, &body, e) ||
		!service_post_once(agent,
			arena_printf(agent->step, "/device/v1/attestation/%s", challenge.session),
			&body, &answer, e))
		return false;
	failpoint("agent.attested");
	return json_need_str(answer, "deviceToken", 16 << 10, device_token, e);
}

// A challenge is used up by the first proof. When its answer was lost on the way, or the service
// could not sign it at that moment, a new challenge is what helps.
static bool
new_challenge_helps(const struct error *e)
{
	return e->code == ERR_UNAVAILABLE || str_eq(e->fault, "attestation_expired") ||
		str_eq(e->fault, "service_tls_failed");
}

bool
step_attest(struct agent *agent, const char **device_token, struct error *e)
{
	const struct timespec pause = {.tv_nsec = 500000000};
	int64_t until = clock_monotonic_ms() + ATTEMPTS_MS;
	struct slice key;

	if (!agent->tpm)
		return error_fault(e, ERR_NOT_FOUND, "tpm_missing", "no TPM 2.0 answers");
	if (!journal_step(&agent->journal, "attest", e) || !device_key(agent, &key, e))
		return false;
	while (!prove(agent, key, device_token, e)) {
		if (!new_challenge_helps(e) || clock_monotonic_ms() > until)
			return false;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	return true;
}
