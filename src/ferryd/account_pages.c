// SPDX-License-Identifier: Apache-2.0
// What a person does with the own account: password, authenticator app, signing out.
#include "base/str.h"
#include "base/uuid.h"
#include "domain/one_time_code.h"
#include "domain/password.h"
#include "domain/totp.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"
#include "ferryd/organization.h"
#include "ferryd/password_work.h"

// For how long after a sign-in the factors may be changed without signing in again.
#define FRESH (15 * US_PER_MIN)

static bool
enter(struct call *c, struct flow *flow, struct signed_in *s, bool *answered, struct error *e)
{
	return sign_in_step_enter(c, flow, s, answered, e);
}

// --- account ---

bool
account_get(struct call *c, struct error *e)
{
	struct signed_in s;
	struct flow flow;
	struct page p;
	bool answered;

	if (!enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	if (!s.session.complete)
		return flow_go_on(c, &flow, &s, e);
	flow_page(&p, c, &flow, TEXT_ACCOUNT, NULL);
	page_paragraph(&p,
		arena_printf(c->arena, "%s%s (%s)", page_text(TEXT_ACCOUNT_AS),
			s.person.display_name, s.person.upn));
	if (str_eq(s.person.source, "ferry"))
		page_link(&p, "/signin/password", "", page_text(TEXT_CHANGE));
	page_link(&p, "/signin/setup", "", page_text(TEXT_SET_UP));
	page_link(&p, "/signin/device", "", page_text(TEXT_DEVICE_LINK));
	page_form(&p, "/signin/account", "");
	page_button(&p, "out", "here", page_text(TEXT_SIGN_OUT), true);
	page_button(&p, "out", "everywhere", page_text(TEXT_SIGN_OUT_ALL), false);
	page_form_end(&p);
	return page_send(&p, 200, e);
}

static bool
signed_out_page(struct call *c, struct error *e)
{
	struct page p;

	page_begin(&p, c, TEXT_SIGNED_OUT, NULL);
	page_paragraph(&p, page_text(TEXT_SIGNED_OUT_WHY));
	page_link(&p, "/signin", "", page_text(TEXT_SIGN_IN));
	return page_send(&p, 200, e);
}

bool
account_post(struct call *c, struct error *e)
{
	struct signed_in s;
	struct flow flow;
	bool answered;

	if (!enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	if (str_eq(http_form(c->req, "out"), "everywhere") &&
		!store_sign_out_everywhere(&c->work, s.person.user_id, "signed_out", e))
		return false;
	return sign_in_end(c, e) && signed_out_page(c, e);
}

// --- signing out for an application (OpenID Connect RP-Initiated Logout 1.0) ---

// Where to go then, if the application registered it; NULL: nowhere.
static const char *
after_logout(struct call *c)
{
	const char *uri = http_query(c->req, "post_logout_redirect_uri");
	const char *client_id = http_query(c->req, "client_id");
	struct client client;
	struct error ignored;

	if (!uri || !client_id || !store_client_get(&c->work, client_id, &client, &ignored))
		return NULL;
	for (size_t i = 0; i < client.redirect_count; i++)
		if (redirect_matches(client.redirects[i].kind, client.redirects[i].uri, uri))
			return uri;
	return NULL;
}

// Asked before it is done, so that no other site can sign people out with an image.
bool
logout_get(struct call *c, struct error *e)
{
	const char *uri = after_logout(c);
	struct page p;

	page_begin(&p, c, TEXT_SIGN_OUT, NULL);
	p.form_origin = uri ? uri_origin(c->arena, uri) : NULL;
	page_paragraph(&p, page_text(TEXT_SIGN_OUT_WHY));
	page_form(&p, c->req->path, c->req->raw_query);
	page_button(&p, NULL, NULL, page_text(TEXT_SIGN_OUT), true);
	page_form_end(&p);
	return page_send(&p, 200, e);
}

bool
logout_post(struct call *c, struct error *e)
{
	const char *uri = after_logout(c), *state = http_query(c->req, "state");
	struct error why = {0};

	if (!page_check_form(c, &why))
		return flow_problem(c, &why, e);
	if (!sign_in_end(c, e))
		return false;
	if (!uri)
		return signed_out_page(c, e);
	return page_redirect(c,
		!state || !uuid_valid(state) ? uri
					     : arena_printf(c->arena, "%s%cstate=%s", uri,
						       strchr(uri, '?') ? '&' : '?', state));
}

// --- password ---

static size_t
min_length(struct call *c)
{
	size_t set = c->service->sign_in.min_password;

	return set ? set : PASSWORD_MIN_DEFAULT;
}

static bool
password_page(struct call *c, const struct flow *flow, const struct signed_in *s,
	const struct error *error, struct error *e)
{
	struct page p;

	flow_page(&p, c, flow, TEXT_CHANGE, error);
	if (!s->session.complete)
		page_paragraph(&p, page_text(TEXT_CHANGE_WHY));
	page_paragraph(
		&p, arena_printf(c->arena, "%s%zu.", page_text(TEXT_CHANGE_LENGTH), min_length(c)));
	page_form(&p, "/signin/password", flow->query);
	// Password managers want to know whose password this is.
	page_raw(&p,
		"<input type=\"text\" name=\"username\" autocomplete=\"username\" hidden value=\"");
	page_escaped(&p, s->person.upn);
	page_raw(&p, "\">\n");
	if (s->session.complete && !str_empty(s->factors.password_hash))
		page_field(&p,
			&(struct page_field){.name = "current",
				.label = TEXT_PASSWORD_NOW,
				.type = "password",
				.autocomplete = "current-password"});
	page_field(&p,
		&(struct page_field){.name = "new",
			.label = TEXT_PASSWORD_NEW,
			.type = "password",
			.autocomplete = "new-password"});
	page_field(&p,
		&(struct page_field){.name = "again",
			.label = TEXT_PASSWORD_AGAIN,
			.type = "password",
			.autocomplete = "new-password"});
	page_button(&p, NULL, NULL, page_text(TEXT_CHANGE), true);
	page_form_end(&p);
	return page_send(&p, error ? (error->code == ERR_LIMIT ? 429 : 400) : 200, e);
}

// Whose password may be changed now: a finished session's, or one whose step it is.
static bool
may_change(struct call *c, const struct signed_in *s)
{
	return str_eq(s->person.source, "ferry") &&
		(s->session.complete || sign_in_missing(c, s) == STEP_CHANGE_PASSWORD);
}

bool
password_get(struct call *c, struct error *e)
{
	struct signed_in s;
	struct flow flow;
	bool answered;

	if (!enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	return may_change(c, &s) ? password_page(c, &flow, &s, NULL, e)
				 : flow_go_on(c, &flow, &s, e);
}

static bool
check_current(struct call *c, const struct signed_in *s, struct error *e)
{
	const char *user = s->person.user_id;
	struct attempt attempt = sign_in_attempt(c, "password", user, user);
	enum sign_in_result result;

	if (!s->session.complete || str_empty(s->factors.password_hash))
		return true;
	if (!sign_in_may_try(c, &attempt, e) ||
		!sign_in_check_password(
			c, &s->person, &attempt, http_form(c->req, "current"), &result, e))
		return false;
	if (result != SIGN_IN_ACCEPTED)
		return error_fault(
			e, ERR_UNAUTHENTICATED, "password_wrong", "the current password is wrong");
	return sign_in_was_good(c, &attempt, e);
}

static bool
change_password(struct call *c, struct signed_in *s, struct error *e)
{
	const char *fresh = http_form(c->req, "new"), *again = http_form(c->req, "again"), *hash;
	struct password_rules rules = {.min_length = c->service->sign_in.min_password};
	bool same;

	if (!check_current(c, s, e))
		return false;
	if (!fresh || !str_eq(fresh, again))
		return error_fault(e, ERR_INVALID, "password_differs", "two different texts");
	if (!password_check(c->arena, &rules, fresh, s->person.upn, s->person.display_name, e) ||
		!password_work_check(c, s->factors.password_hash, fresh, &same, e))
		return false;
	if (same)
		return error_fault(e, ERR_INVALID, "password_same", "the password stays the same");
	return password_work_hash(c, fresh, &hash, e) &&
		store_password_put(
			&c->work, s->person.user_id, hash, false, s->session.sha256, e) &&
		sign_in_advance(c, s, NULL, e);
}

bool
password_post(struct call *c, struct error *e)
{
	struct error why = {0};
	struct signed_in s;
	struct flow flow;
	bool answered;

	if (!enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	if (!may_change(c, &s))
		return flow_go_on(c, &flow, &s, e);
	if (!change_password(c, &s, &why))
		return why.fault ? password_page(c, &flow, &s, &why, e) : flow_problem(c, &why, e);
	sign_in_record(c, &s.person, NULL, flow.asked.client_id, "password", "success",
		"password_changed");
	return flow_go_on(c, &flow, &s, e);
}

// --- authenticator app ---

// In groups of four, as it is typed.
static const char *
grouped(struct arena *arena, const char *key)
{
	struct buf out;

	buf_init(&out, arena, 128);
	for (size_t i = 0; key[i]; i++)
		buf_printf(&out, "%s%c", i && i % 4 == 0 ? " " : "", key[i]);
	return buf_text(&out);
}

static bool
setup_page(struct call *c, const struct flow *flow, const struct signed_in *s,
	const struct error *error, struct error *e)
{
	struct page p;

	flow_page(&p, c, flow, TEXT_SET_UP, error);
	page_paragraph(&p, page_text(TEXT_SET_UP_WHY));
	if (!page_qr(&p,
		    totp_uri(c->arena, organization_name(c), s->person.upn, s->session.pending), e))
		return false;
	page_fact(&p, TEXT_SET_UP_KEY,
		grouped(c->arena, base32_encode(c->arena, s->session.pending)));
	page_form(&p, "/signin/setup", flow->query);
	page_field(&p,
		&(struct page_field){.name = "code",
			.label = TEXT_MFA_CODE,
			.type = "text",
			.autocomplete = "one-time-code",
			.digits = true});
	page_button(&p, NULL, NULL, page_text(TEXT_VERIFY), true);
	page_form_end(&p);
	return page_send(&p, error ? 400 : 200, e);
}

// An app may be replaced only by who has just proven to have the old one.
static bool
may_set_up(struct call *c, const struct signed_in *s)
{
	if (!s->session.complete)
		return sign_in_missing(c, s) == STEP_SET_UP_MFA;
	return (s->session.strong || !s->factors.totp_secret.len) &&
		c->work.now - s->session.signed_in_at < FRESH;
}

static bool
setup_enter(struct call *c, struct flow *flow, struct signed_in *s, bool *answered, struct error *e)
{
	if (!enter(c, flow, s, answered, e) || *answered)
		return *answered;
	if (may_set_up(c, s))
		return true;
	*answered = s->session.complete ? sign_in_page(c, flow, s->person.upn, NULL, e)
					: flow_go_on(c, flow, s, e);
	return *answered;
}

bool
setup_get(struct call *c, struct error *e)
{
	struct signed_in s;
	struct flow flow;
	bool answered;

	if (!setup_enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	if (!s.session.pending.len) {
		uint8_t *secret = arena_alloc(c->arena, TOTP_SECRET_LEN);
		random_bytes(secret, TOTP_SECRET_LEN);
		s.session.pending = slice_of(secret, TOTP_SECRET_LEN);
		if (!store_sign_in_pending(&c->work, s.session.sha256, s.session.pending, e))
			return false;
	}
	return setup_page(c, &flow, &s, NULL, e);
}

static void
make_codes(struct call *c, const char *codes[RECOVERY_CODES], const char *hashes[RECOVERY_CODES])
{
	uint8_t random[CODE_RANDOM];
	char *code;

	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		do
			random_bytes(random, sizeof random);
		while (!code_make(c->arena, CODE_RECOVERY, random, &code));
		codes[i] = code;
		hashes[i] = secret_sha256(c->arena, code);
	}
}

static bool
codes_page(
	struct call *c, const struct flow *flow, const char *codes[RECOVERY_CODES], struct error *e)
{
	struct page p;

	flow_page(&p, c, flow, TEXT_CODES, NULL);
	page_paragraph(&p, page_text(TEXT_CODES_WHY));
	page_raw(&p, "<ol>\n");
	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		page_raw(&p, "<li>");
		page_escaped(&p, codes[i]);
		page_raw(&p, "</li>\n");
	}
	page_raw(&p, "</ol>\n");
	page_form(&p, "/signin/continue", flow->query);
	page_button(&p, NULL, NULL, page_text(TEXT_CODES_KEPT), true);
	page_form_end(&p);
	return page_send(&p, 200, e);
}

bool
setup_post(struct call *c, struct error *e)
{
	const char *codes[RECOVERY_CODES], *hashes[RECOVERY_CODES];
	struct error why = {0};
	struct signed_in s;
	struct flow flow;
	bool answered;
	int64_t step;

	if (!setup_enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	if (!s.session.pending.len)
		return page_redirect(c, "/signin/setup");
	if (!totp_match(s.session.pending, http_form(c->req, "code"), c->work.now, 0, &step)) {
		error_fault(&why, ERR_UNAUTHENTICATED, "mfa_code_wrong",
			"the code does not belong to the key");
		return setup_page(c, &flow, &s, &why, e);
	}
	make_codes(c, codes, hashes);
	if (!store_totp_put(&c->work, s.person.user_id, s.session.pending, step, hashes,
		    RECOVERY_CODES, e) ||
		!sign_in_advance(c, &s, "otp mfa", e))
		return false;
	sign_in_record(c, &s.person, NULL, flow.asked.client_id, "totp", "success", "mfa_set_up");
	return codes_page(c, &flow, codes, e);
}
