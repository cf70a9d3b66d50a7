// SPDX-License-Identifier: Apache-2.0
#include "ferryd/federation_parse.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "domain/scope.h"
#include "pki/hash.h"
#include <ctype.h>

enum { UPN_MAX = 256, SUBJECT_MAX = 255 };

static bool
refused(struct error *e, const char *why)
{
	return error_fault(
		e, ERR_PROTOCOL, "identity_provider_answer", "identity provider: %s", why);
}

bool
federation_url_split(struct arena *arena, const char *url, const char **origin, const char **path,
	struct error *e)
{
	static const char scheme[] = "https://";

	if (!url || !str_starts(url, scheme) || strlen(url) > FEDERATION_URL_MAX)
		return error_set(e, ERR_INVALID, "an address must begin with https://");
	for (const char *p = url; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("#\\\"<>^`{|}", *p))
			return error_set(
				e, ERR_INVALID, "an address with a character that has no place");
	const char *host = url + strlen(scheme);
	size_t len = strcspn(host, "/?");
	if (len == 0 || memchr(host, '@', len) || *host == ':')
		return error_set(e, ERR_INVALID, "an address without host, or with a user");
	*origin = arena_strndup(arena, url, strlen(scheme) + len);
	*path = host[len] == '/' ? arena_strdup(arena, host + len)
				 : arena_printf(arena, "/%s", host + len);
	return true;
}

static bool
read_url(struct arena *arena, const struct json *json, const char *name, const char **out,
	struct error *e)
{
	const char *origin, *path, *url = json_str(json, name);
	struct error inner;

	if (!federation_url_split(arena, url, &origin, &path, &inner))
		return refused(e, arena_printf(arena, "%s: %s", name, inner.message));
	*out = url;
	return true;
}

static bool
holds(const struct json *list, const char *value)
{
	if (!list || list->type != JSON_ARRAY)
		return false;
	for (const struct json *v = list->first; v; v = v->next)
		if (v->type == JSON_STRING && str_eq(v->text, value))
			return true;
	return false;
}

// Lists that a document leaves out say nothing.
static bool
offers(const struct json *json, const char *name, const char *value, const char *or_value)
{
	const struct json *list = json_get(json, name);

	return !list || holds(list, value) || holds(list, or_value);
}

bool
federation_metadata_read(struct arena *arena, struct slice text, const char *issuer,
	struct federation_metadata *out, struct error *e)
{
	struct json_limits limits = {
		.max_bytes = FEDERATION_DOCUMENT_MAX, .max_depth = 8, .max_nodes = 5000};
	struct federation_metadata m;
	const struct json *json = json_parse(arena, text, &limits, e);

	if (!json || json->type != JSON_OBJECT)
		return refused(e, "its description is no JSON object");
	if (!str_eq(json_str(json, "issuer"), issuer))
		return refused(e, "it describes another issuer");
	if (!read_url(arena, json, "authorization_endpoint", &m.authorization_endpoint, e) ||
		!read_url(arena, json, "token_endpoint", &m.token_endpoint, e) ||
		!read_url(arena, json, "jwks_uri", &m.jwks_uri, e))
		return false;
	if (!offers(json, "response_types_supported", "code", "code"))
		return refused(e, "it offers no authorization codes");
	if (!offers(json, "code_challenge_methods_supported", "S256", "S256"))
		return refused(e, "it offers no PKCE with S256");
	if (!offers(json, "id_token_signing_alg_values_supported", "ES256", "RS256"))
		return refused(e, "it signs with neither ES256 nor RS256");
	m.names_itself = json_bool(json, "authorization_response_iss_parameter_supported", false);
	// Without a list client_secret_basic is the default; where both are offered the form is
	// used.
	m.basic = !holds(
		json_get(json, "token_endpoint_auth_methods_supported"), "client_secret_post");
	*out = m;
	return true;
}

static const char *
random_word(struct arena *arena)
{
	uint8_t bytes[32];

	random_bytes(bytes, sizeof bytes);
	return base64url_encode(arena, slice_of(bytes, sizeof bytes));
}

