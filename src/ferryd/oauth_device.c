// SPDX-License-Identifier: Apache-2.0
// The device flow (RFC 8628): off unless an administrator allowed it for the application, because
// its codes are what people are tricked with (threats-and-faults.md row 12).
#include "base/str.h"
#include "base/uuid.h"
#include "domain/one_time_code.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"
#include "ferryd/oauth_client.h"
#include "ferryd/oauth_error.h"
#include "store/grants.h"

enum { INTERVAL_SECONDS = 5, TRIES = 8 };
#define GRANT_DEVICE (8 * 60 * US_PER_MIN) // no long refresh

// --- the program's side ---

static bool
make_code(struct call *c, const struct client *client, const char *secret, const char **user_code,
	struct error *e)
{
	const char *scope = http_form(c->req, "scope");
	uint8_t random[CODE_RANDOM];
	char *code;
	bool made = false;

	for (int i = 0; i < TRIES && !made; i++) {
		random_bytes(random, sizeof random);
		if (!code_make(c->arena, CODE_USER, random, &code))
			continue;
		struct device_code in = {
			.sha256 = secret_sha256(c->arena, secret),
			.user_code = code,
			.client_id = client->client_id,
			.scope = scope ? scope : "",
			.address = c->req->peer_address,
			.end_at = c->work.now + USER_CODE_SECONDS * US_PER_S,
		};
		if (!store_device_code_put(&c->work, &in, &made, e))
			return false;
		*user_code = code;
	}
	return made || error_set(e, ERR_INTERNAL, "no free user code was found");
}

static bool
begin(struct call *c, const char **secret, const char **user_code, struct error *e)
{
	struct client client;
	bool proven;

	if (!oauth_client(c, &client, &proven, e) || !oauth_allow_origin(c, &client, e))
		return false;
	if (!client.device_code)
		return error_fault(e, ERR_DENIED, "oauth_client_not_allowed",
			"this application may not use the device flow");
	*secret = secret_new(c->arena);
	return make_code(c, &client, *secret, user_code, e);
}

bool
oauth_device_code(struct call *c, struct error *e)
{
	const char *secret, *code, *page;
	struct error why = {0};
	struct buf body;

	if (!begin(c, &secret, &code, &why))
		return oauth_refuse(c, &why, e);
	page = arena_printf(c->arena, "%s/signin/device", c->service->base_url);
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "user_code", code);
	jsonw_str(&w, "device_code", secret);
	jsonw_str(&w, "verification_uri", page);
	jsonw_int(&w, "expires_in", USER_CODE_SECONDS);
	jsonw_int(&w, "interval", INTERVAL_SECONDS);
	// No verification_uri_complete: a link that only needs a click is what phishers send.
	jsonw_str(&w, "message",
		arena_printf(c->arena,
			"To sign in, use a web browser to open the page %s and enter the code %s "
			"to authenticate.",
			page, code));
	http_response_header(c->resp, "Cache-Control", "no-store");
	return call_send(c, 200, &w, &body, e);
}

// --- the person's side ---

static bool
enter(struct call *c, struct flow *flow, struct signed_in *s, bool *answered, struct error *e)
{
	if (!sign_in_step_enter(c, flow, s, answered, e) || *answered)
		return *answered;
	if (s->session.complete)
		return true;
	*answered = flow_go_on(c, flow, s, e);
	return *answered;
}

static bool
code_page(struct call *c, const struct flow *flow, const struct error *error, struct error *e)
{
	struct page p;

	flow_page(&p, c, flow, TEXT_DEVICE, error);
	page_paragraph(&p, page_text(TEXT_DEVICE_WHY));
	page_form(&p, "/signin/device", "next=device");
	// Typed by hand, not taken from a link.
	page_field(&p,
		&(struct page_field){.name = "user_code",
			.label = TEXT_DEVICE_CODE,
			.type = "text",
			.autocomplete = "off"});
	page_button(&p, NULL, NULL, page_text(TEXT_NEXT), true);
	page_form_end(&p);
	return page_send(&p, error ? (error->code == ERR_LIMIT ? 429 : 400) : 200, e);
}

