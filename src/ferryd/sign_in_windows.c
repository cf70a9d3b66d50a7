// SPDX-License-Identifier: Apache-2.0
// Signing in with the Kerberos ticket that a person got when signing in to the domain (RFC 4559).
#include "base/str.h"
#include "codec/base64.h"
#include "ferryd/directory_check.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"
#include "store/sync.h"

// A browser without ticket, or that may not use it here, shows this page.
static bool
ask(struct call *c, const struct flow *flow, struct error *e)
{
	struct page p;

	flow_page(&p, c, flow, TEXT_WINDOWS, NULL);
	page_paragraph(&p, page_text(TEXT_WINDOWS_WHY));
	page_link(&p, "/signin", flow->query, page_text(TEXT_USE_PASSWORD));
	http_response_header(c->resp, "WWW-Authenticate", "Negotiate");
	return page_send(&p, 401, e);
}

static bool
check_ticket(struct call *c, struct slice token, struct person *person, struct error *e)
{
	struct directory_ticket ticket;

	if (!directory_ticket_check(c, token, &ticket, e) ||
		!store_person_by_id(&c->work, ticket.user_id, person, e))
		return false;
	if (ticket.reply.len)
		http_response_header(c->resp, "WWW-Authenticate",
			arena_printf(
				c->arena, "Negotiate %s", base64_encode(c->arena, ticket.reply)));
	return true;
}

bool
sign_in_windows(struct call *c, struct error *e)
{
	struct error why = {0};
	struct person person = {0};
	struct signed_in s;
	struct slice token;
	struct flow flow;

	if (!flow_read(c, &flow, &why) || (flow.oauth && !flow_check(c, &flow, &why)) ||
		!flow_tenant(&c->work, &why) || !winauth_token(c, &token, &why))
		return flow_problem(c, &why, e);
	if (token.len == 0)
		return ask(c, &flow, e);
	if (!check_ticket(c, token, &person, &why)) {
		if (!why.fault)
			return flow_problem(c, &why, e);
		sign_in_record(c, NULL, "", flow.asked.client_id, "kerberos", "failure", why.fault);
		return sign_in_page(c, &flow, NULL, &why, e);
	}
	// RFC 8176: Windows integrated authentication.
	if (!sign_in_begin(c, &person, person.source, "wia", false, &s, e))
		return false;
	if (!s.session.complete || !flow.oauth)
		sign_in_record(c, &person, NULL, flow.asked.client_id, "kerberos",
			s.session.complete ? "success" : "interrupted", "");
	return flow_go_on(c, &flow, &s, e);
}

// Only where a connector could check the ticket.
void
windows_link(struct page *p, const struct flow *flow)
{
	struct work work = p->call->work;
	struct sync_connector *list;
	struct error ignored;
	size_t count = 0;

	if (flow_tenant(&work, &ignored) &&
		store_sync_connectors(&work, NULL, &list, &count, &ignored) && count > 0)
		page_link(p, "/signin/windows", flow->query, page_text(TEXT_WINDOWS));
}
