// SPDX-License-Identifier: Apache-2.0
#include "ferryd/tokens.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "ferryd/signer_client.h"
#include "ferryd/token_shelf.h"

#define GRAPH "https://graph.microsoft.com"

static struct jsonw
claims_begin(struct call *c, struct buf *text, const char *audience, const char *tenant_id)
{
	buf_init(text, c->arena, 12 << 10);
	struct jsonw w = jsonw_on(text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "iss", c->service->base_url);
	jsonw_str(&w, "aud", audience);
	jsonw_str(&w, "tid", tenant_id);
	jsonw_str(&w, "ver", "2.0");
	return w;
}

static bool
sign(struct call *c, struct jsonw *w, struct buf *text, const char **out, struct error *e)
{
	int64_t now = c->work.now / US_PER_S;

	jsonw_int(w, "iat", now);
	jsonw_int(w, "nbf", now);
	jsonw_int(w, "exp", now + TOKEN_SECONDS);
	jsonw_str(w, "jti", uuid_new(c->arena));
	jsonw_end_object(w);
	return buf_ok(text, e) && signer_token(c, buf_text(text), out, e);
}

// All that a token will say but its times, and what was asked for and proved to get it.
static bool
shelf_label(struct call *c, const struct buf *claims, const struct client *client,
	const char *scope, struct slice *out, struct error *e)
{
	struct buf label;

	buf_init(&label, c->arena, claims->max);
	buf_put(&label, claims->data, claims->len);
	buf_putc(&label, '\n');
	buf_puts(&label, client->secret_sha256);
	buf_putc(&label, '\n');
	buf_puts(&label, scope ? scope : "");
	*out = buf_slice(&label);
	return buf_ok(claims, e) && buf_ok(&label, e);
}

static struct jsonw
client_claims(struct call *c, struct buf *text, const struct client *client)
{
	struct jsonw w = claims_begin(c, text, GRAPH, client->tenant_id);

	jsonw_str(&w, "oid", client->client_id);
	jsonw_str(&w, "sub", client->client_id);
	jsonw_str(&w, "appid", client->client_id);
	jsonw_str(&w, "app_displayname", client->name);
	jsonw_str(&w, "idtyp", "app");
	jsonw_raw(&w, "roles", client->roles);
	return w;
}

bool
token_for_client(struct call *c, const struct client *client, const char *scope,
	struct token_answer *out, struct error *e)
{
	struct shelf_token kept = {.signed_at = c->work.now / US_PER_S};
	int64_t now = kept.signed_at;
	struct buf text;
	struct slice label;
	uint64_t moment;
	struct jsonw w = client_claims(c, &text, client);

	if (!shelf_label(c, &text, client, scope, &label, e))
		return false;
	if (!token_shelf_find(c->service->shelf, c->arena, label, now, &kept, &moment)) {
		if (!sign(c, &w, &text, &kept.token, e))
			return false;
		token_shelf_put(c->service->shelf, label, moment, &kept);
	}
	*out = (struct token_answer){.scope = "",
		.access_token = kept.token,
		.expires_s = kept.signed_at + TOKEN_SECONDS - now};
	return true;
}

static void
put_words(struct jsonw *w, const char *name, const char *words)
{
	jsonw_array(w, name);
	for (const char *p = words; *p;) {
		size_t len = strcspn(p, " ");
		if (len)
			jsonw_text(w, NULL, slice_of(p, len));
		p += len + (p[len] == ' ');
	}
	jsonw_end_array(w);
}

static void
put_person(struct jsonw *w, const struct person *person, const struct grant *grant)
{
	jsonw_str(w, "oid", person->user_id);
	jsonw_str(w, "sub", person->user_id);
	jsonw_str(w, "name", person->display_name);
	jsonw_str(w, "preferred_username", person->upn);
	jsonw_int(w, "auth_time", grant->signed_in_at / US_PER_S);
	put_words(w, "amr", grant->amr);
}

static void
put_roles(struct jsonw *w, unsigned roles)
{
	jsonw_array(w, "wids");
	for (enum role role = 0; role < ROLE_COUNT; role++)
		if (roles & ROLE_BIT(role))
			jsonw_str(w, NULL, role_template(role));
	jsonw_end_array(w);
}

static bool
access_token(struct call *c, const struct client *client, const struct person *person,
	unsigned roles, const struct grant *grant, const char *scp, const char **out,
	struct error *e)
{
	struct buf text;
	struct jsonw w = claims_begin(c, &text, GRAPH, person->tenant_id);

	put_person(&w, person, grant);
	jsonw_str(&w, "upn", person->upn);
	jsonw_str(&w, "appid", client->client_id);
	jsonw_str(&w, "app_displayname", client->name);
	jsonw_str(&w, "idtyp", "user");
	jsonw_str(&w, "scp", scp);
	put_roles(&w, roles);
	return sign(c, &w, &text, out, e);
}

