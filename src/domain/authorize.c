// SPDX-License-Identifier: Apache-2.0
#include "domain/authorize.h"

#include "base/buf.h"
#include "base/str.h"
#include "codec/base64.h"
#include "pki/hash.h"
#include <stddef.h>

static const struct {
	const char *name;
	size_t offset;
} parameters[] = {
#define PARAMETER(name)                                                                            \
	{                                                                                          \
#name, offsetof(struct authorize, name)                                            \
	}
	PARAMETER(client_id),
	PARAMETER(redirect_uri),
	PARAMETER(response_type),
	PARAMETER(response_mode),
	PARAMETER(scope),
	PARAMETER(state),
	PARAMETER(nonce),
	PARAMETER(code_challenge),
	PARAMETER(code_challenge_method),
	PARAMETER(prompt),
	PARAMETER(max_age),
	PARAMETER(login_hint),
	PARAMETER(domain_hint),
};

void
authorize_take(struct authorize *a, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		if (!str_eq(parameters[i].name, name))
			continue;
		const char **slot = (const char **)((char *)a + parameters[i].offset);
		if (*slot)
			a->repeated = parameters[i].name;
		else
			*slot = value;
	}
}

static bool
check_lengths(const struct authorize *a, struct error *e)
{
	if (a->repeated)
		return error_fault(e, ERR_INVALID, "oauth_request_invalid",
			"the parameter %s came twice", a->repeated);
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		const char *value = *(const char *const *)((const char *)a + parameters[i].offset);
		if (value && strlen(value) > AUTHORIZE_VALUE_MAX)
			return error_fault(e, ERR_INVALID, "oauth_request_invalid",
				"the parameter %s is too long", parameters[i].name);
	}
	return true;
}

static bool
check_mode(const struct authorize *a, enum response_mode *out, struct error *e)
{
	*out = MODE_QUERY;
	if (!str_eq(a->response_type, "code"))
		return error_fault(e, ERR_UNSUPPORTED, "oauth_response_type",
			"only response_type=code is offered");
	if (!a->response_mode || str_eq(a->response_mode, "query"))
		return true;
	*out = str_eq(a->response_mode, "fragment") ? MODE_FRAGMENT : MODE_FORM;
	if (*out == MODE_FRAGMENT || str_eq(a->response_mode, "form_post"))
		return true;
	*out = MODE_QUERY;
	return error_fault(e, ERR_INVALID, "oauth_request_invalid",
		"response_mode must be query, fragment or form_post");
}

static bool
is_verifier(const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t len = text ? strlen(text) : 0;

	return len >= VERIFIER_MIN && len <= VERIFIER_MAX && strspn(text, plain) == len;
}

static bool
check_pkce(const struct authorize *a, struct error *e)
{
	if (str_empty(a->code_challenge))
		return error_fault(e, ERR_INVALID, "oauth_pkce_needed",
			"a code_challenge is needed (RFC 7636)");
	// Absent means plain (section 4.3), which protects nobody.
	if (!str_eq(a->code_challenge_method, "S256"))
		return error_fault(
			e, ERR_INVALID, "oauth_pkce_needed", "code_challenge_method must be S256");
	if (strlen(a->code_challenge) != VERIFIER_MIN || !is_verifier(a->code_challenge))
		return error_fault(e, ERR_INVALID, "oauth_pkce_needed",
			"the code_challenge is not the base64url of a SHA-256");
	return true;
}

static bool
read_prompt(const char *text, enum prompt *out, struct error *e)
{
	static const struct {
		const char *name;
		enum prompt prompt;
	} names[] = {{"none", PROMPT_NONE}, {"login", PROMPT_LOGIN},
		{"select_account", PROMPT_SELECT}, {"consent", PROMPT_AS_NEEDED},
		{"create", PROMPT_LOGIN}, {"", PROMPT_AS_NEEDED},
		// OpenID Connect allows several; login is the stricter one.
		{"login consent", PROMPT_LOGIN}, {"select_account consent", PROMPT_SELECT}};

	*out = PROMPT_AS_NEEDED;
	if (!text)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(names[i].name, text)) {
			*out = names[i].prompt;
			return true;
		}
	return error_fault(e, ERR_INVALID, "oauth_request_invalid", "unknown value of prompt");
}

