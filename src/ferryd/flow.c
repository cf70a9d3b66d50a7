// SPDX-License-Identifier: Apache-2.0
#include "ferryd/flow.h"

#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "domain/fault.h"
#include "ferryd/oauth_error.h"
#include "ferryd/oauth_tenant.h"
#include "store/grants.h"

enum { CODE_SECONDS = 60, URI_MAX = 16 << 10 };
#define GRANT_WEB (90 * US_PER_DAY)
#define GRANT_SPA US_PER_DAY // RFC 9700 section 4.14: what a page can keep safe

static bool
find_redirect(struct flow *flow, struct error *e)
{
	const struct client *client = &flow->client;

	for (size_t i = 0; i < client->redirect_count; i++)
		if (redirect_matches(client->redirects[i].kind, client->redirects[i].uri,
			    flow->asked.redirect_uri)) {
			flow->redirect = &client->redirects[i];
			return true;
		}
	return error_fault(e, ERR_INVALID, "oauth_redirect_unknown",
		"the redirect URI is not registered for this application");
}

static const char *
page_named(const char *next)
{
	return str_eq(next, "device") ? "device" : "account";
}

bool
flow_read(struct call *c, struct flow *out, struct error *e)
{
	return flow_read_query(c, c->req->raw_query, out, e);
}

bool
flow_read_query(struct call *c, const char *query, struct flow *out, struct error *e)
{
	const char *name, *value, *next = NULL;
	size_t pos = 0;

	*out = (struct flow){.query = query};
	while (http_pairs_next(c->arena, slice_str(out->query), &pos, &name, &value)) {
		authorize_take(&out->asked, name, value);
		if (str_eq(name, "next"))
			next = value;
	}
	out->next = page_named(next);
	if (!out->asked.client_id)
		return true;
	out->oauth = true;
	if (str_eq(out->asked.repeated, "client_id") || str_eq(out->asked.repeated, "redirect_uri"))
		return error_fault(e, ERR_INVALID, "oauth_request_invalid",
			"the parameter %s came twice", out->asked.repeated);
	if (!store_client_get(&c->work, out->asked.client_id, &out->client, e))
		return false;
	c->work.tenant_id = out->client.tenant_id;
	return find_redirect(out, e);
}

bool
flow_check(struct call *c, struct flow *flow, struct error *e)
{
	const char *tenant = http_param(c->req, "tenant");

	return (!tenant || oauth_tenant_is(c, tenant, &flow->client, e)) &&
		authorize_check(&flow->asked, &flow->plan, e);
}

bool
flow_tenant(struct work *work, struct error *e)
{
	struct tenant tenant;

	if (work->tenant_id)
		return true;
	if (!store_tenant_single(work, &tenant, e))
		return false;
	work->tenant_id = tenant.tenant_id;
	return true;
}

// --- answers ---

struct pair {
	const char *name, *value;
};

// RFC 6749 appendix B, and the issuer against mix-up attacks (RFC 9207).
static const char *
answer_uri(struct call *c, const struct flow *flow, const struct pair *pairs, size_t count)
{
	const char *uri = flow->asked.redirect_uri;
	char between = flow->plan.mode == MODE_FRAGMENT ? '#' : strchr(uri, '?') ? '&' : '?';
	struct buf out;

	buf_init(&out, c->arena, URI_MAX);
	buf_puts(&out, uri);
	for (size_t i = 0; i < count; i++) {
		if (!pairs[i].value)
			continue;
		buf_putc(&out, between);
		between = '&';
		buf_printf(&out, "%s=", pairs[i].name);
		buf_put_escaped(&out, pairs[i].value);
	}
	return buf_text(&out);
}

// response_mode=form_post without script: one button.
static bool
answer_form(struct call *c, const struct flow *flow, const struct pair *pairs, size_t count,
	struct error *e)
{
	struct page p;

	page_begin(&p, c, TEXT_CONTINUE, NULL);
	p.form_origin = uri_origin(c->arena, flow->asked.redirect_uri);
	page_paragraph(&p, page_text(TEXT_CONTINUE_WHY));
	page_raw(&p, "<form method=\"post\" action=\"");
	page_escaped(&p, flow->asked.redirect_uri);
	page_raw(&p, "\">\n");
	for (size_t i = 0; i < count; i++)
		if (pairs[i].value)
			page_hidden(&p, pairs[i].name, pairs[i].value);
	page_raw(&p, "<button class=\"main\" type=\"submit\" autofocus>");
	page_escaped(&p, page_text(TEXT_CONTINUE));
	page_raw(&p, "</button>\n");
	page_form_end(&p);
	return page_send(&p, 200, e);
}

static bool
answer(struct call *c, const struct flow *flow, const struct pair *pairs, size_t count,
	struct error *e)
{
	if (flow->plan.mode == MODE_FORM)
		return answer_form(c, flow, pairs, count, e);
	return page_redirect(c, answer_uri(c, flow, pairs, count));
}