static bool
id_token(struct call *c, const struct client *client, const struct person *person, unsigned roles,
	const struct grant *grant, const struct scope_request *request, const char *nonce,
	const char **out, struct error *e)
{
	struct buf text;
	struct jsonw w = claims_begin(c, &text, client->client_id, person->tenant_id);

	put_person(&w, person, grant);
	put_roles(&w, roles);
	if (request->email && !str_empty(person->mail))
		jsonw_str(&w, "email", person->mail);
	if (request->profile && !str_empty(person->given_name))
		jsonw_str(&w, "given_name", person->given_name);
	if (request->profile && !str_empty(person->surname))
		jsonw_str(&w, "family_name", person->surname);
	if (nonce)
		jsonw_str(&w, "nonce", nonce);
	return sign(c, &w, &text, out, e);
}

// Without it MSAL takes `sub` for the account (rule 8).
static char *
client_info(struct call *c, const struct person *person)
{
	return base64url_encode(c->arena,
		slice_str(arena_printf(c->arena, "{\"uid\":\"%s\",\"utid\":\"%s\"}",
			person->user_id, person->tenant_id)));
}

// What was granted under the names with which it was asked for ("https://graph.microsoft.com/x"):
// MSAL finds a token in its cache by them, and would ask for one for every call (rule 8).
static const char *
with_names_asked(struct call *c, const char *granted, const char *asked, scope_set set, bool all)
{
	struct buf out;

	buf_init(&out, c->arena, 16 << 10);
	buf_puts(&out, granted);
	for (const char *p = asked; *p;) {
		size_t len = strcspn(p, " ");
		const char *word = arena_strndup(c->arena, p, len);
		bool ours = all && str_ends(word, "/.default");
		if (str_starts(word, "https://") && (ours || scope_parse(word) & set))
			buf_printf(&out, "%s%s", out.len ? " " : "", word);
		p += len + (p[len] == ' ');
	}
	return out.overflow ? granted : buf_text(&out);
}

bool
tokens_for_person(struct call *c, const struct client *client, const struct grant *grant,
	const char *scope, const char *nonce, struct token_answer *out, struct error *e)
{
	struct scope_request asked = scope_request_read(scope ? scope : grant->scope);
	struct scope_request first = scope_request_read(grant->scope);
	scope_set application =
		str_empty(client->scopes) ? ~(scope_set)0 : scope_parse(client->scopes);
	struct person person;
	unsigned roles;

	if (!store_person_by_id(&c->work, grant->user_id, &person, e) ||
		!store_roles(&c->work, grant->user_id, &roles, e))
		return false;
	if (!person.enabled)
		return error_fault(e, ERR_DENIED, "account_disabled", "the account is disabled");
	scope_set set = scope_grant(&asked, roles_scopes(roles), application);
	if (str_eq(grant->flow, "device_code"))
		set &= ~device_code_excluded();
	if (!set && asked.resource)
		return error_fault(e, ERR_DENIED, "oauth_scope_denied",
			"nothing of what was asked for is allowed");
	// A refresh that names only permissions does not give up what the sign-in asked for.
	asked.openid |= first.openid;
	asked.offline |= first.offline;
	asked.profile |= first.profile;
	asked.email |= first.email;
	const char *granted = scope_text(c->arena, set, &asked, true);
	*out = (struct token_answer){
		.scope = with_names_asked(c, granted, scope ? scope : grant->scope, set, asked.all),
		.client_info = client_info(c, &person),
		.expires_s = TOKEN_SECONDS};
	if (!access_token(c, client, &person, roles, grant,
		    scope_text(c->arena, set, &asked, false), &out->access_token, e))
		return false;
	if (asked.offline)
		out->refresh_token = secret_new(c->arena);
	return !asked.openid ||
		id_token(c, client, &person, roles, grant, &asked, nonce, &out->id_token, e);
}

bool
tokens_send(struct call *c, const struct token_answer *a, struct error *e)
{
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_str(&w, "token_type", "Bearer");
	jsonw_int(&w, "expires_in", a->expires_s);
	jsonw_int(&w, "ext_expires_in", a->expires_s);
	jsonw_str(&w, "access_token", a->access_token);
	jsonw_str(&w, "scope", a->scope);
	if (a->refresh_token)
		jsonw_str(&w, "refresh_token", a->refresh_token);
	if (a->id_token)
		jsonw_str(&w, "id_token", a->id_token);
	if (a->client_info)
		jsonw_str(&w, "client_info", a->client_info);
	http_response_header(c->resp, "Cache-Control", "no-store");
	http_response_header(c->resp, "Pragma", "no-cache");
	return call_send(c, 200, &w, &body, e);
}
