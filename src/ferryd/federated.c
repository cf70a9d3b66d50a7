// SPDX-License-Identifier: Apache-2.0
// Signing in by way of another issuer: the browser is sent there, its answer is bound to that
// browser and to one use; and the administration of such issuers.
#include "store/federated.h"

#include "base/log.h"
#include "base/str.h"
#include "ferryd/federation.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"

#define AWAY_COOKIE "__Host-ferry-away"
#define AWAY_FOR (10 * US_PER_MIN)
enum { NAME_LENGTH = 120, TEXT_LENGTH = 1024, COOKIE_LENGTH = 43, DOCUMENT_MAX = 16 << 10 };

// One for each issuer: the answer of one is of no use where another's is awaited (RFC 9700 section
// 4.4.2.2), also when it does not name itself.
static const char *
callback_uri(struct call *c, const char *federation_id)
{
	return arena_printf(
		c->arena, "%s/signin/federated/%s/answer", c->service->base_url, federation_id);
}

// --- there ---

// The application wants to be sure that somebody is there: so must the issuer.
static bool
again(const struct flow *flow)
{
	return flow->oauth && (flow->plan.prompt == PROMPT_LOGIN || flow->plan.max_age_s >= 0);
}

// Sign-ins in two windows of a browser are both its own.
static const char *
browser_secret(struct call *c)
{
	const char *cookie = http_cookie(c->req, AWAY_COOKIE);

	if (!cookie || strlen(cookie) != COOKIE_LENGTH)
		cookie = secret_new(c->arena);
	http_response_header(c->resp, "Set-Cookie",
		arena_printf(c->arena,
			AWAY_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600",
			cookie));
	return cookie;
}

static bool
leave(struct call *c, const struct flow *flow, const char *federation_id, struct error *e)
{
	struct federation_metadata metadata;
	struct federation_login login;
	struct federation f;

	if (!store_federation_get(&c->work, federation_id, &f, e) ||
		!federation_discover(c, &f, &metadata, e))
		return false;
	federation_login_new(c->arena, &login);
	struct federated_sign_in away = {
		.federation_id = f.federation_id,
		.browser_sha256 = secret_sha256(c->arena, browser_secret(c)),
		.nonce = login.nonce,
		.verifier = login.verifier,
		.query = flow->query,
		.end_at = c->work.now + AWAY_FOR,
	};
	if (!store_federated_put(&c->work, secret_sha256(c->arena, login.state), &away, e))
		return false;
	const char *url = federation_authorize_url(c->arena, &f, &metadata,
		callback_uri(c, f.federation_id), &login, flow->asked.login_hint);
	return page_redirect(c, again(flow) ? arena_printf(c->arena, "%s&prompt=login", url) : url);
}

bool
federated_begin(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id");
	struct error why = {0};
	struct flow flow;

	if (!flow_read(c, &flow, &why) || (flow.oauth && !flow_check(c, &flow, &why)) ||
		!flow_tenant(&c->work, &why))
		return flow_problem(c, &why, e);
	return leave(c, &flow, id, &why) || flow_problem(c, &why, e);
}

// --- and back ---

static bool
another_answered(struct error *e)
{
	return error_fault(e, ERR_DENIED, "identity_provider_refused",
		"another issuer answered than was asked");
}

static bool
take(struct call *c, struct federated_sign_in *away, struct error *e)
{
	const char *state = http_query(c->req, "state"), *cookie = http_cookie(c->req, AWAY_COOKIE);

	if (str_empty(state) || str_empty(cookie))
		return error_fault(e, ERR_NOT_FOUND, "federated_answer_unexpected",
			"no sign-in began in this browser");
	if (!store_federated_take(&c->work, secret_sha256(c->arena, state), away, e))
		return false;
	if (!str_eq(away->federation_id, http_param(c->req, "id")))
		return another_answered(e);
	// An answer to somebody else's sign-in would sign this browser in as him.
	if (!secret_eq(slice_str(secret_sha256(c->arena, cookie)), slice_str(away->browser_sha256)))
		return error_fault(e, ERR_NOT_FOUND, "federated_answer_unexpected",
			"the sign-in began in another browser");
	c->work.tenant_id = away->tenant_id;
	return true;
}

// RFC 9207: who answers says so in each answer, if he ever does.
static bool
check_answerer(struct call *c, struct federation *f, struct error *e)
{
	const char *iss = http_query(c->req, "iss");
	struct federation_metadata metadata;

	if (!federation_discover(c, f, &metadata, e))
		return false;
	return (iss ? str_eq(iss, f->issuer) : !metadata.names_itself) || another_answered(e);
}

// What the issuer says of the person's roles counts from now on.
static bool
take_roles(struct call *c, const struct federation_user *user, const char *user_id, struct error *e)
{
	unsigned roles;

	if (!user->maps_roles)
		return true;
	return store_roles(&c->work, user_id, &roles, e) &&
		(roles == user->roles || store_roles_set(&c->work, user_id, user->roles, e));
}

static bool
find_user(struct call *c, const struct federation *f, const struct federation_user *user,
	struct person *person, struct error *e)
{
	const struct federated_user wanted = {.issuer = user->issuer,
		.subject = user->subject,
		.upn = user->upn,
		.display_name = user->display_name,
		.may_link = f->link_users};
	const char *user_id;

	if (!store_federated_user(&c->work, &wanted, &user_id, e) ||
		!store_person_by_id(&c->work, user_id, person, e))
		return false;
	if (!person->enabled)
		return error_fault(e, ERR_DENIED, "account_disabled", "the account is disabled");
	return take_roles(c, user, user_id, e);
}

