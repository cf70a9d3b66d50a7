// SPDX-License-Identifier: Apache-2.0
// Single sign-on with the Kerberos ticket of an Active Directory sign-in (RFC 4559).
#include "base/str.h"
#include "codec/base64.h"
#include "domain/fault.h"
#include "ferryd/directory_check.h"
#include "ferryd/handlers.h"
#include "store/sync.h"

enum { MAX_TOKEN = 48 << 10 };

bool
winauth_token(struct call *c, struct slice *out, struct error *e)
{
	const char *header = http_header(c->req, "Authorization");

	*out = slice_of(NULL, 0);
	return !str_istarts(header ? header : "", "Negotiate ") ||
		base64_decode(c->arena, slice_str(header + 10), 0, MAX_TOKEN, out, e);
}

void
winauth_challenge(struct call *c)
{
	http_response_header(c->resp, "WWW-Authenticate", "Negotiate");
	http_response_header(c->resp, "Cache-Control", "no-store");
	http_response_set(c->resp, 401, "text/plain",
		slice_str("Sign in to the domain, or go back and use your password.\n"));
}

static bool
refuse(struct call *c, const struct error *why, struct error *e)
{
	const struct fault *fault = fault_of(why, "ticket_refused");
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_object(&w, "error");
	jsonw_str(&w, "code", "Forbidden");
	jsonw_str(&w, "message", fault->title);
	jsonw_object(&w, "innerError");
	jsonw_str(&w, "fault", fault->name);
	jsonw_str(&w, "hint", fault->fix);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	// Not 401: the browser would ask for the same ticket again, or for a password of its own.
	return call_send(c, why->code == ERR_UNAVAILABLE || why->code == ERR_TIMEOUT ? 503 : 403,
		&w, &body, e);
}

// GET /{tenant}/winauth/sso: who holds this ticket?
bool
winauth_sso(struct call *c, struct error *e)
{
	struct directory_ticket ticket;
	struct slice token;
	struct error why = {0};
	struct buf body;

	if (!store_sync_tenant(&c->work, http_param(c->req, "tenant"), &c->work.tenant_id, e) ||
		!winauth_token(c, &token, e))
		return false;
	if (token.len == 0) {
		winauth_challenge(c);
		return true;
	}
	http_response_header(c->resp, "Cache-Control", "no-store");
	if (!directory_ticket_check(c, token, &ticket, &why))
		return refuse(c, &why, e);
	if (ticket.reply.len)
		http_response_header(c->resp, "WWW-Authenticate",
			arena_printf(
				c->arena, "Negotiate %s", base64_encode(c->arena, ticket.reply)));
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "id", ticket.user_id);
	jsonw_str(&w, "userPrincipalName", ticket.upn);
	return call_send(c, 200, &w, &body, e);
}
