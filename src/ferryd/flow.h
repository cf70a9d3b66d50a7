// SPDX-License-Identifier: Apache-2.0
// Where a sign-in leads: back to an application that asked for it, or to a page of ours. The
// request rides along in the query of every page and is judged anew by each, so nothing is kept
// meanwhile.
#pragma once

#include "domain/authorize.h"
#include "ferryd/page.h"
#include "ferryd/sign_in.h"
#include "store/clients.h"

struct flow {
	const char *query; // as it came, for the next page
	struct authorize asked;
	struct authorize_plan plan;
	bool oauth; // an application asks; else `next` names a page of ours
	struct client client;
	const struct redirect *redirect;
	const char *next; // "account" or "device"
};

// Read the query. ERR_INVALID or ERR_UNAUTHENTICATED with the fault to show; nothing of it may be
// sent to a redirect URI then (RFC 6749 section 4.1.2.1). Sets the call's tenant for an
// application.
bool flow_read(struct call *c, struct flow *out, struct error *e) MUST_CHECK;
bool flow_read_query(
	struct call *c, const char *query, struct flow *out, struct error *e) MUST_CHECK;

// Is everything else in order? Its error goes to the application: flow_refuse().
bool flow_check(struct call *c, struct flow *flow, struct error *e) MUST_CHECK;

// Tell the application: the code, or why not.
bool flow_answer(struct call *c, const struct flow *flow, const struct signed_in *s,
	struct error *e) MUST_CHECK;
bool flow_refuse(struct call *c, const struct flow *flow, const struct error *why,
	struct error *e) MUST_CHECK;

// Go where the sign-in stands: to the page of what is missing, or to the end of the flow.
bool flow_go_on(struct call *c, const struct flow *flow, const struct signed_in *s,
	struct error *e) MUST_CHECK;

// A page that begins with the error of a step; NULL: none. form_origin is set as the flow needs it.
void flow_page(struct page *p, struct call *c, const struct flow *flow, enum text title,
	const struct error *error);

// A page that says what is wrong with a request, and the answer's status for it.
bool flow_problem(struct call *c, const struct error *why, struct error *e) MUST_CHECK;

// Read the flow and who has begun to sign in. What stands in the way (a bad request, a form of
// another site, nobody signed in) is answered here, and *answered says so.
bool sign_in_step_enter(struct call *c, struct flow *flow, struct signed_in *s, bool *answered,
	struct error *e) MUST_CHECK;

// Set the tenant when none is known: the only one, or ERR_INVALID with the fault to show.
bool flow_tenant(struct work *work, struct error *e) MUST_CHECK;

// federated.c: send the browser to another issuer when domain_hint names one (*left), or offer
// them.
bool federated_hint(
	struct call *c, const struct flow *flow, bool *left, struct error *e) MUST_CHECK;
// Where no browser can be sent anywhere: a name and secret that failed, of a domain that another
// issuer speaks for, fail with the fault signin_federated instead. Always false.
bool federated_elsewhere(struct call *c, const char *name, struct error *why);
void federated_links(struct page *p, const struct flow *flow);

// winauth.c: let the browser prove who is signed in to Windows when domain_hint names a domain
// whose connector accepts tickets (*left), or offer it.
bool winauth_hint(struct call *c, const struct flow *flow, bool *left, struct error *e) MUST_CHECK;
void winauth_link(struct page *p, const struct flow *flow);

// sign_in_pages.c
bool sign_in_page(struct call *c, const struct flow *flow, const char *user_name,
	const struct error *error, struct error *e) MUST_CHECK;
bool choose_page(struct call *c, const struct flow *flow, const struct signed_in *s,
	struct error *e) MUST_CHECK;