bool
flow_refuse(struct call *c, const struct flow *flow, const struct error *why, struct error *e)
{
	const struct pair pairs[] = {
		{"error", oauth_error_of(why)->error},
		{"error_description", oauth_description(c, why)},
		{"state", flow->asked.state},
		{"iss", c->service->base_url},
	};

	log_write(LOG_LEVEL_DEBUG, "authorize: %s: %s", pairs[0].value, why->message);
	return answer(c, flow, pairs, sizeof pairs / sizeof *pairs, e);
}

bool
flow_answer(struct call *c, const struct flow *flow, const struct signed_in *s, struct error *e)
{
	char *code = secret_new(c->arena);
	bool spa = flow->redirect->kind == REDIRECT_SPA;
	struct grant grant = {
		.grant_id = uuid_new(c->arena),
		.client_id = flow->client.client_id,
		.user_id = s->person.user_id,
		.flow = redirect_kind_name(flow->redirect->kind),
		.scope = flow->asked.scope ? flow->asked.scope : "",
		.amr = s->session.amr,
		.signed_in_at = s->session.signed_in_at,
		.end_at = c->work.now + (spa ? GRANT_SPA : GRANT_WEB),
	};
	struct authorization_code record = {
		.redirect_uri = flow->asked.redirect_uri,
		.redirect_kind = redirect_kind_name(flow->redirect->kind),
		.challenge = flow->asked.code_challenge,
		.nonce = flow->asked.nonce,
		.end_at = c->work.now + CODE_SECONDS * US_PER_S,
	};
	const struct pair pairs[] = {
		{"code", code}, {"state", flow->asked.state}, {"iss", c->service->base_url}};

	if (!store_code_put(&c->work, &grant, secret_sha256(c->arena, code), &record, e))
		return false;
	sign_in_record(c, &s->person, NULL, flow->client.client_id, s->session.amr, "success", "");
	return answer(c, flow, pairs, sizeof pairs / sizeof *pairs, e);
}

static const char *
with_query(struct call *c, const char *path, const char *query)
{
	return str_empty(query) ? path : arena_printf(c->arena, "%s?%s", path, query);
}

bool
flow_go_on(struct call *c, const struct flow *flow, const struct signed_in *s, struct error *e)
{
	static const char *const pages[] = {
		[STEP_CREDENTIAL] = "/signin",
		[STEP_MFA] = "/signin/mfa",
		[STEP_SET_UP_MFA] = "/signin/setup",
		[STEP_CHANGE_PASSWORD] = "/signin/password",
	};
	enum sign_in_step step = s->session.complete ? STEP_DONE : sign_in_missing(c, s);

	if (step != STEP_DONE)
		return page_redirect(c, with_query(c, pages[step], flow->query));
	if (flow->oauth) {
		// Somebody of another organization cannot be the answer to this application.
		if (str_eq(s->person.tenant_id, flow->client.tenant_id))
			return flow_answer(c, flow, s, e);
		return page_redirect(c, with_query(c, "/signin", flow->query));
	}
	if (str_eq(flow->next, "device"))
		return page_redirect(c, with_query(c, "/signin/device", flow->query));
	return page_redirect(c, "/signin/account");
}

// --- pages ---

static const char *
sentence(struct call *c, const struct error *error)
{
	const struct fault *fault = fault_find(error->fault);

	if (str_eq(error->fault, "sign_in_wait"))
		return arena_printf(c->arena, "%s%s%s", page_text(TEXT_WAIT), error->message,
			page_text(TEXT_WAIT_SECONDS));
	return fault ? arena_printf(c->arena, "%s. %s", fault->title, fault->fix) : error->message;
}

void
flow_page(struct page *p, struct call *c, const struct flow *flow, enum text title,
	const struct error *error)
{
	page_begin(p, c, title, error ? sentence(c, error) : NULL);
	if (flow->oauth)
		p->form_origin = uri_origin(c->arena, flow->asked.redirect_uri);
}

bool
flow_problem(struct call *c, const struct error *why, struct error *e)
{
	const struct fault *fault = fault_find(why->fault);
	const char *trace = uuid_new(c->arena);
	int status = why->code == ERR_UNAVAILABLE ? 503
		: why->code == ERR_DENIED	  ? 403
		: why->code == ERR_LIMIT	  ? 429
		: fault				  ? 400
						  : 500;
	struct page p;

	log_write(status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG, "%s: %d: %s [%s]",
		c->req->path, status, why->message, trace);
	page_begin(&p, c, TEXT_PROBLEM, fault ? sentence(c, why) : NULL);
	if (str_starts(why->fault ? why->fault : "", "oauth_"))
		page_paragraph(&p, page_text(TEXT_PROBLEM_WHY));
	page_paragraph(&p, fault ? fault->cause : "");
	page_fact(&p, TEXT_REQUEST_ID, trace);
	return page_send(&p, status, e);
}