bool
device_page_get(struct call *c, struct error *e)
{
	struct signed_in s;
	struct flow flow;
	bool answered;

	// So that the sign-in comes back here. A code in the link is dropped: it is to be typed.
	if (!str_eq(c->req->raw_query, "next=device"))
		return page_redirect(c, "/signin/device?next=device");
	if (!enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	return code_page(c, &flow, NULL, e);
}

static void
put_wishes(struct page *p, const char *scope)
{
	struct scope_request r = scope_request_read(scope);

	if (r.all)
		page_fact(p, TEXT_DEVICE_SCOPE, page_text(TEXT_DEVICE_EVERYTHING));
	else if (!r.wanted)
		page_fact(p, TEXT_DEVICE_SCOPE, page_text(TEXT_DEVICE_SELF));
	for (enum scope s = 0; !r.all && s < SCOPE_COUNT; s++)
		if (r.wanted & SCOPE_BIT(s))
			page_fact(p, TEXT_DEVICE_SCOPE, scope_what(s));
}

static bool
confirm_page(struct call *c, const struct flow *flow, const struct signed_in *s,
	const struct device_code *d, struct error *e)
{
	struct page p;

	flow_page(&p, c, flow, TEXT_DEVICE_CONFIRM, NULL);
	page_raw(&p, "<p class=\"warning\">");
	page_escaped(&p, page_text(TEXT_DEVICE_WARNING));
	page_raw(&p, "</p>\n");
	page_fact(&p, TEXT_DEVICE_PROGRAM, d->client_name);
	page_fact(&p, TEXT_DEVICE_CODE, d->user_code);
	page_fact(&p, TEXT_DEVICE_ADDRESS, d->address);
	page_fact(&p, TEXT_DEVICE_AT, clock_rfc3339(c->arena, d->created_at));
	page_fact(&p, TEXT_USER_NAME, s->person.upn);
	put_wishes(&p, d->scope);
	page_form(&p, "/signin/device", "next=device");
	page_hidden(&p, "user_code", d->user_code);
	page_button(&p, "answer", "no", page_text(TEXT_DEVICE_NO), true);
	page_button(&p, "answer", "yes", page_text(TEXT_DEVICE_YES), false);
	page_form_end(&p);
	return page_send(&p, 200, e);
}

static bool
done_page(struct call *c, enum text why, struct error *e)
{
	struct page p;

	page_begin(&p, c, TEXT_DEVICE_DONE, NULL);
	page_paragraph(&p, page_text(why));
	return page_send(&p, 200, e);
}

static bool
settle(struct call *c, const struct signed_in *s, const struct device_code *d, bool yes,
	struct error *e)
{
	struct grant grant = {
		.grant_id = uuid_new(c->arena),
		.client_id = d->client_id,
		.user_id = s->person.user_id,
		.flow = "device_code",
		.scope = d->scope,
		.amr = s->session.amr,
		.signed_in_at = s->session.signed_in_at,
		.end_at = c->work.now + GRANT_DEVICE,
	};

	if (!store_device_code_settle(&c->work, d->sha256, yes ? &grant : NULL, e))
		return false;
	sign_in_record(c, &s->person, NULL, d->client_id, "device_code",
		yes ? "success" : "failure", yes ? "" : "oauth_device_code_denied");
	return true;
}

// Guesses are counted by person: five are free, then each costs more time than the one before.
static bool
find(struct call *c, const struct signed_in *s, struct device_code *out, struct error *e)
{
	const char *code = code_read(c->arena, CODE_USER, http_form(c->req, "user_code"));
	struct attempt attempt = sign_in_attempt(c, "usercode", s->person.user_id, NULL);

	attempt.browser_sha256 = NULL;
	if (!sign_in_may_try(c, &attempt, e))
		return false;
	if (!code)
		return error_fault(e, ERR_NOT_FOUND, "user_code_unknown", "this cannot be a code");
	return store_device_code_find(&c->work, code, out, e) &&
		store_attempt_good(&c->work, &attempt, e);
}

bool
device_page_post(struct call *c, struct error *e)
{
	const char *answer = http_form(c->req, "answer");
	struct error why = {0};
	struct device_code d;
	struct signed_in s;
	struct flow flow;
	bool answered;

	if (!enter(c, &flow, &s, &answered, e) || answered)
		return answered;
	bool ok = find(c, &s, &d, &why);
	if (ok && !answer)
		return confirm_page(c, &flow, &s, &d, e);
	if (ok && settle(c, &s, &d, str_eq(answer, "yes"), &why))
		return done_page(c,
			str_eq(answer, "yes") ? TEXT_DEVICE_DONE_WHY : TEXT_DEVICE_REFUSED_WHY, e);
	return why.fault ? code_page(c, &flow, &why, e) : flow_problem(c, &why, e);
}
