// SPDX-License-Identifier: Apache-2.0
// How a connector gets its one-time token, what it is like, and what is ordered of it; the list of
// connectors is Graph's (graph/configurations.c).
#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "domain/connector_version.h"
#include "domain/preflight.h"
#include "ferryd/handlers.h"
#include "pki/hash.h"
#include "store/account_jobs.h"

enum { TOKEN_DAYS = 1, NAME_MAX_BYTES = 256, CHECK_WAIT_MS = 40000 };

// POST /ferry/v1/connectors {"name","domain"}: the token is shown once.
bool
graph_connectors_create(struct call *c, struct error *e)
{
	const struct json *body;
	const char *name, *domain, *id;
	uint8_t random[24];
	struct buf reply;

	if (!call_json(c, &body, e) || !json_need_str(body, "name", NAME_MAX_BYTES, &name, e) ||
		!json_need_str(body, "domain", 255, &domain, e))
		return false;
	random_bytes(random, sizeof random);
	char *token = base64url_encode(c->arena, slice_of(random, sizeof random));
	if (!store_connector_create(&c->work, name, domain, sha256_hex(c->arena, slice_str(token)),
		    c->work.now + TOKEN_DAYS * US_PER_DAY, &id, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "id", id);
	jsonw_str(&w, "token", token);
	jsonw_int(&w, "expiresInSeconds", TOKEN_DAYS * 86400);
	return call_send(c, 201, &w, &reply, e);
}

// --- what one connector is like

char *
order_channel(struct arena *arena, const char *job_id)
{
	return arena_printf(arena, "order/%s", job_id);
}

static bool
send_connector(struct call *c, const struct connector *connector, struct error *e)
{
	struct buf reply;
	struct jsonw w = call_object(c, &reply);

	jsonw_str(&w, "id", connector->connector_id);
	jsonw_str(&w, "name", connector->name);
	jsonw_str(&w, "domain", connector->domain);
	jsonw_str(&w, "state",
		connector_state_name(
			connector_state_of(true, connector->last_seen_at, c->work.now)));
	jsonw_str(&w, "version", connector->version);
	jsonw_str(&w, "minimumVersion", CONNECTOR_MINIMUM);
	jsonw_str(&w, "refused", str_empty(connector->refused) ? NULL : connector->refused);
	jsonw_str(&w, "lastSeenDateTime",
		connector->last_seen_at ? clock_rfc3339(c->arena, connector->last_seen_at) : NULL);
	jsonw_str(&w, "checkedDateTime",
		connector->checked_at ? clock_rfc3339(c->arena, connector->checked_at) : NULL);
	if (str_empty(connector->check_report))
		jsonw_null(&w, "check");
	else
		jsonw_raw(&w, "check", connector->check_report);
	return call_send(c, 200, &w, &reply, e);
}

// GET /ferry/v1/connectors/{id}: its state and its last self-test.
bool
connector_show(struct call *c, struct error *e)
{
	struct connector connector;

	return store_connector_get(&c->work, http_param(c->req, "id"), &connector, e) &&
		send_connector(c, &connector, e);
}

// Did the test that this request asked for end? `since` is when it asked.
static bool
test_ended(const struct call *c, const struct connector *connector)
{
	time_us asked = c->work.now - c->req->waited_ms * 1000 - US_PER_S;

	return (c->req->woken || c->req->timed_out) && connector->checked_at > asked;
}

// POST /ferry/v1/connectors/{id}/check: asks for a self-test and waits for it.
bool
connector_check(struct call *c, struct error *e)
{
	struct connector connector;
	const char *job_id;

	if (!store_connector_get(&c->work, http_param(c->req, "id"), &connector, e))
		return false;
	if (test_ended(c, &connector))
		return send_connector(c, &connector, e);
	if (!store_check_request(&c->work, &connector, &job_id, e))
		return false;
	if (c->req->timed_out || c->req->waited_ms >= CHECK_WAIT_MS)
		return store_account_job_expire(&c->work, job_id, "connector_down",
			       "the connector did not take the self-test", e) &&
			error_fault(e, ERR_UNAVAILABLE, "connector_down",
				"the connector %s did not answer the self-test in %d seconds",
				connector.name, CHECK_WAIT_MS / 1000);
	wake_connectors(c, c->work.tenant_id, connector.domain);
	http_response_park(c->resp, order_channel(c->arena, job_id), CHECK_WAIT_MS);
	return true;
}

// --- accounts

// POST /ferry/v1/accounts/{id}/{mode}: disable, enable or delete an account that Ferry made, by its
// objectGUID. A connector does it when it can; 202 with the order.
static bool
account_order(struct call *c, const char *mode, struct error *e)
{
	const char *job_id, *domain;
	struct buf reply;
	const char *why = arena_printf(c->arena, "ordered by %s", c->actor ? c->actor : "nobody");

	if (!store_account_retire_guid(
		    &c->work, http_param(c->req, "id"), mode, why, &job_id, &domain, e))
		return false;
	wake_connectors(c, c->work.tenant_id, domain);
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "id", job_id);
	jsonw_str(&w, "kind", mode);
	jsonw_str(&w, "domain", domain);
	return call_send(c, 202, &w, &reply, e);
}

bool
account_disable(struct call *c, struct error *e)
{
	return account_order(c, "disable", e);
}

bool
account_enable(struct call *c, struct error *e)
{
	return account_order(c, "enable", e);
}

bool
account_delete(struct call *c, struct error *e)
{
	return account_order(c, "delete", e);
}

// GET /ferry/v1/accountOrders/{id}
bool
account_order_get(struct call *c, struct error *e)
{
	struct account_job job;
	struct buf reply;

	if (!store_account_job_get(&c->work, http_param(c->req, "id"), &job, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "id", job.job_id);
	jsonw_str(&w, "kind", job.kind);
	jsonw_str(&w, "state", job.state);
	jsonw_str(&w, "domain", job.domain);
	jsonw_str(&w, "objectGuid", job.object_guid);
	jsonw_str(&w, "computerName", job.computer_name);
	jsonw_str(&w, "deviceId", job.device_id);
	jsonw_str(&w, "reason", job.reason);
	jsonw_int(&w, "attempts", job.attempts);
	jsonw_str(&w, "fault", job.fault);
	jsonw_str(&w, "message", job.message);
	jsonw_raw(&w, "result", job.result);
	return call_send(c, 200, &w, &reply, e);
}
