// SPDX-License-Identifier: Apache-2.0
// The connector's side of sign-in: it asks for checks and says what came of them.
#include "base/str.h"
#include "ferryd/check_desk.h"
#include "ferryd/directory_check.h"
#include "ferryd/handlers.h"
#include "store/sync.h"

enum { POLL_MS = 25000, LOOK_MS = 500, MAX_ANSWER = 128 << 10 };

// From memory, or from the database that several ferryd share.
static bool
next_check(struct call *c, bool *found, struct desk_entry *out, struct error *e)
{
	const char *connector_id = c->connector.connector_id;
	struct sync_check check;

	*found = desk_take(c->arena, connector_id, out);
	if (*found || store_kind(c->service->store) != DB_POSTGRESQL)
		return true;
	if (!store_check_take(&c->work, connector_id, found, &check, e))
		return false;
	if (*found)
		*out = (struct desk_entry){
			.check_id = check.check_id, .kind = check.kind, .sealed = check.sealed};
	return true;
}

// POST /connector/v1/checks/lease {"passwords","tickets"}: a check, or 204 after 25 seconds.
bool
checks_lease(struct call *c, struct error *e)
{
	const struct json *in;
	struct desk_entry check;
	struct buf body;
	bool found;

	if (!call_json(c, &in, e))
		return false;
	desk_seen(c->connector.connector_id, json_bool(in, "passwords", false),
		json_bool(in, "tickets", false));
	if (!next_check(c, &found, &check, e))
		return false;
	if (found) {
		struct jsonw w = call_object(c, &body);
		jsonw_str(&w, "checkId", check.check_id);
		jsonw_str(&w, "kind", check.kind);
		jsonw_b64(&w, "sealed", check.sealed);
		return call_send(c, 200, &w, &body, e);
	}
	bool shared = store_kind(c->service->store) == DB_POSTGRESQL;
	if (c->req->waited_ms >= POLL_MS || (c->req->timed_out && !shared))
		return call_done(c);
	http_response_park(c->resp, check_channel(c->arena, c->connector.connector_id),
		shared ? LOOK_MS : POLL_MS);
	return true;
}

// POST /connector/v1/checks/{id}/finish
bool
checks_finish(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id");
	const struct json *in;
	struct buf text;

	if (!call_json(c, &in, e))
		return false;
	buf_init(&text, c->arena, MAX_ANSWER);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, in);
	if (!buf_ok(&text, e))
		return false;
	if (desk_answer(id, c->connector.connector_id, buf_text(&text)))
		return call_done(c);
	// Whoever asked waits at another ferryd, or not any more.
	if (store_kind(c->service->store) != DB_POSTGRESQL)
		return error_set(e, ERR_NOT_FOUND, "nobody waits for this check");
	return store_check_answer(&c->work, id, c->connector.connector_id, buf_text(&text), e) &&
		call_done(c);
}
