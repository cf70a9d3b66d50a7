// SPDX-License-Identifier: Apache-2.0
// The connector's side: it enrols with a one-time token, asks for work, and says what came of it.
#include "base/failpoint.h"
#include "base/str.h"
#include "base/uuid.h"
#include "domain/connector_version.h"
#include "domain/fault.h"
#include "domain/naming.h"
#include "ferryd/handlers.h"
#include "ferryd/signer_client.h"
#include "pki/hash.h"
#include "store/account_jobs.h"

enum {
	LEASE_SECONDS = 60,
	POLL_MS = 25000,
	CONNECTOR_CERT_DAYS = 365,
	MAX_REPORT = 256 << 10,
	MAX_JOB = 48 << 10,
};

bool
connector_enroll(struct call *c, struct error *e)
{
	const struct json *body;
	const char *token;
	struct slice csr;
	struct connector connector;
	struct issued_certificate certificate;
	const struct json *keys;
	const char *statement;
	struct buf reply;

	if (!call_json(c, &body, e) || !json_need_str(body, "token", 200, &token, e) ||
		!json_need_b64(c->arena, body, "csr", 16 << 10, &csr, e) ||
		!store_connector_take_token(
			&c->work, sha256_hex(c->arena, slice_str(token)), &connector, e))
		return false;
	c->work.tenant_id = connector.tenant_id;
	if (!signer_certificate(c, "connector", connector.connector_id, NULL, csr,
		    CONNECTOR_CERT_DAYS, &certificate, e) ||
		!store_connector_certificate(&c->work, connector.connector_id, &certificate, e) ||
		!signer_job_keys(c, &keys, &statement, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "connectorId", connector.connector_id);
	jsonw_str(&w, "name", connector.name);
	jsonw_str(&w, "domain", connector.domain);
	jsonw_b64(&w, "certificate", certificate.der);
	jsonw_value(&w, "jobKeys", keys);
	return call_send(c, 200, &w, &reply, e);
}

// POST /connector/v1/keys: the keys that sign jobs, signed with the one that the connector knows.
bool
connector_keys(struct call *c, struct error *e)
{
	const struct json *keys;
	const char *statement;
	struct buf reply;

	if (!signer_job_keys(c, &keys, &statement, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "statement", statement);
	return call_send(c, 200, &w, &reply, e);
}

// A connector that is too old for this service gets no work, and both sides say so (K2).
static bool
check_version(struct call *c, const char *version, struct error *e)
{
	const char *refused = "connector_too_old";
	bool good = connector_version_ok(version, CONNECTOR_MINIMUM);

	if (!store_connector_refuse(&c->work, c->connector.connector_id, good ? "" : refused, e))
		return false;
	return good ||
		error_fault(e, ERR_CONFLICT, refused,
			"this service works with connectors from version %s on, this one is %s",
			CONNECTOR_MINIMUM, *version ? version : "older than versions");
}

// The envelope names the job for whoever cannot read the signed text; nothing in it is obeyed.
static bool
send_signed(struct call *c, const char *job_id, const char *lease_id, const char *device_id,
	struct buf *job, struct error *e)
{
	const char *token;
	struct buf body;

	if (!buf_ok(job, e) || !signer_job(c, c->connector.connector_id, buf_text(job), &token, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "jobId", job_id);
	jsonw_str(&w, "leaseId", lease_id);
	jsonw_str(&w, "deviceId", device_id);
	jsonw_str(&w, "job", token);
	return call_send(c, 200, &w, &body, e);
}

static struct jsonw
begin_job(struct call *c, const char *job_id, const char *lease_id, const char *kind,
	const char *domain, struct buf *text)
{
	buf_init(text, c->arena, MAX_JOB);
	struct jsonw w = jsonw_on(text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "jobId", job_id);
	jsonw_str(&w, "leaseId", lease_id);
	jsonw_int(&w, "leaseSeconds", LEASE_SECONDS);
	jsonw_str(&w, "kind", kind);
	jsonw_str(&w, "domain", domain);
	return w;
}

static bool
send_job(struct call *c, const struct job *job, struct error *e)
{
	struct buf text;
	struct jsonw w = begin_job(c, job->job_id, job->lease_id, job->kind, job->domain, &text);

	jsonw_str(&w, "ou", job->ou);
	jsonw_str(&w, "computerName", job->computer_name);
	jsonw_str(&w, "objectGuid", job->object_guid);
	jsonw_str(&w, "deviceId", job->device_id);
	jsonw_array(&w, "adopts");
	for (const char *const *id = job->adopts; id && *id; id++)
		jsonw_str(&w, NULL, *id);
	jsonw_end_array(&w);
	jsonw_b64(&w, "ekCertificate", job->ek_certificate);
	jsonw_b64(&w, "akPublic", job->ak_public);
	jsonw_end_object(&w);
	return send_signed(c, job->job_id, job->lease_id, job->device_id, &text, e);
}

static bool
send_account_job(struct call *c, const struct account_job *job, struct error *e)
{
	struct buf text;
	struct jsonw w = begin_job(c, job->job_id, job->lease_id, job->kind, job->domain, &text);

	jsonw_str(&w, "computerName", job->computer_name);
	jsonw_str(&w, "objectGuid", job->object_guid);
	jsonw_str(&w, "madeBy", job->made_by);
	jsonw_str(&w, "deviceId", job->device_id);
	jsonw_end_object(&w);
	return send_signed(c, job->job_id, job->lease_id, job->device_id, &text, e);
}

// A device that waits goes before accounts that end.
static bool
next_work(struct call *c, bool *sent, struct error *e)
{
	struct job job;
	struct account_job order;

	if (!store_job_lease(&c->work, &c->connector, LEASE_SECONDS * US_PER_S, &job, sent, e))
		return false;
	if (*sent) {
		failpoint("ferryd.job_leased");
		return send_job(c, &job, e);
	}
	if (!store_account_job_lease(
		    &c->work, &c->connector, LEASE_SECONDS * US_PER_S, &order, sent, e))
		return false;
	return !*sent || send_account_job(c, &order, e);
}

// POST /connector/v1/lease: a job, or 204 after 25 seconds.
bool
connector_lease(struct call *c, struct error *e)
{
	const struct json *body;
	bool sent;

	if (!call_json(c, &body, e))
		return false;
	const char *version = json_str(body, "version") ? json_str(body, "version") : "";
	if (!c->req->woken && !c->req->timed_out &&
		(!store_connector_seen(&c->work, c->connector.connector_id, version, e) ||
			!check_version(c, version, e)))
		return false;
	if (!next_work(c, &sent, e) || sent)
		return sent;
	if (c->req->waited_ms >= POLL_MS || c->req->timed_out)
		return call_done(c);
	http_response_park(c->resp,
		connector_channel(c->arena, c->connector.tenant_id, c->connector.domain), POLL_MS);
	return true;
}

// A name that is taken is tried again under another random name, if the template has a random part.
static const char *
another_name(struct call *c, const char *device_id)
{
	struct device device;
	struct error ignored;
	unsigned char random[NAME_RANDOM_DIGITS];
	char *name;

	random_bytes(random, sizeof random);
	if (!store_device_by_id(&c->work, device_id, &device, &ignored) ||
		!naming_is_random(device.name_template) ||
		!naming_expand(
			c->arena, device.name_template, device.serial, random, &name, &ignored))
		return NULL;
	return name;
}

static bool
read_failure(struct call *c, const struct json *body, struct job_outcome *out, struct error *e)
{
	const char *device_id = json_str(body, "deviceId");

	if (!json_need_str(body, "fault", 40, &out->fault, e))
		return false;
	if (!fault_find(out->fault))
		out->fault = "ad_error";
	out->message = json_str(body, "message") ? json_str(body, "message") : "";
	if (str_eq(out->fault, "computer_name_taken"))
		out->next_name = another_name(c, device_id ? device_id : "");
	return true;
}

static bool
read_success(struct call *c, const struct json *body, struct job_outcome *out, struct error *e)
{
	const struct json *verified = json_get(body, "verified");
	struct buf text;

	if (verified) {
		buf_init(&text, c->arena, 4096);
		struct jsonw w = jsonw_on(&text);
		jsonw_value(&w, NULL, verified);
		out->result = buf_text(&text);
		return buf_ok(&text, e);
	}
	return json_need_str(body, "objectGuid", 36, &out->object_guid, e) &&
		json_need_str(body, "dn", 1000, &out->dn, e) &&
		json_need_str(body, "sid", 200, &out->sid, e) &&
		json_need_b64(c->arena, body, "sealedBlob", 64 << 10, &out->sealed_blob, e);
}

static bool
finish_order(struct call *c, const struct json *body, const char *lease, struct error *e)
{
	const char *fault = json_str(body, "fault");
	const struct json *report = json_get(body, "report");
	struct buf text;

	if (fault && !fault_find(fault))
		fault = "ad_error";
	if (!fault && !report)
		return error_set(e, ERR_INVALID, "neither report nor fault");
	buf_init(&text, c->arena, MAX_REPORT);
	struct jsonw w = jsonw_on(&text);
	if (report)
		jsonw_value(&w, NULL, report);
	return (fault || buf_ok(&text, e)) &&
		store_account_job_finish(&c->work, c->connector.connector_id,
			http_param(c->req, "id"), lease, fault, json_str(body, "message"),
			fault ? NULL : buf_text(&text), e);
}

// Of a job without a deployment: somebody may wait for it.
static bool
finish_account_job(struct call *c, const struct json *body, const char *lease, struct error *e)
{
	const char *id = http_param(c->req, "id");
	struct account_job job;

	if (!store_account_job_get(&c->work, id, &job, e) || !finish_order(c, body, lease, e))
		return false;
	http_server_wake(c->service->server, order_channel(c->arena, id));
	return call_done(c);
}

// POST /connector/v1/jobs/{id}/finish
bool
connector_finish(struct call *c, struct error *e)
{
	const struct json *body;
	const char *lease, *device_id;
	struct job_outcome outcome = {0};

	if (!call_json(c, &body, e) || !json_need_str(body, "leaseId", 36, &lease, e))
		return false;
	if (finish_account_job(c, body, lease, e))
		return true;
	if (e->code != ERR_NOT_FOUND || !json_need_str(body, "deviceId", 36, &device_id, e))
		return false;
	if (json_str(body, "fault") ? !read_failure(c, body, &outcome, e)
				    : !read_success(c, body, &outcome, e))
		return false;
	failpoint("ferryd.job_before_store");
	if (!store_job_finish(&c->work, c->connector.connector_id, http_param(c->req, "id"), lease,
		    &outcome, e))
		return false;
	failpoint("ferryd.job_after_store");
	wake_device(c, device_id);
	if (outcome.next_name)
		wake_connectors(c, c->connector.tenant_id, c->connector.domain);
	return call_done(c);
}