void
federation_login_new(struct arena *arena, struct federation_login *out)
{
	*out = (struct federation_login){.state = random_word(arena),
		.nonce = random_word(arena),
		.verifier = random_word(arena)};
}

static void
put_pair(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	if (b->len > 0)
		buf_putc(b, '&');
	buf_puts(b, name);
	buf_putc(b, '=');
	buf_put_escaped(b, value);
}

char *
federation_authorize_url(struct arena *arena, const struct federation *f,
	const struct federation_metadata *metadata, const char *redirect_uri,
	const struct federation_login *login, const char *login_hint)
{
	const char *url = metadata->authorization_endpoint;
	uint8_t digest[SHA256_LEN];
	struct buf query;

	sha256(slice_str(login->verifier), digest);
	buf_init(&query, arena, 64 << 10);
	put_pair(&query, "response_type", "code");
	put_pair(&query, "client_id", f->client_id);
	put_pair(&query, "redirect_uri", redirect_uri);
	put_pair(&query, "scope", "openid profile email");
	put_pair(&query, "state", login->state);
	put_pair(&query, "nonce", login->nonce);
	put_pair(
		&query, "code_challenge", base64url_encode(arena, slice_of(digest, sizeof digest)));
	put_pair(&query, "code_challenge_method", "S256");
	put_pair(&query, "login_hint", login_hint);
	return arena_printf(arena, "%s%c%s", url, strchr(url, '?') ? '&' : '?', buf_text(&query));
}

char *
federation_token_form(struct arena *arena, const struct federation *f, const char *code,
	const char *redirect_uri, const struct federation_login *login, bool secret_in_form)
{
	struct buf form;

	buf_init(&form, arena, 64 << 10);
	put_pair(&form, "grant_type", "authorization_code");
	put_pair(&form, "code", code);
	put_pair(&form, "redirect_uri", redirect_uri);
	put_pair(&form, "client_id", f->client_id);
	put_pair(&form, "code_verifier", login->verifier);
	put_pair(&form, "client_secret", secret_in_form ? f->client_secret : NULL);
	return arena_strdup(arena, buf_text(&form));
}

// RFC 6749 2.3.1: both halves are form-encoded first.
char *
federation_basic(struct arena *arena, const struct federation *f)
{
	struct buf pair;

	buf_init(&pair, arena, 16 << 10);
	buf_put_escaped(&pair, f->client_id);
	buf_putc(&pair, ':');
	buf_put_escaped(&pair, f->client_secret);
	return arena_printf(arena, "Basic %s", base64_encode(arena, buf_slice(&pair)));
}

static bool
nobody(struct error *e, const char *why)
{
	return error_fault(
		e, ERR_DENIED, "federated_user_refused", "identity provider's user: %s", why);
}

// One @ between a name and a domain, of characters that a UPN may have.
static const char *
domain_of(const char *upn)
{
	const char *at = strchr(upn, '@');

	if (!at || at == upn || !at[1] || strchr(at + 1, '@') || strlen(upn) > UPN_MAX)
		return NULL;
	for (const char *p = upn; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("@.-_+'!#^~$&", *p))
			return NULL;
	return at + 1;
}

bool
federation_speaks_for(struct arena *arena, const char *domains, const char *domain)
{
	struct error e;
	const struct json *list = json_parse(arena, slice_str(domains), NULL, &e);

	if (!list || list->type != JSON_ARRAY)
		return false;
	for (const struct json *d = list->first; d; d = d->next)
		if (d->type == JSON_STRING && str_ieq(d->text, domain))
			return true;
	return false;
}

static unsigned
roles_of(const struct json *map, const char *value)
{
	const struct json *names = json_get(map, value);
	unsigned roles = 0;

	for (const struct json *n = names ? names->first : NULL; n; n = n->next)
		if (n->type == JSON_STRING && role_find(n->text) != ROLE_COUNT)
			roles |= ROLE_BIT(role_find(n->text));
	return roles;
}

// A claim is one value or a list of them; what the map does not name gives nothing.
static void
read_roles(struct arena *arena, const struct federation *f, const struct json *claims,
	struct federation_user *out)
{
	struct error e;
	const struct json *map, *values;

