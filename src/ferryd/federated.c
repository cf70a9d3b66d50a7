// SPDX-License-Identifier: Apache-2.0
// Signing in by way of another issuer: the browser is sent there, its answer is bound to that
// browser and to one use; and the administration of such issuers.
#include "store/federated.h"

#include "base/log.h"
#include "base/str.h"
#include "ferryd/federation.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"
#include "pki/hash.h"

#define AWAY_COOKIE "__Host-ferry-away"
#define AWAY_FOR (10 * US_PER_MIN)
enum { NAME_LENGTH = 120, TEXT_LENGTH = 1024 };

static const char *
callback_uri(struct call *c)
{
	return arena_printf(c->arena, "%s/signin/federated", c->service->base_url);
}

// --- there ---

static bool
leave(struct call *c, const struct flow *flow, const char *federation_id, struct error *e)
{
	struct federation_metadata metadata;
	struct federation_login login;
	struct federation f;
	const char *cookie = secret_new(c->arena);

	if (!store_federation_get(&c->work, federation_id, &f, e) ||
		!federation_discover(c, &f, &metadata, e))
		return false;
	federation_login_new(c->arena, &login);
	struct federated_sign_in away = {
		.federation_id = f.federation_id,
		.browser_sha256 = secret_sha256(c->arena, cookie),
		.nonce = login.nonce,
		.verifier = login.verifier,
		.query = flow->query,
		.end_at = c->work.now + AWAY_FOR,
	};
	if (!store_federated_put(&c->work, secret_sha256(c->arena, login.state), &away, e))
		return false;
	http_response_header(c->resp, "Set-Cookie",
		arena_printf(c->arena,
			AWAY_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600",
			cookie));
	return page_redirect(c,
		federation_authorize_url(
			c->arena, &f, &metadata, callback_uri(c), &login, flow->asked.login_hint));
}

bool
federated_begin(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id");
	struct error why = {0};
	struct tenant tenant;
	struct flow flow;

	if (!flow_read(c, &flow, &why) || (flow.oauth && !flow_check(c, &flow, &why)))
		return flow_problem(c, &why, e);
	if (!c->work.tenant_id) {
		if (!store_tenant_single(&c->work, &tenant, &why))
			return flow_problem(c, &why, e);
		c->work.tenant_id = tenant.tenant_id;
	}
	return leave(c, &flow, id, &why) || flow_problem(c, &why, e);
}

// --- and back ---

static bool
take(struct call *c, struct federated_sign_in *away, struct error *e)
{
	const char *state = http_query(c->req, "state"), *cookie = http_cookie(c->req, AWAY_COOKIE);

	if (str_empty(state) || str_empty(cookie))
		return error_fault(
			e, ERR_NOT_FOUND, "session_expired", "no sign-in began in this browser");
	if (!store_federated_take(&c->work, secret_sha256(c->arena, state), away, e))
		return false;
	// An answer to somebody else's sign-in would sign this browser in as him.
	if (!secret_eq(slice_str(secret_sha256(c->arena, cookie)), slice_str(away->browser_sha256)))
		return error_fault(e, ERR_NOT_FOUND, "session_expired",
			"the sign-in began in another browser");
	c->work.tenant_id = away->tenant_id;
	return true;
}

static bool
redeem(struct call *c, const struct federated_sign_in *away, struct person *person, struct error *e)
{
	const char *code = http_query(c->req, "code"), *iss = http_query(c->req, "iss"), *user_id;
	struct federation_login login = {.nonce = away->nonce,
		.verifier = away->verifier,
		.state = http_query(c->req, "state")};
	struct federation_user user;
	struct federation f;

	if (!store_federation_get(&c->work, away->federation_id, &f, e))
		return false;
	// RFC 9207: the answer of another issuer than the one that was asked.
	if (iss && !str_eq(iss, f.issuer))
		return error_fault(e, ERR_DENIED, "identity_provider_refused",
			"another issuer answered than was asked");
	if (str_empty(code))
		return error_fault(e, ERR_DENIED, "identity_provider_refused",
			"the identity provider declined");
	if (!federation_redeem(c, &f, code, callback_uri(c), &login, &user, e) ||
		!store_federated_user(&c->work, user.issuer, user.subject, user.upn,
			user.display_name, &user_id, e) ||
		!store_person_by_id(&c->work, user_id, person, e))
		return false;
	return person->enabled ||
		error_fault(e, ERR_DENIED, "account_disabled", "the account is disabled");
}