bool
authorize_check(const struct authorize *a, struct authorize_plan *out, struct error *e)
{
	uint64_t max_age;

	*out = (struct authorize_plan){.max_age_s = -1};
	if (!check_lengths(a, e) || !check_mode(a, &out->mode, e) ||
		!read_prompt(a->prompt, &out->prompt, e) || !check_pkce(a, e))
		return false;
	if (a->max_age) {
		if (!str_to_u64(a->max_age, 1u << 30, &max_age))
			return error_fault(e, ERR_INVALID, "oauth_request_invalid",
				"max_age must be a number of seconds");
		out->max_age_s = (int64_t)max_age;
	}
	return true;
}

bool
pkce_matches(struct arena *arena, const char *verifier, const char *challenge)
{
	uint8_t digest[SHA256_LEN];

	if (!is_verifier(verifier) || str_empty(challenge))
		return false;
	sha256(slice_str(verifier), digest);
	return secret_eq(slice_str(base64url_encode(arena, slice_of(digest, sizeof digest))),
		slice_str(challenge));
}

// --- redirect URIs ---

static const char *const kinds[REDIRECT_KINDS] = {"web", "spa", "native"};

const char *
redirect_kind_name(enum redirect_kind kind)
{
	return kinds[kind];
}

enum redirect_kind
redirect_kind_find(const char *name)
{
	for (int i = 0; i < REDIRECT_KINDS; i++)
		if (str_eq(kinds[i], name))
			return (enum redirect_kind)i;
	return REDIRECT_KINDS;
}

struct parts {
	size_t scheme; // bytes before ':'
	const char *host;
	size_t host_len;
	const char *port; // after ':', or NULL
	const char *path; // '/', '?' or the end
	bool has_host, bad;
};

static struct parts
split(const char *uri)
{
	struct parts p = {.scheme = strcspn(uri, ":/?#")};

	if (uri[p.scheme] != ':' || !p.scheme)
		return (struct parts){.bad = true};
	p.path = uri + p.scheme + 1;
	if (strncmp(p.path, "//", 2) != 0)
		return p;
	p.has_host = true;
	p.host = p.path + 2;
	size_t authority = strcspn(p.host, "/?#\\");
	p.path = p.host + authority;
	if (*p.path == '\\' || memchr(p.host, '@', authority))
		p.bad = true;
	size_t name = *p.host == '[' ? strcspn(p.host, "]") + 1 : strcspn(p.host, ":/?#");
	p.host_len = name < authority ? name : authority;
	if (p.host_len < authority) {
		p.port = p.host + p.host_len + 1;
		p.bad |= p.host[p.host_len] != ':' ||
			strspn(p.port, "0123456789") != authority - p.host_len - 1 ||
			authority - p.host_len > 6;
	}
	p.bad |= !p.host_len;
	return p;
}

static bool
scheme_is(const char *uri, const struct parts *p, const char *scheme)
{
	return p->scheme == strlen(scheme) && strncmp(uri, scheme, p->scheme) == 0;
}