	if (str_empty(f->role_claim))
		return;
	out->maps_roles = true;
	map = json_parse(arena, slice_str(f->role_map), NULL, &e);
	values = json_get(claims, f->role_claim);
	if (!map || map->type != JSON_OBJECT || !values)
		return;
	if (values->type == JSON_STRING)
		out->roles = roles_of(map, values->text);
	else if (values->type == JSON_ARRAY)
		for (const struct json *v = values->first; v; v = v->next)
			if (v->type == JSON_STRING)
				out->roles |= roles_of(map, v->text);
}

bool
federation_user_read(struct arena *arena, const struct federation *f, const struct json *claims,
	struct federation_user *out, struct error *e)
{
	const char *subject = json_str(claims, "sub"), *upn = json_str(claims, f->user_claim);
	const char *domain = upn ? domain_of(upn) : NULL;

	if (str_empty(subject) || strlen(subject) > SUBJECT_MAX)
		return nobody(e, "it has no subject");
	if (!domain)
		return nobody(e, arena_printf(arena, "%s is no user name", f->user_claim));
	if (str_eq(f->user_claim, "email") && !json_bool(claims, "email_verified", false))
		return nobody(e, "its email is not verified");
	if (!federation_speaks_for(arena, f->domains, domain))
		return nobody(e, "its domain is not one that this provider may speak for");
	*out = (struct federation_user){.issuer = f->issuer,
		.subject = subject,
		.upn = str_lower(arena, upn),
		.display_name = json_str(claims, "name"),
		.strong = holds(json_get(claims, "amr"), "mfa")};
	read_roles(arena, f, claims, out);
	return true;
}

static bool
check_domains(struct arena *arena, const char *text, struct error *e)
{
	const struct json *list = json_parse(arena, slice_str(text), NULL, e);

	if (!list || list->type != JSON_ARRAY || list->count == 0)
		return error_set(e, ERR_INVALID, "domains must be a list of at least one");
	for (const struct json *d = list->first; d; d = d->next)
		if (d->type != JSON_STRING || !domain_of(arena_printf(arena, "x@%s", d->text)))
			return error_set(e, ERR_INVALID, "domains must be names of domains");
	return true;
}

static bool
check_roles(struct arena *arena, const struct federation *f, struct error *e)
{
	const struct json *map;

	if (str_empty(f->role_claim))
		return true;
	map = json_parse(arena, slice_str(f->role_map ? f->role_map : ""), NULL, e);
	if (!map || map->type != JSON_OBJECT)
		return error_set(e, ERR_INVALID, "roles must be an object");
	for (const struct json *v = map->first; v; v = v->next) {
		if (v->type != JSON_ARRAY)
			return error_set(e, ERR_INVALID, "roles must hold lists of roles");
		for (const struct json *n = v->first; n; n = n->next)
			if (n->type != JSON_STRING || role_find(n->text) == ROLE_COUNT)
				return error_fault(e, ERR_INVALID, "role_unknown",
					"there is no role %s",
					n->type == JSON_STRING ? n->text : "of that kind");
	}
	return true;
}

bool
federation_check(struct arena *arena, const struct federation *f, struct error *e)
{
	static const char *const claims[] = {"preferred_username", "email", "upn"};
	const char *origin, *path;
	bool known = false;

	for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
		known = known || str_eq(f->user_claim, claims[i]);
	if (!known)
		return error_set(
			e, ERR_INVALID, "the claim must be preferred_username, email or upn");
	if (!federation_url_split(arena, f->issuer, &origin, &path, e))
		return error_wrap(e, "issuer");
	if (strchr(f->issuer, '?'))
		return error_set(e, ERR_INVALID, "issuer: no query (Discovery section 2)");
	if (str_empty(f->client_id) || strlen(f->client_id) > 255)
		return error_set(e, ERR_INVALID, "a client id of 1 to 255 characters is needed");
	return check_roles(arena, f, e) && check_domains(arena, f->domains, e);
}
