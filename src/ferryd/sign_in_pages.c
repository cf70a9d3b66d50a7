// SPDX-License-Identifier: Apache-2.0
// The pages of a sign-in: who are you, prove it, prove it again.
#include "base/log.h"
#include "base/str.h"
#include "domain/one_time_code.h"
#include "domain/totp.h"
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

// A pass is a second factor by itself (behaviour E18): it was handed over by an administrator.
static bool
check_pass(struct call *c, const struct person *user, const char *typed,
	enum sign_in_result *result, struct error *e)
{
	const char *code = code_read(c->arena, CODE_PASS, typed);
	bool used = false;

	*result = SIGN_IN_DENIED;
	if (!code || !user || !str_eq(user->source, "ferry"))
		return true;
	if (!store_pass_use(&c->work, user->user_id, secret_sha256(c->arena, code), &used, e))
		return false;
	*result = used ? SIGN_IN_ACCEPTED : SIGN_IN_DENIED;
	return true;
}

static bool
find_person(struct call *c, const char *name, struct person *out, struct person **found,
	struct error *e)
{
	*found = NULL;
	if (store_person_by_upn(&c->work, name, out, e)) {
		*found = out;
		return true;
	}
	return str_eq(e->fault, "user_unknown");
}

// That a domain controller does not answer is not the person's mistake.
static bool
could_not(struct call *c, const struct attempt *attempt, const struct error *why)
{
	struct error e;

	if ((why->code == ERR_UNAVAILABLE || why->code == ERR_TIMEOUT) &&
		!store_attempt_void(&c->work, attempt, &e))
		log_warn("an attempt stays counted: %s", e.message);
	return false;
}

// The credential itself. False with the fault that the page shows; the same for a wrong name, a
// wrong password and a pass that is over.
static bool
check_credential(
	struct call *c, const char *name, bool pass, struct person *person, struct error *e)
{
	const char *secret = http_form(c->req, "password");
	struct person *found;
	enum sign_in_result result;

	if (str_empty(name) || str_empty(secret))
		return error_fault(e, ERR_UNAUTHENTICATED, "sign_in_failed", "nothing was typed");
	if (!find_person(c, name, person, &found, e))
		return false;
	struct attempt attempt = sign_in_attempt(
		c, "password", str_lower(c->arena, name), found ? found->user_id : NULL);
	if (!sign_in_may_try(c, &attempt, e))
		return false;
	if (found)
		c->work.tenant_id = found->tenant_id;
	if (!(pass ? check_pass(c, found, secret, &result, e)
		   : sign_in_check_password(c, found, &attempt, secret, &result, e)))
		return could_not(c, &attempt, e);
	if (result != SIGN_IN_ACCEPTED)
		return error_fault(
			e, ERR_UNAUTHENTICATED, "sign_in_failed", "wrong name or secret");
	// Only who knows the password learns that the account is disabled.
	if (!person->enabled)
		return error_fault(e, ERR_DENIED, "account_disabled", "the account is disabled");
	return sign_in_was_good(c, &attempt, e);
}

// That a domain has locked or disabled an account is its answer to any password, so strangers get
// the same as for a wrong one. The record of sign-ins has the true cause.
static void
soften(struct error *why)
{
	if (str_eq(why->fault, "signin_locked") || str_eq(why->fault, "signin_disabled"))
		error_fault(why, ERR_UNAUTHENTICATED, "sign_in_failed", "refused by the domain");
	sign_in_hide_outage(why);
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
	if (!check_credential(c, name, pass, &person, &why)) {
		if (!why.fault)
			return flow_problem(c, &why, e);
		sign_in_record(c, person.user_id ? &person : NULL, name ? name : "",
			flow.asked.client_id, method, "failure", why.fault);
		if (str_eq(person.source, "domain"))
			soften(&why);
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

static bool
check_second_factor(struct call *c, const struct signed_in *s, bool recovery, struct error *e)
{
	const char *typed = http_form(c->req, "code"), *user = s->person.user_id;
	struct attempt attempt = sign_in_attempt(c, "mfa", user, user);
	bool used = false;
	int64_t step;

	if (!sign_in_may_try(c, &attempt, e))
		return false;
	if (recovery) {
		const char *code = code_read(c->arena, CODE_RECOVERY, typed);
		if (code &&
			!store_recovery_use(
				&c->work, user, secret_sha256(c->arena, code), &used, e))
			return false;
	} else if (totp_match(s->factors.totp_secret, typed, c->work.now, s->factors.totp_step,
			   &step) &&
		!store_totp_use(&c->work, user, step, &used, e))
		return false;
	if (!used)
		return error_fault(e, ERR_UNAUTHENTICATED, "mfa_code_wrong",
			"the code is wrong, too old, or was used before");
	return sign_in_was_good(c, &attempt, e);
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
	if (!check_second_factor(c, &s, recovery, &why)) {
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
