// SPDX-License-Identifier: Apache-2.0
// The pages of a sign-in: who are you, prove it, prove it again.
#include "base/log.h"
#include "base/str.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"

#define PASS_MODE "pass"
#define RECOVERY_MODE "recovery"

static int
page_status(const struct error *error)
{
	if (!error)
		return 200;
	if (error->code == ERR_UNAVAILABLE || error->code == ERR_TIMEOUT)
		return 503;
	return error->code == ERR_LIMIT ? 429 : 400;
}

// --- who are you ---

bool
sign_in_page(struct call *c, const struct flow *flow, const char *user_name,
	const struct error *error, struct error *e)
{
	bool pass = str_eq(http_query(c->req, "mode"), PASS_MODE);
	struct page p;

	flow_page(&p, c, flow, TEXT_SIGN_IN, error);
	if (flow->oauth)
		page_paragraph(&p,
			arena_printf(
				c->arena, "%s%s", page_text(TEXT_SIGN_IN_TO), flow->client.name));
	page_form(&p, "/signin", flow->query);
	page_field(&p,
		&(struct page_field){.name = "username",
			.label = TEXT_USER_NAME,
			.type = "text",
			.autocomplete = "username",
			.value = user_name,
			.hint = page_text(TEXT_USER_NAME_HINT)});
	page_field(&p,
		&(struct page_field){.name = "password",
			.label = pass ? TEXT_PASS : TEXT_PASSWORD,
			.type = "password",
			.autocomplete = pass ? "one-time-code" : "current-password"});
	page_button(&p, NULL, NULL, page_text(TEXT_SIGN_IN), true);
	page_form_end(&p);
	// The mode is first in the query, where its first value counts.
	const char *query = flow->query;
	if (str_starts(query, "mode=" PASS_MODE))
		query += strlen("mode=" PASS_MODE) + (query[strlen("mode=" PASS_MODE)] == '&');
	else
		query = arena_printf(c->arena, "mode=" PASS_MODE "%s%s", *query ? "&" : "", query);
	page_link(&p, "/signin", query, page_text(pass ? TEXT_USE_PASSWORD : TEXT_USE_PASS));
	federated_links(&p, flow);
	winauth_link(&p, flow);
	return page_send(&p, page_status(error), e);
}

bool
choose_page(struct call *c, const struct flow *flow, const struct signed_in *s, struct error *e)
{
	struct page p;

	flow_page(&p, c, flow, TEXT_CHOOSE, NULL);
	page_form(&p, "/signin/choose", flow->query);
	page_button(&p, "choice", "same",
		arena_printf(c->arena, "%s%s", page_text(TEXT_CONTINUE_AS), s->person.upn), true);
	page_button(&p, "choice", "other", page_text(TEXT_OTHER_ACCOUNT), false);
	page_form_end(&p);
	return page_send(&p, 200, e);
}

// Read the flow of a page. A problem with it is answered here, and *answered says so; false when
// not even that could be done.
static bool
enter(struct call *c, struct flow *flow, bool *answered, struct error *e)
{
	struct error why = {0};

	*answered = false;
	if (flow_read(c, flow, &why) && (!flow->oauth || flow_check(c, flow, &why)) &&
		(!str_eq(c->req->method, "POST") || page_check_form(c, &why)))
		return true;
	*answered = flow_problem(c, &why, e);
	return *answered;
}

bool
sign_in_get(struct call *c, struct error *e)
{
	struct flow flow;
	bool answered;

	if (!enter(c, &flow, &answered, e) || answered)
		return answered;
	return sign_in_page(c, &flow, flow.asked.login_hint, NULL, e);
}

bool
sign_in_post(struct call *c, struct error *e)
{
	bool pass = str_eq(http_query(c->req, "mode"), PASS_MODE), answered;
	const char *name = http_form(c->req, "username"), *method = pass ? "pass" : "password";
	struct error why = {0};
	struct person person = {0};
	struct signed_in s;
	struct flow flow;

	if (!enter(c, &flow, &answered, e) || answered)
		return answered;
	if (!sign_in_credential(c, name, http_form(c->req, "password"), pass, &person, &why)) {
		if (!why.fault)
			return flow_problem(c, &why, e);
		sign_in_record(c, person.user_id ? &person : NULL, name ? name : "",
			flow.asked.client_id, method, "failure", why.fault);
		if (str_eq(person.source, "domain"))
			sign_in_soften(&why);
		return sign_in_page(c, &flow, name, &why, e);
	}
	if (!sign_in_begin(c, &person, person.source, pass ? "otp mfa" : "pwd", pass, &s, e))
		return false;
	if (!s.session.complete || !flow.oauth)
		sign_in_record(c, &person, NULL, flow.asked.client_id, method,
			s.session.complete ? "success" : "interrupted", "");
	return flow_go_on(c, &flow, &s, e);
}

