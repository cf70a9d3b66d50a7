// SPDX-License-Identifier: Apache-2.0
#include "connector/job.h"

#include "base/str.h"
#include "codec/json.h"

enum {
	MAX_LEASE = 3600, // seconds
	MAX_EK = 16 << 10,
	MAX_AK = 4 << 10,
	MAX_BODY = 256 << 10,
};

static const char *
text_or_empty(const struct json *in, const char *name)
{
	const char *text = json_str(in, name);

	return text ? text : "";
}

static const char *const kind_names[JOB_KINDS] = {
	[JOB_ODJ] = "odj",
	[JOB_VERIFY] = "verify",
	[JOB_DISABLE] = "disable",
	[JOB_ENABLE] = "enable",
	[JOB_DELETE] = "delete",
	[JOB_CHECK] = "check",
};

const char *
job_kind_name(enum job_kind kind)
{
	return kind_names[kind];
}

static bool
read_ids(const struct json *in, struct connector_job *job, struct error *e)
{
	if (!json_need_str(in, "jobId", 36, &job->job_id, e) ||
		!json_need_str(in, "leaseId", 36, &job->lease_id, e))
		return false;
	if (!uuid_valid(job->job_id) || !uuid_valid(job->lease_id))
		return error_set(e, ERR_PROTOCOL, "jobId and leaseId must be UUIDs");
	return true;
}

static bool
read_kind(const struct json *in, struct connector_job *job, struct error *e)
{
	const char *kind = json_str(in, "kind");

	for (enum job_kind k = 0; k < JOB_KINDS; k++)
		if (str_eq(kind, kind_names[k])) {
			job->kind = k;
			// The others outlive their device.
			job->device_id = text_or_empty(in, "deviceId");
			return (k != JOB_ODJ && k != JOB_VERIFY) ||
				json_need_str(in, "deviceId", 36, &job->device_id, e);
		}
	return error_set(
		e, ERR_PROTOCOL, "a job of kind %s is unknown here", kind ? kind : "(none)");
}

// Jobs of the same device that died between the account and its report.
static bool
read_adopts(struct arena *arena, const struct json *in, struct connector_job *job, struct error *e)
{
	const struct json *list = json_get(in, "adopts");
	const char **out = arena_array(arena, JOB_MAX_ADOPTS + 1, sizeof *out);
	size_t count = 0;

	job->adopts = out;
	if (!list)
		return true;
	for (const struct json *item = list->first; item; item = item->next) {
		const char *id = item->type == JSON_STRING ? item->text : "";
		if (count == JOB_MAX_ADOPTS || !uuid_valid(id))
			return error_set(
				e, ERR_PROTOCOL, "adopts: at most %d UUIDs", JOB_MAX_ADOPTS);
		out[count++] = id;
	}
	return true;
}

static bool
read_optional_b64(struct arena *arena, const struct json *in, const char *name, size_t max,
	struct slice *out, struct error *e)
{
	return str_empty(json_str(in, name)) || json_need_b64(arena, in, name, max, out, e);
}

static bool
changes_account(enum job_kind kind)
{
	return kind == JOB_DISABLE || kind == JOB_ENABLE || kind == JOB_DELETE;
}

bool
job_parse(struct arena *arena, struct slice text, struct connector_job *out, struct error *e)
{
	struct connector_job job = {0};
	const struct json_limits limits = {.max_bytes = MAX_BODY, .max_depth = 8};
	const struct json *in = json_parse(arena, text, &limits, e);

	if (!in || !read_ids(in, &job, e) || !read_kind(in, &job, e) ||
		!json_need_str(in, "domain", 255, &job.domain, e) ||
		!read_adopts(arena, in, &job, e) ||
		!read_optional_b64(arena, in, "ekCertificate", MAX_EK, &job.ek_certificate, e) ||
		!read_optional_b64(arena, in, "akPublic", MAX_AK, &job.ak_public, e)) {
		e->code = ERR_PROTOCOL;
		return error_wrap(e, "the service's job");
	}
	int64_t lease = json_int(in, "leaseSeconds", 0);
	if (lease <= 0 || lease > MAX_LEASE)
		return error_set(e, ERR_PROTOCOL, "the service's job: leaseSeconds");
	job.lease_seconds = (int)lease;
	job.computer_name = text_or_empty(in, "computerName");
	job.ou = text_or_empty(in, "ou");
	job.object_guid = text_or_empty(in, "objectGuid");
	job.made_by = text_or_empty(in, "madeBy");
	if (changes_account(job.kind) &&
		(!uuid_valid(job.object_guid) || (*job.made_by && !uuid_valid(job.made_by))))
		return error_set(e, ERR_PROTOCOL, "the service's job: which account?");
	*out = job;
	return true;
}

char *
job_sealing_text(struct arena *arena, const struct connector_job *job)
{
	return arena_printf(
		arena, "ferry-odj\n%s\n%s\n%s", job->job_id, job->device_id, job->computer_name);
}

static struct jsonw
answer(struct arena *arena, const struct connector_job *job, struct buf *body)
{
	buf_init(body, arena, MAX_BODY);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "leaseId", job->lease_id);
	jsonw_str(&w, "deviceId", job->device_id);
	return w;
}

const char *
job_done_odj(struct arena *arena, const struct connector_job *job,
	const struct computer_account *account, struct slice sealed_blob)
{
	struct buf body;
	struct jsonw w = answer(arena, job, &body);

	jsonw_str(&w, "objectGuid", account->guid);
	jsonw_str(&w, "dn", account->dn);
	jsonw_str(&w, "sid", account->sid);
	jsonw_b64(&w, "sealedBlob", sealed_blob);
	jsonw_end_object(&w);
	return buf_text(&body);
}

const char *
job_done_verify(struct arena *arena, const struct connector_job *job,
	const struct computer_account *account)
{
	struct buf body;
	struct jsonw w = answer(arena, job, &body);

	jsonw_object(&w, "verified");
	jsonw_bool(&w, "found", account != NULL);
	if (account) {
		jsonw_bool(&w, "enabled", account->enabled);
		jsonw_str(&w, "objectGuid", account->guid);
		jsonw_str(&w, "dn", account->dn);
		jsonw_str(&w, "dnsName", account->dns_host_name);
		jsonw_str(&w, "name", account->name);
		jsonw_bool(&w, "passwordSet", account->password_set != 0);
	}
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	return buf_text(&body);
}

const char *
job_done_report(struct arena *arena, const struct connector_job *job, const char *report)
{
	struct buf body;
	struct jsonw w = answer(arena, job, &body);

	jsonw_raw(&w, "report", report);
	jsonw_end_object(&w);
	return buf_text(&body);
}

const char *
job_refused(
	struct arena *arena, const char *lease_id, const char *device_id, const struct error *why)
{
	const struct connector_job job = {.lease_id = lease_id, .device_id = device_id};

	return job_failed(arena, &job, why);
}

const char *
job_failed(struct arena *arena, const struct connector_job *job, const struct error *why)
{
	struct buf body;
	struct jsonw w = answer(arena, job, &body);

	jsonw_str(&w, "fault", why->fault ? why->fault : "ad_error");
	jsonw_str(&w, "message", why->message);
	jsonw_end_object(&w);
	return buf_text(&body);
}
