// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/esp.h"
#include "domain/fault.h"

const char *const fleet_step_names[FLEET_STEPS] = {
	"profile", "begin", "attest", "enroll", "manage", "reseal"};
const char *const fleet_phase_names[FLEET_PHASES] = {"preparation", "domainJoin", "deviceSetup"};

enum { BODY_MAX = 64 << 10 };

// {"hardwareHash"}, as the first page and Provision send it.
static void
write_hash(struct fleet_device *d, bool with_time, struct buf *body)
{
	buf_init(body, d->arena, BODY_MAX);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "hardwareHash", d->hash);
	if (with_time)
		jsonw_str(&w, "time", clock_rfc3339(d->arena, clock_now()));
	jsonw_end_object(&w);
}

static bool
ask_profile(struct fleet_device *d, struct error *e)
{
	const struct json *answer;
	struct buf body;

	write_hash(d, false, &body);
	if (!fleet_post(d, false, "/device/v1/profile", &body, &answer, e) ||
		!json_need_str(answer, "ztdId", 36, &d->ztd_id, e))
		return false;
	d->hybrid = str_eq(json_str(answer, "joinType"), "hybrid");
	const struct fault *fault = fault_find(json_str(answer, "fault"));
	return !fault ||
		error_fault(e, ERR_CONFLICT, fault->name, "%s", json_str(answer, "reason"));
}

static bool
begin(struct fleet_device *d, struct error *e)
{
	const struct json *answer;
	struct buf body;

	write_hash(d, true, &body);
	if (!fleet_post(d, false, "/device/v1/deployments", &body, &answer, e) ||
		!json_need_str(answer, "deployment", 36, &d->deployment, e))
		return false;
	failpoint("fleet.begun");
	return true;
}

// --- the proof ---

struct challenge {
	const char *session;
	struct slice credential, wrapped, quote_nonce, certify_nonce;
	uint32_t pcr_mask;
};

static bool
ask_challenge(struct fleet_device *d, struct challenge *out, struct error *e)
{
	const struct json *answer;
	struct slice ek, ak;
	struct buf body;

	if (!tpm_soft_ek_public(d->arena, &d->soft, &ek, e) ||
		!tpm_soft_ak_public(d->arena, &d->soft, &ak, e))
		return false;
	buf_init(&body, d->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "deployment", d->deployment);
	jsonw_b64(&w, "ekCertificate", d->ek_certificate);
	jsonw_b64(&w, "ekPublic", ek);
	jsonw_b64(&w, "akPublic", ak);
	jsonw_end_object(&w);
	if (!fleet_post(d, false, "/device/v1/attestation", &body, &answer, e))
		return false;
	out->pcr_mask = (uint32_t)json_int(answer, "pcrMask", 0);
	return json_need_str(answer, "session", 64, &out->session, e) &&
		json_need_b64(d->arena, answer, "credential", 2048, &out->credential, e) &&
		json_need_b64(d->arena, answer, "wrapped", 2048, &out->wrapped, e) &&
		json_need_b64(d->arena, answer, "quoteNonce", 64, &out->quote_nonce, e) &&
		json_need_b64(d->arena, answer, "certifyNonce", 64, &out->certify_nonce, e);
}

static bool
write_proof(struct fleet_device *d, const struct challenge *c, struct buf *body, struct error *e)
{
	uint8_t name[TPM_NAME_LEN];
	struct slice secret, quote, quote_signature, pcrs, key, certify, certify_signature, csr;

	if (!tpm_soft_ak_name(&d->soft, name, e) ||
		!tpm_activate_credential(
			d->arena, d->soft.ek, name, c->credential, c->wrapped, &secret, e) ||
		!tpm_soft_quote(d->arena, &d->soft, c->quote_nonce, c->pcr_mask, &quote,
			&quote_signature, &pcrs, e) ||
		!tpm_soft_certify(d->arena, &d->soft, c->certify_nonce, &key, &certify,
			&certify_signature, e) ||
		!csr_build(d->arena, d->soft.device, d->ztd_id, &csr, e))
		return false;
	buf_init(body, d->arena, BODY_MAX);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_b64(&w, "secret", secret);
	jsonw_b64(&w, "quote", quote);
	jsonw_b64(&w, "quoteSignature", quote_signature);
	jsonw_b64(&w, "pcrs", pcrs);
	jsonw_b64(&w, "keyPublic", key);
	jsonw_b64(&w, "certify", certify);
	jsonw_b64(&w, "certifySignature", certify_signature);
	jsonw_b64(&w, "csr", csr);
	jsonw_end_object(&w);
	return true;
}

static bool
attest(struct fleet_device *d, const char **device_token, struct error *e)
{
	struct challenge challenge;
	const struct json *answer;
	struct buf body;

	return ask_challenge(d, &challenge, e) && write_proof(d, &challenge, &body, e) &&
		fleet_post(d, false,
			arena_printf(d->arena, "/device/v1/attestation/%s", challenge.session),
			&body, &answer, e) &&
		json_need_str(answer, "deviceToken", 16 << 10, device_token, e);
}

// --- managed ---