bool
sign_in_choose(struct call *c, struct error *e)
{
	struct error why = {0};
	struct signed_in s;
	struct flow flow;
	bool answered;

	if (!enter(c, &flow, &answered, e) || answered)
		return answered;
	if (!str_eq(http_form(c->req, "choice"), "same") || !sign_in_current(c, &s, &why))
		return sign_in_page(c, &flow, NULL, NULL, e);
	return flow_go_on(c, &flow, &s, e);
}

// --- steps: someone has begun to sign in ---

bool
sign_in_step_enter(
	struct call *c, struct flow *flow, struct signed_in *s, bool *answered, struct error *e)
{
	struct error why = {0};

	if (!enter(c, flow, answered, e) || *answered)
		return *answered;
	if (sign_in_current(c, s, &why))
		return true;
	*answered = str_eq(why.fault, "session_expired")
		? sign_in_page(c, flow, flow->asked.login_hint,
			  str_eq(c->req->method, "POST") ? &why : NULL, e)
		: flow_problem(c, &why, e);
	return *answered;
}

bool
sign_in_continue(struct call *c, struct error *e)
{
	struct signed_in s;
	struct flow flow;
	bool answered;

	if (!sign_in_step_enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	return flow_go_on(c, &flow, &s, e);
}

static bool
mfa_page(struct call *c, const struct flow *flow, const struct error *error, struct error *e)
{
	bool recovery = str_eq(http_query(c->req, "mode"), RECOVERY_MODE);
	const char *query = flow->query;
	struct page p;

	flow_page(&p, c, flow, recovery ? TEXT_RECOVERY : TEXT_MFA, error);
	page_paragraph(&p, page_text(recovery ? TEXT_RECOVERY_WHY : TEXT_MFA_WHY));
	page_form(&p, "/signin/mfa", query);
	page_field(&p,
		&(struct page_field){.name = "code",
			.label = recovery ? TEXT_RECOVERY_CODE : TEXT_MFA_CODE,
			.type = "text",
			.autocomplete = "one-time-code",
			.digits = !recovery});
	page_button(&p, NULL, NULL, page_text(TEXT_VERIFY), true);
	page_form_end(&p);
	if (str_starts(query, "mode=" RECOVERY_MODE))
		query += strlen("mode=" RECOVERY_MODE) +
			(query[strlen("mode=" RECOVERY_MODE)] == '&');
	else
		query = arena_printf(
			c->arena, "mode=" RECOVERY_MODE "%s%s", *query ? "&" : "", query);
	page_link(&p, "/signin/mfa", query, page_text(recovery ? TEXT_USE_APP : TEXT_USE_RECOVERY));
	return page_send(&p, page_status(error), e);
}

bool
mfa_get(struct call *c, struct error *e)
{
	struct signed_in s;
	struct flow flow;
	bool answered;

	if (!sign_in_step_enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	if (s.session.complete || sign_in_missing(c, &s) != STEP_MFA)
		return flow_go_on(c, &flow, &s, e);
	return mfa_page(c, &flow, NULL, e);
}

bool
mfa_post(struct call *c, struct error *e)
{
	bool recovery = str_eq(http_query(c->req, "mode"), RECOVERY_MODE), answered;
	const char *method = recovery ? "recovery" : "totp";
	struct error why = {0};
	struct signed_in s;
	struct flow flow;

	if (!sign_in_step_enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	if (s.session.complete || sign_in_missing(c, &s) != STEP_MFA)
		return flow_go_on(c, &flow, &s, e);
	if (!sign_in_second_factor(
		    c, &s.person, &s.factors, http_form(c->req, "code"), recovery, &why)) {
		if (!why.fault)
			return flow_problem(c, &why, e);
		sign_in_record(
			c, &s.person, NULL, flow.asked.client_id, method, "failure", why.fault);
		return mfa_page(c, &flow, &why, e);
	}
	if (!sign_in_advance(c, &s, "otp mfa", e))
		return false;
	if (!flow.oauth || !s.session.complete)
		sign_in_record(c, &s.person, NULL, flow.asked.client_id, method,
			s.session.complete ? "success" : "interrupted", "");
	return flow_go_on(c, &flow, &s, e);
}
