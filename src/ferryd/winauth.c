// SPDX-License-Identifier: Apache-2.0
// Single sign-on with the Kerberos ticket of an Active Directory sign-in (RFC 4559): the browser
// shows it to one page, from which the flow goes on as after a password.
#include "base/log.h"
#include "base/str.h"
#include "codec/base64.h"
#include "ferryd/directory_check.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"

#define PAGE "/signin/domain"
#define SCHEME "Negotiate "
enum { MAX_TOKEN = 48 << 10 };

// --- who is offered it ---

bool
winauth_hint(struct call *c, const struct flow *flow, bool *left, struct error *e)
{
	*left = false;
	if (str_empty(flow->asked.domain_hint))
		return true;
	if (!directory_ticket_offered(c, flow->asked.domain_hint, left, e))
		return false;
	return !*left || page_redirect(c, arena_printf(c->arena, PAGE "?%s", flow->query));
}

void
winauth_link(struct page *p, const struct flow *flow)
{
	struct call c = *p->call;
	bool offered = false;
	struct error e;

	if (!flow_tenant(&c.work, &e) || !directory_ticket_offered(&c, NULL, &offered, &e))
		log_debug("single sign-on is not offered: %s", e.message);
	if (offered)
		page_link(p, PAGE, flow->query, page_text(TEXT_SIGN_IN_DOMAIN));
}

// --- the ticket ---

// Nobody is asked for a ticket that could not be checked.
static bool
no_token(struct call *c, struct error *e)
{
	bool offered;

	if (!directory_ticket_offered(c, NULL, &offered, e))
		return false;
	return offered
		? error_fault(e, ERR_NOT_FOUND, "ticket_missing", "the browser sent no ticket")
		: error_fault(e, ERR_UNAVAILABLE, "sso_not_configured",
			  "no connector that accepts tickets is there");
}

static bool
read_token(struct call *c, struct slice *out, struct error *e)
{
	const char *header = http_header(c->req, "Authorization");

	if (!str_istarts(header ? header : "", SCHEME))
		return no_token(c, e);
	return base64_decode(c->arena, slice_str(header + strlen(SCHEME)), 0, MAX_TOKEN, out, e) ||
		error_fault(e, ERR_UNAUTHENTICATED, "ticket_refused", "not base64");
}

static bool
find_owner(struct call *c, struct directory_ticket *ticket, struct person *person, struct error *e)
{
	struct slice token;

	if (!read_token(c, &token, e) || !directory_ticket_check(c, token, ticket, e) ||
		!store_person_by_id(&c->work, ticket->user_id, person, e))
		return false;
	if (ticket->reply.len)
		http_response_header(c->resp, "WWW-Authenticate",
			arena_printf(
				c->arena, SCHEME "%s", base64_encode(c->arena, ticket->reply)));
	return true;
}

// 401 asks for a ticket, once: to a ticket that was refused it would make the browser send the
// same one again, or ask for a password itself. Who has none goes on with the page.
static bool
refuse(struct call *c, const struct flow *flow, const char *principal, struct error *why,
	struct error *e)
{
	bool missing = str_eq(why->fault, "ticket_missing");

	if (!why->fault)
		return flow_problem(c, why, e);
	if (missing)
		http_response_header(c->resp, "WWW-Authenticate", "Negotiate");
	else
		sign_in_record(c, NULL, principal ? principal : "", flow->asked.client_id, "ticket",
			"failure", why->fault);
	sign_in_hide_outage(why);
	if (!sign_in_page(c, flow, flow->asked.login_hint, why, e))
		return false;
	if (missing)
		c->resp->status = 401;
	return true;
}

// GET /signin/domain: who holds this ticket?
bool
winauth_sign_in(struct call *c, struct error *e)
{
	struct directory_ticket ticket = {0};
	struct error why = {0};
	struct person person;
	struct signed_in s;
	struct flow flow;

	if (!flow_read(c, &flow, &why) || (flow.oauth && !flow_check(c, &flow, &why)) ||
		!flow_tenant(&c->work, &why))
		return flow_problem(c, &why, e);
	if (!find_owner(c, &ticket, &person, &why))
		return refuse(c, &flow, ticket.principal, &why, e);
	// The name that Entra's tokens have for it.
	if (!sign_in_begin(c, &person, "domain", "wia", false, &s, e))
		return false;
	if (!s.session.complete || !flow.oauth)
		sign_in_record(c, &person, NULL, flow.asked.client_id, "ticket",
			s.session.complete ? "success" : "interrupted", "");
	return flow_go_on(c, &flow, &s, e);
}