static bool
enter_phase(struct fleet_device *d, const char *phase, struct error *e)
{
	const struct json *answer;
	struct buf body;

	buf_init(&body, d->arena, 1024);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "phase", phase);
	jsonw_end_object(&w);
	return fleet_post(d, true, "/device/v1/phase", &body, &answer, e);
}

// The rows that no item of the service completes are told one by one, as the agent tells them.
static bool
tell_rows(struct fleet_device *d, struct error *e)
{
	for (enum esp_row row = ESP_PREPARING; row <= ESP_APPS; row++) {
		const struct esp_row_info *info = esp_row_info(row);
		const struct json *answer;
		struct buf body;
		buf_init(&body, d->arena, 4096);
		struct jsonw w = jsonw_on(&body);
		jsonw_object(&w, NULL);
		jsonw_array(&w, "events");
		jsonw_object(&w, NULL);
		jsonw_str(&w, "phase", esp_phase_key(info->phase));
		jsonw_str(&w, "row", info->key);
		jsonw_str(&w, "state", "complete");
		jsonw_end_object(&w);
		jsonw_end_array(&w);
		jsonw_end_object(&w);
		if (!fleet_post(d, true, "/device/v1/events", &body, &answer, e))
			return false;
	}
	return true;
}

static bool
wait_for_news(struct fleet_device *d, struct error *e)
{
	const struct json *view;

	if (clock_monotonic_ms() > d->deadline_ms)
		return error_fault(e, ERR_TIMEOUT, "esp_timeout", "more than %u seconds",
			d->fleet->options->timeout_s);
	if (!fleet_get(d, arena_printf(d->arena, "/device/v1/wait?seq=%lld", (long long)d->seq),
		    &view, e))
		return false;
	d->seq = json_int(view, "seq", d->seq);
	if (!str_eq(json_str(view, "result"), "failed"))
		return true;
	const struct fault *fault = fault_find(json_str(view, "fault"));
	const char *reason = json_str(view, "reason");
	return error_fault(e, ERR_UNAVAILABLE, fault ? fault->name : "service_error", "%s",
		reason ? reason : "");
}

// Sessions until the service has finished with the device.
static bool
manage(struct fleet_device *d, struct error *e)
{
	enum fleet_phase phase = FLEET_PREPARE;
	int64_t at = clock_monotonic_ms(), now;

	if (!enter_phase(d, "technician", e))
		return false;
	for (bool first = true;; first = false) {
		if (!fleet_session(d, e) || (first && !tell_rows(d, e)))
			return false;
		now = clock_monotonic_ms();
		d->result->phase_ms[phase] += now - at;
		at = now;
		phase = d->hybrid && !d->joined ? FLEET_JOIN : FLEET_SETUP;
		if (d->app_count)
			continue;
		if (d->done)
			return true;
		if (!wait_for_news(d, e))
			return false;
	}
}

static bool
run_step(struct fleet_device *d, enum fleet_step step, const char **token, struct error *e)
{
	switch (step) {
	case FLEET_PROFILE:
		return ask_profile(d, e);
	case FLEET_BEGIN:
		return begin(d, e);
	case FLEET_ATTEST:
		return attest(d, token, e);
	case FLEET_ENROLL:
		return fleet_enroll(d, *token, e);
	case FLEET_MANAGE:
		return manage(d, e);
	case FLEET_RESEAL:
		return enter_phase(d, "resealed", e);
	case FLEET_STEPS:
		break;
	}
	return error_set(e, ERR_INTERNAL, "there is no such step");
}

static bool
run_flow(struct fleet_device *d, struct error *e)
{
	const char *token = NULL;

	for (enum fleet_step step = 0; step < FLEET_STEPS; step++) {
		int64_t begun = clock_monotonic_ms();
		d->result->step = step;
		if (!run_step(d, step, &token, e))
			return false;
		d->result->ms[step] = clock_monotonic_ms() - begun;
	}
	return true;
}

bool
fleet_device_make(struct fleet *fleet, unsigned number, struct fleet_device *out, struct error *e)
{
	*out = (struct fleet_device){.fleet = fleet};
	arena_init(&out->own, ARENA_REQUEST);
	out->arena = &out->own;
	return fleet_identity(out, number, e);
}

void
fleet_device_finish(struct fleet_device *d)
{
	http_client_close(d->open);
	http_client_close(d->managed);
	d->open = d->managed = NULL;
	tpm_soft_finish(&d->soft);
	arena_finish(&d->own);
}

void
fleet_device_run(struct fleet_device *d, struct fleet_result *out)
{
	const struct fleet_options *o = d->fleet->options;
	struct http_client_options options = {.base_url = o->url, .ca = o->ca, .proxy = ""};
	struct error e = {0};
	int64_t begun = clock_monotonic_ms();

	d->result = out;
	d->deadline_ms = begun + (int64_t)o->timeout_s * 1000;
	out->done = http_client_open(&options, &d->open, &e) && run_flow(d, &e);
	out->total_ms = clock_monotonic_ms() - begun;
	if (out->done)
		return;
	snprintf(out->fault, sizeof out->fault, "%s", e.fault ? e.fault : "agent_error");
	snprintf(out->message, sizeof out->message, "%s", e.message);
	log_info("%s: %s: %s", d->serial, fleet_step_names[out->step], e.message);
}