bool
federated_answer(struct call *c, struct error *e)
{
	struct federated_sign_in away = {0};
	struct error why = {0};
	struct person person = {0};
	struct signed_in s;
	struct flow flow;

	if (!take(c, &away, &why))
		return flow_problem(c, &why, e);
	if (!redeem(c, &away, &person, &why)) {
		sign_in_record(c, person.user_id ? &person : NULL, "", NULL, "federated", "failure",
			why.fault ? why.fault : "");
		return flow_problem(c, &why, e);
	}
	if (!flow_read_query(c, away.query, &flow, &why) ||
		(flow.oauth && !flow_check(c, &flow, &why)))
		return flow_problem(c, &why, e);
	if (!sign_in_begin(c, &person, "federated", "fed", false, &s, e))
		return false;
	sign_in_record(c, &person, NULL, flow.asked.client_id, "federated", "success", "");
	return flow_go_on(c, &flow, &s, e);
}

// --- which one ---

static bool
speaks_for(struct call *c, const struct federation *f, const char *domain)
{
	struct error ignored;
	const struct json *list = json_parse(c->arena, slice_str(f->domains), NULL, &ignored);

	for (const struct json *d = list ? list->first : NULL; d; d = d->next)
		if (d->type == JSON_STRING && str_ieq(d->text, domain))
			return true;
	return false;
}

bool
federated_hint(struct call *c, const struct flow *flow, bool *left, struct error *e)
{
	const char *hint = flow->asked.domain_hint;
	struct federation *list;
	size_t count;

	*left = false;
	if (str_empty(hint))
		return true;
	if (!store_federation_list(&c->work, &list, &count, e))
		return false;
	for (size_t i = 0; i < count && !*left; i++)
		if (speaks_for(c, &list[i], hint)) {
			if (!leave(c, flow, list[i].federation_id, e))
				return false;
			*left = true;
		}
	return true;
}

void
federated_links(struct page *p, const struct flow *flow)
{
	struct call *c = p->call;
	struct work work = c->work;
	struct tenant tenant;
	struct federation *list;
	struct error e;
	size_t count;

	if (!work.tenant_id && store_tenant_single(&work, &tenant, &e))
		work.tenant_id = tenant.tenant_id;
	if (!work.tenant_id)
		return;
	if (!store_federation_list(&work, &list, &count, &e)) {
		log_warn("the identity providers are not offered: %s", e.message);
		return;
	}
	for (size_t i = 0; i < count; i++)
		page_link(p, arena_printf(c->arena, "/signin/federated/%s", list[i].federation_id),
			flow->query,
			arena_printf(c->arena, "%s%s", page_text(TEXT_SIGN_IN_WITH), list[i].name));
}

// --- administration ---

static void
write_federation(struct jsonw *w, const struct federation *f)
{
	jsonw_str(w, "id", f->federation_id);
	jsonw_str(w, "displayName", f->name);
	jsonw_str(w, "issuer", f->issuer);
	jsonw_str(w, "clientId", f->client_id);
	jsonw_str(w, "userClaim", f->user_claim);
	jsonw_raw(w, "domains", f->domains);
}

bool
federations_list(struct call *c, struct error *e)
{
	struct federation *list;
	struct buf body;
	size_t count;

	if (!store_federation_list(&c->work, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		write_federation(&w, &list[i]);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

bool
federations_create(struct call *c, struct error *e)
{
	struct federation f = {0};
	const struct json *json;
	struct buf body, domains;

	if (!call_json(c, &json, e) ||
		!json_need_str(json, "displayName", NAME_LENGTH, &f.name, e) ||
		!json_need_str(json, "issuer", TEXT_LENGTH, &f.issuer, e) ||
		!json_need_str(json, "clientId", TEXT_LENGTH, &f.client_id, e))
		return false;
	const struct json *list = json_get(json, "domains");
	if (!list || list->type != JSON_ARRAY)
		return error_set(e, ERR_INVALID, "domains must be a list");
	buf_init(&domains, c->arena, 16 << 10);
	struct jsonw d = jsonw_on(&domains);
	jsonw_value(&d, NULL, list);
	f.domains = buf_text(&domains);
	f.client_secret = json_str(json, "clientSecret");
	f.user_claim = json_str(json, "userClaim");
	if (!f.user_claim)
		f.user_claim = "preferred_username";
	if (!buf_ok(&domains, e) || !federation_check(c->arena, &f, e) ||
		!store_federation_create(&c->work, &f, &f.federation_id, e))
		return false;
	struct jsonw w = call_object(c, &body);
	write_federation(&w, &f);
	jsonw_str(&w, "redirectUri", callback_uri(c));
	return call_send(c, 201, &w, &body, e);
}

bool
federations_delete(struct call *c, struct error *e)
{
	return store_federation_delete(&c->work, http_param(c->req, "id"), e) && call_done(c);
}
