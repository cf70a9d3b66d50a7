// SPDX-License-Identifier: Apache-2.0
// Where an application sends a person to sign in (RFC 6749 section 4.1, OpenID Connect Core 3.1.2).
#include "base/str.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"

enum { POST_MAX = 8 << 10 };

static bool
needed(struct call *c, const struct flow *flow, const char *fault, const char *says,
	struct error *e)
{
	struct error why = {0};

	error_fault(&why, ERR_UNAUTHENTICATED, fault, "%s", says);
	return flow_refuse(c, flow, &why, e);
}

static bool
is_fresh(struct call *c, const struct flow *flow, const struct signed_in *s)
{
	int64_t most = flow->plan.max_age_s;

	return most < 0 || c->work.now - s->session.signed_in_at <= most * US_PER_S;
}

// A session of somebody else than asked for, or of another organization, is none.
static bool
is_meant(const struct flow *flow, const struct signed_in *s)
{
	const char *hint = flow->asked.login_hint;

	return str_eq(s->person.tenant_id, flow->client.tenant_id) &&
		(str_empty(hint) || str_ieq(hint, s->person.upn));
}

static bool
with_session(struct call *c, const struct flow *flow, const struct signed_in *s, struct error *e)
{
	if (flow->plan.prompt == PROMPT_SELECT)
		return choose_page(c, flow, s, e);
	if (s->session.complete)
		return flow_answer(c, flow, s, e);
	if (flow->plan.prompt == PROMPT_NONE)
		return needed(
			c, flow, "oauth_interaction_needed", "the sign-in is not finished", e);
	return flow_go_on(c, flow, s, e);
}

bool
oauth_authorize(struct call *c, struct error *e)
{
	struct error why = {0};
	struct signed_in s;
	struct flow flow;
	bool left;

	if (!flow_read(c, &flow, &why))
		return flow_problem(c, &why, e);
	if (!flow.oauth) {
		error_fault(&why, ERR_INVALID, "oauth_request_invalid", "client_id is missing");
		return flow_problem(c, &why, e);
	}
	if (!flow_check(c, &flow, &why))
		return flow_refuse(c, &flow, &why, e);
	bool session = sign_in_current(c, &s, &why);
	if (!session && !str_eq(why.fault, "session_expired"))
		return flow_refuse(c, &flow, &why, e);
	c->work.tenant_id = flow.client.tenant_id;
	session = session && is_meant(&flow, &s) && is_fresh(c, &flow, &s);
	if (session && flow.plan.prompt != PROMPT_LOGIN)
		return with_session(c, &flow, &s, e);
	if (flow.plan.prompt == PROMPT_NONE)
		return needed(c, &flow, "oauth_sign_in_needed", "nobody is signed in", e);
	if (!federated_hint(c, &flow, &left, &why) ||
		(!left && !winauth_hint(c, &flow, &left, &why)))
		return flow_problem(c, &why, e);
	return left || sign_in_page(c, &flow, flow.asked.login_hint, NULL, e);
}

// The same by POST (OpenID Connect Core 3.1.2.1): one way is enough to judge, so it becomes a GET.
bool
oauth_authorize_post(struct call *c, struct error *e)
{
	struct slice body = c->req->body;
	struct error why = {0};

	for (size_t i = 0; i < body.len; i++)
		if (body.data[i] <= ' ' || body.data[i] > '~' || body.data[i] == '#' ||
			body.len > POST_MAX) {
			error_fault(&why, ERR_INVALID, "oauth_request_invalid",
				"the body is not a form");
			return flow_problem(c, &why, e);
		}
	return page_redirect(c,
		arena_printf(c->arena, "%s?%.*s", c->req->path, (int)body.len,
			body.len ? (const char *)body.data : ""));
}
