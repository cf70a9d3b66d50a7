// SPDX-License-Identifier: Apache-2.0
// What a device reports about its deployment, and how it waits for news without polling.
#include "base/str.h"
#include "domain/fault.h"
#include "ferryd/device_compliance.h"
#include "ferryd/device_seal.h"
#include "ferryd/device_token.h"
#include "ferryd/handlers.h"
#include "store/deployments.h"

enum {
	MAX_REPORTED_EVENTS = 100,
	WAIT_TOTAL_MS = 25000,
	WAIT_STEP_MS = 4000,		// how often a waiting device's open job is looked at
	JOB_UNTAKEN_US = 12 * US_PER_S, // a job that nobody took …
	CONNECTOR_SILENT_US =
		40 * US_PER_S, // … while no connector was seen for so long (they ask every 25 s)
	JOB_TOTAL_US = 30 * US_PER_MIN, // behaviour J15
};

// What the device waits for, or could do without, fails no deployment even where it has a name.
static bool
is_aside(const char *state)
{
	return str_eq(state, "waiting") || str_eq(state, "warning");
}

static bool
read_event(const struct json *in, const char *source, struct event *out, struct error *e)
{
	const char *fault = json_str(in, "fault"), *at = json_str(in, "at");
	struct event event = {
		.source = source,
		.row_name = json_str(in, "row"),
		.fault = fault,
		.reason = json_str(in, "reason"),
	};

	if (!json_need_str(in, "phase", 40, &event.phase, e) ||
		!json_need_str(in, "state", 40, &event.state, e))
		return false;
	if (fault && !fault_find(fault))
		return error_set(e, ERR_INVALID, "unknown fault \"%.40s\"", fault);
	if (event.reason && strlen(event.reason) > 1000)
		return error_set(e, ERR_LIMIT, "a reason has at most 1000 bytes");
	// The device's clock may be wrong: its time is kept as text only if it is close to ours.
	if (at && !clock_parse_rfc3339(at, &event.at))
		return error_set(e, ERR_INVALID, "\"at\" is not a time");
	event.aside = is_aside(event.state);
	*out = event;
	return true;
}

static bool
read_events(struct call *c, const char *source, struct event *out, size_t *count, struct error *e)
{
	const struct json *body, *list;

	if (!call_json(c, &body, e))
		return false;
	list = json_get(body, "events");
	if (!list || list->type != JSON_ARRAY || list->count > MAX_REPORTED_EVENTS)
		return error_set(e, ERR_INVALID, "\"events\" must be an array of at most %d",
			MAX_REPORTED_EVENTS);
	*count = 0;
	for (const struct json *item = list->first; item; item = item->next, (*count)++) {
		if (!read_event(item, source, &out[*count], e))
			return false;
		time_us skew = out[*count].at - c->work.now;
		if (skew > US_PER_MIN || skew < -US_PER_DAY)
			out[*count].at = c->work.now;
	}
	return true;
}

// An unproven device: the deployment's id, which only its beginner knows, is all it has.
bool
device_events_claim(struct call *c, struct error *e)
{
	struct event events[MAX_REPORTED_EVENTS];
	struct deployment deployment;
	size_t count;

	if (!store_deployment_get(&c->work, http_param(c->req, "id"), &deployment, e) ||
		!read_events(c, "claim", events, &count, e))
		return false;
	c->work.tenant_id = deployment.tenant_id;
	return store_events_add(&c->work, deployment.deployment_id, events, count, e) &&
		call_done(c);
}

bool
device_events_add(struct call *c, struct error *e)
{
	struct event events[MAX_REPORTED_EVENTS];
	size_t count;

	return read_events(c, "device", events, &count, e) &&
		store_events_add(&c->work, c->enrollment.deployment_id, events, count, e) &&
		call_done(c);
}

// Has nobody taken the job that this device waits for? Then say so instead of letting it wait
// (pains row 1).
static bool
watch_job(struct call *c, const struct deployment *deployment, const char *kind, struct error *e)
{
	struct job job;
	int64_t known;
	time_us seen;

	if (!store_job_latest(&c->work, deployment->deployment_id, kind, &job, e))
		return e->code == ERR_NOT_FOUND;
	bool open = str_eq(job.state, "queued") || str_eq(job.state, "leased");
	time_us age = c->work.now - job.created_at;
	if (!open || age < JOB_UNTAKEN_US)
		return true;
	if (!store_connector_alive(&c->work, job.domain, &known, &seen, e))
		return false;
	if (age > JOB_TOTAL_US)
		return store_job_expire(&c->work, job.job_id, "odj_timeout",
			"the connector did not finish in 30 minutes", e);
	bool silent = c->work.now - seen > CONNECTOR_SILENT_US;
	if (!silent)
		return true;
	const char *message = known == 0
		? arena_printf(c->arena, "no connector serves %s", job.domain)
		: seen == 0
		? arena_printf(c->arena, "no connector of %s has ever asked for work", job.domain)
		: arena_printf(c->arena, "the last connector of %s was seen at %s", job.domain,
			  clock_rfc3339(c->arena, seen));
	return store_job_expire(&c->work, job.job_id,
		known == 0 ? "connector_missing" : "connector_down", message, e);
}