static bool
is_loopback(const struct parts *p)
{
	static const char *const names[] = {"127.0.0.1", "[::1]", "localhost"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (p->host_len == strlen(names[i]) && strncmp(p->host, names[i], p->host_len) == 0)
			return true;
	return false;
}

static bool
invalid_uri(struct error *e, const char *why)
{
	return error_fault(e, ERR_INVALID, "redirect_uri_invalid", "the redirect URI %s", why);
}

// RFC 3986 3.1: nothing else is a scheme, whatever else in a URI looks like one.
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
static bool
is_scheme(const char *uri, size_t len)
{
	return strspn(uri, LETTERS) > 0 && strspn(uri, LETTERS "0123456789+-.") == len;
}

bool
redirect_check(enum redirect_kind kind, const char *uri, struct error *e)
{
	struct parts p = split(uri);

	for (const char *c = uri; *c; c++)
		if (*c <= ' ' || *c > '~' || strchr("\"<>\\^`{|}*;,'", *c))
			return invalid_uri(e, "has a character that must be escaped");
	if (p.bad || strlen(uri) > AUTHORIZE_VALUE_MAX)
		return invalid_uri(e, "is not a URI with a scheme and a host without user name");
	if (strchr(uri, '#'))
		return invalid_uri(e, "has a fragment");
	if (strstr(uri, "/../") || strstr(uri, "/./") || str_ends(uri, "/.."))
		return invalid_uri(e, "has . or .. in its path");
	if (scheme_is(uri, &p, "https"))
		return p.has_host || invalid_uri(e, "names no host");
	if (scheme_is(uri, &p, "http"))
		return (p.has_host && is_loopback(&p)) ||
			invalid_uri(e, "must be https, or http to this computer");
	// javascript:, data: and the like have no dot; a name that somebody owns has.
	if (kind == REDIRECT_NATIVE && is_scheme(uri, p.scheme) && memchr(uri, '.', p.scheme))
		return true;
	return invalid_uri(
		e, "must be https, or a native program's own scheme like com.example.app:");
}

bool
redirect_matches(enum redirect_kind kind, const char *registered, const char *given)
{
	if (str_empty(given) || str_empty(registered))
		return false;
	if (strcmp(registered, given) == 0)
		return true;
	if (kind != REDIRECT_NATIVE)
		return false;
	struct parts r = split(registered), g = split(given);
	return !r.bad && !g.bad && scheme_is(registered, &r, "http") && r.has_host && g.has_host &&
		is_loopback(&r) && r.scheme == g.scheme && strncmp(given, "http:", 5) == 0 &&
		r.host_len == g.host_len && strncmp(r.host, g.host, r.host_len) == 0 &&
		strcmp(r.path, g.path) == 0;
}

char *
uri_origin(struct arena *arena, const char *uri)
{
	struct parts p = split(uri);

	if (p.bad)
		return arena_strdup(arena, "");
	return p.has_host ? arena_strndup(arena, uri, (size_t)(p.path - uri))
			  : arena_strndup(arena, uri, p.scheme + 1);
}

// --- scopes ---

static void
take_scope(struct scope_request *r, const char *name, size_t len)
{
	static const char *const oidc[] = {"openid", "profile", "email", "offline_access"};
	bool *const flags[] = {&r->openid, &r->profile, &r->email, &r->offline};

	for (size_t i = 0; i < sizeof oidc / sizeof *oidc; i++)
		if (len == strlen(oidc[i]) && strncmp(name, oidc[i], len) == 0) {
			*flags[i] = true;
			return;
		}
	r->resource = true;
	if (len >= 8 && strncmp(name + len - 8, ".default", 8) == 0)
		r->all = true;
}

struct scope_request
scope_request_read(const char *text)
{
	struct scope_request r = {.wanted = scope_parse(text)};

	for (const char *p = text ? text : ""; *p;) {
		size_t len = strcspn(p, " \t\r\n");
		if (len)
			take_scope(&r, p, len);
		p += len;
		p += strspn(p, " \t\r\n");
	}
	return r;
}

scope_set
scope_grant(const struct scope_request *request, scope_set person, scope_set application)
{
	scope_set most = person & application;

	if (request->all)
		return most;
	if (!request->resource)
		return most & SCOPE_BIT(SCOPE_USER_SELF);
	return most & request->wanted;
}

char *
scope_text(struct arena *arena, scope_set set, const struct scope_request *r, bool with_oidc)
{
	struct buf out;

	buf_init(&out, arena, 16 << 10);
	for (enum scope s = 0; s < SCOPE_COUNT; s++)
		if (set & SCOPE_BIT(s))
			buf_printf(&out, "%s%s", out.len ? " " : "", scope_name(s));
	const struct {
		bool wanted;
		const char *name;
	} oidc[] = {{r->openid, "openid"}, {r->profile, "profile"}, {r->email, "email"},
		{r->offline, "offline_access"}};
	for (size_t i = 0; with_oidc && i < sizeof oidc / sizeof *oidc; i++)
		if (oidc[i].wanted)
			buf_printf(&out, "%s%s", out.len ? " " : "", oidc[i].name);
	return arena_strdup(arena, buf_text(&out));
}

scope_set
device_code_excluded(void)
{
	return SCOPE_BIT(SCOPE_SERVICE_CONFIG_WRITE) | SCOPE_BIT(SCOPE_DEVICE_WRITE) |
		SCOPE_BIT(SCOPE_PARTNER_REGISTER) | SCOPE_BIT(SCOPE_TECHNICIAN);
}