static bool
redeem(struct call *c, const struct federated_sign_in *away, struct person *person, bool *strong,
	struct error *e)
{
	const char *code = http_query(c->req, "code");
	struct federation_login login = {.nonce = away->nonce,
		.verifier = away->verifier,
		.state = http_query(c->req, "state")};
	struct federation_user user;
	struct federation f;

	if (!store_federation_get(&c->work, away->federation_id, &f, e) ||
		!check_answerer(c, &f, e))
		return false;
	if (str_empty(code))
		return error_fault(e, ERR_DENIED, "identity_provider_refused",
			"the identity provider declined");
	if (!federation_redeem(c, &f, code, callback_uri(c, f.federation_id), &login, &user, e))
		return false;
	*strong = user.strong;
	return find_user(c, &f, &user, person, e);
}

bool
federated_answer(struct call *c, struct error *e)
{
	struct federated_sign_in away = {0};
	struct error why = {0};
	struct person person = {0};
	struct signed_in s;
	struct flow flow;
	bool strong = false;

	if (!take(c, &away, &why))
		return flow_problem(c, &why, e);
	if (!redeem(c, &away, &person, &strong, &why)) {
		sign_in_record(c, person.user_id ? &person : NULL, "", NULL, "federated", "failure",
			why.fault ? why.fault : "");
		return flow_problem(c, &why, e);
	}
	if (!flow_read_query(c, away.query, &flow, &why) ||
		(flow.oauth && !flow_check(c, &flow, &why)))
		return flow_problem(c, &why, e);
	if (!sign_in_begin(c, &person, "federated", strong ? "fed mfa" : "fed", strong, &s, e))
		return false;
	if (!s.session.complete || !flow.oauth)
		sign_in_record(c, &person, NULL, flow.asked.client_id, "federated",
			s.session.complete ? "success" : "interrupted", "");
	return flow_go_on(c, &flow, &s, e);
}

// --- which one ---

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
		if (federation_speaks_for(c->arena, list[i].domains, hint)) {
			if (!leave(c, flow, list[i].federation_id, e))
				return false;
			*left = true;
		}
	return true;
}

bool
federated_elsewhere(struct call *c, const char *name, struct error *why)
{
	const char *at = name ? strrchr(name, '@') : NULL;
	struct federation *list;
	struct error e;
	size_t count;

	if (!at || !str_eq(why->fault, "sign_in_failed") ||
		!store_federation_list(&c->work, &list, &count, &e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (federation_speaks_for(c->arena, list[i].domains, at + 1))
			return error_fault(why, ERR_UNAUTHENTICATED, "signin_federated",
				"people of %s sign in at %s", at + 1, list[i].name);
	return false;
}

void
federated_links(struct page *p, const struct flow *flow)
{
	struct call *c = p->call;
	struct work work = c->work;
	struct federation *list;
	struct error e;
	size_t count;

	if (!flow_tenant(&work, &e))
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
write_federation(struct call *c, struct jsonw *w, const struct federation *f)
{
	jsonw_str(w, "id", f->federation_id);
	jsonw_str(w, "displayName", f->name);
	jsonw_str(w, "issuer", f->issuer);
	jsonw_str(w, "clientId", f->client_id);
	jsonw_str(w, "userClaim", f->user_claim);
	jsonw_raw(w, "domains", f->domains);
	jsonw_bool(w, "linkUsers", f->link_users);
	jsonw_str(w, "roleClaim", f->role_claim);
	jsonw_raw(w, "roles", f->role_map);
	jsonw_str(w, "redirectUri", callback_uri(c, f->federation_id));
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
		write_federation(c, &w, &list[i]);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

static bool
as_text(struct call *c, const struct json *value, const char **out, struct error *e)
{
	struct buf text;

	buf_init(&text, c->arena, DOCUMENT_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, value);
	*out = buf_text(&text);
	return buf_ok(&text, e);
}

static bool
read_federation(struct call *c, const struct json *json, struct federation *f, struct error *e)
{
	const struct json *domains = json_get(json, "domains"), *roles = json_get(json, "roles");

	if (!json_need_str(json, "displayName", NAME_LENGTH, &f->name, e) ||
		!json_need_str(json, "issuer", TEXT_LENGTH, &f->issuer, e) ||
		!json_need_str(json, "clientId", TEXT_LENGTH, &f->client_id, e))
		return false;
	if (!domains)
		return error_set(e, ERR_INVALID, "domains must be a list");
	f->client_secret = json_str(json, "clientSecret");
	f->user_claim = json_str(json, "userClaim");
	f->link_users = json_bool(json, "linkUsers", false);
	f->role_claim = json_str(json, "roleClaim");
	f->role_map = "{}";
	if (!f->user_claim)
		f->user_claim = "preferred_username";
	if (!f->role_claim)
		f->role_claim = "";
	return as_text(c, domains, &f->domains, e) &&
		(!roles || as_text(c, roles, &f->role_map, e)) && federation_check(c->arena, f, e);
}

bool
federations_create(struct call *c, struct error *e)
{
	struct federation f = {0};
	const struct json *json;
	struct buf body;

	if (!call_json(c, &json, e) || !read_federation(c, json, &f, e) ||
		!store_federation_create(&c->work, &f, &f.federation_id, e))
		return false;
	struct jsonw w = call_object(c, &body);
	write_federation(c, &w, &f);
	return call_send(c, 201, &w, &body, e);
}

bool
federations_delete(struct call *c, struct error *e)
{
	return store_federation_delete(&c->work, http_param(c->req, "id"), e) && call_done(c);
}