static int64_t
news_after(const struct event *events, size_t count)
{
	int64_t seq = 0;

	for (size_t i = 0; i < count; i++)
		if (!str_eq(events[i].source, "device"))
			seq = events[i].seq;
	return seq;
}

// The row in which the deployment failed, for the page.
static const char *
failed_row(const struct deployment *d, const struct event *events, size_t count)
{
	const char *row = NULL;

	for (size_t i = 0; i < count; i++)
		if (d->fault && str_eq(events[i].fault, d->fault) && !str_empty(events[i].row_name))
			row = events[i].row_name;
	return row;
}

static bool
send_view(struct call *c, const struct deployment *d, const char *row, int64_t seq, struct error *e)
{
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_str(&w, "deployment", d->deployment_id);
	jsonw_str(&w, "phase", d->phase);
	jsonw_str(&w, "result", d->result);
	jsonw_str(&w, "fault", d->fault);
	jsonw_str(&w, "reason", d->reason);
	jsonw_str(&w, "row", row);
	jsonw_int(&w, "seq", seq);
	return call_send(c, 200, &w, &body, e);
}

// GET /device/v1/wait?seq=N: answers when something happened that the device did not do itself, or
// after 25 seconds.
bool
device_wait(struct call *c, struct error *e)
{
	struct deployment deployment;
	struct event *events;
	size_t count;
	uint64_t seq = 0;
	const char *text = http_query(c->req, "seq");

	if (text && !str_to_u64(text, INT64_MAX, &seq))
		return error_set(e, ERR_INVALID, "seq must be a number");
	if (!store_deployment_get(&c->work, c->enrollment.deployment_id, &deployment, e) ||
		!watch_job(c, &deployment, "odj", e) ||
		!store_deployment_get(&c->work, c->enrollment.deployment_id, &deployment, e) ||
		!store_events(&c->work, deployment.deployment_id, (int64_t)seq, &events, &count, e))
		return false;
	int64_t news = news_after(events, count);
	if (news || c->req->waited_ms >= WAIT_TOTAL_MS || str_eq(http_query(c->req, "now"), "1"))
		return send_view(c, &deployment, failed_row(&deployment, events, count),
			news ? news : (int64_t)seq, e);
	http_response_park(
		c->resp, device_channel(c->arena, c->enrollment.device_id), WAIT_STEP_MS);
	return true;
}

// The person who has signed in on the managed device ("userToken"): the device is now theirs.
static bool
note_person(struct call *c, const struct json *body, struct error *e)
{
	const char *token = json_str(body, "userToken");
	struct user_token user;

	return !token ||
		(user_token_verify(c, slice_str(token), c->enrollment.device_id, &user, e) &&
			store_deployment_owner(&c->work, c->enrollment.deployment_id, user.upn, e));
}

// POST /device/v1/phase {"phase":"technician"|"resealed"|"user"|"preparation","userToken"?}:
// repeating it is no error.
bool
device_phase(struct call *c, struct error *e)
{
	static const char *const allowed[] = {"technician", "resealed", "user", "preparation"};
	const struct json *body;
	const char *phase;
	bool waits = false;

	if (!call_json(c, &body, e) || !json_need_str(body, "phase", 20, &phase, e))
		return false;
	if (str_eq(phase, "resealed") && (!seal_account(c, e) || !compliance_at_reseal(c, e)))
		return false;
	if (str_eq(phase, "user") && (!unseal_account(c, &waits, e) || waits))
		return waits;
	if (str_eq(phase, "user") && !compliance_begin_anew(c, e))
		return false;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		if (str_eq(phase, allowed[i]))
			return store_deployment_phase(
				       &c->work, c->enrollment.deployment_id, phase, e) &&
				note_person(c, body, e) && call_done(c);
	return error_set(e, ERR_INVALID, "unknown phase");
}

// POST /device/v1/retry: the person at the device pressed Retry.
bool
device_retry(struct call *c, struct error *e)
{
	return store_deployment_retry(&c->work, c->enrollment.deployment_id, e) && call_done(c);
}
