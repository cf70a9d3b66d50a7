// SPDX-License-Identifier: Apache-2.0
// What an application may ask for when it sends a person to sign in, where the answer may go, and
// what proves that the same application comes for the token (RFC 6749, 7636, 8252, 9700).
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "domain/scope.h"

// The parameters of an authorization request as they came; NULL: absent.
struct authorize {
	const char *client_id, *redirect_uri, *response_type, *response_mode, *scope, *state,
		*nonce;
	const char *code_challenge, *code_challenge_method, *prompt, *max_age;
	const char *login_hint, *domain_hint;
	const char *repeated; // a parameter that came twice (RFC 6749 section 3.1), or NULL
};

enum { AUTHORIZE_VALUE_MAX = 2048, VERIFIER_MIN = 43, VERIFIER_MAX = 128 };

// Take one parameter; unknown names do no harm. Texts are borrowed.
void authorize_take(struct authorize *a, const char *name, const char *value);

enum prompt { PROMPT_AS_NEEDED, PROMPT_NONE, PROMPT_LOGIN, PROMPT_SELECT };
enum response_mode { MODE_QUERY, MODE_FRAGMENT, MODE_FORM };

struct authorize_plan {
	enum prompt prompt;
	enum response_mode mode;
	int64_t max_age_s; // -1: any
};

// Check all but client and redirect URI, which must have been found good before an error may be
// sent there. Faults: oauth_request_invalid, oauth_response_type, oauth_pkce_needed.
bool authorize_check(
	const struct authorize *a, struct authorize_plan *out, struct error *e) MUST_CHECK;

enum redirect_kind { REDIRECT_WEB, REDIRECT_SPA, REDIRECT_NATIVE, REDIRECT_KINDS };
const char *redirect_kind_name(enum redirect_kind kind); // "web", "spa", "native"
enum redirect_kind redirect_kind_find(const char *name); // REDIRECT_KINDS: none

// May this URI be registered? https with a host and no fragment or user; http only to loopback;
// a scheme of its own (with a dot, RFC 8252 section 7.1) only for native programs. ERR_INVALID with
// fault redirect_uri_invalid.
bool redirect_check(enum redirect_kind kind, const char *uri, struct error *e) MUST_CHECK;

// Is `given` the registered URI? Byte by byte; of a native program's loopback address the port may
// differ (RFC 8252 section 7.3).
bool redirect_matches(enum redirect_kind kind, const char *registered, const char *given);

// "https://host:port" of a URI, "scheme:" of one without authority.
char *uri_origin(struct arena *arena, const char *uri);

// base64url of SHA-256 of the verifier is the challenge, and the verifier has the form of RFC 7636
// section 4.1.
bool pkce_matches(struct arena *arena, const char *verifier, const char *challenge);

// What is asked for in `scope`.
struct scope_request {
	bool openid, profile, email, offline, all; // all: ….default
	bool resource;				   // any permission was named
	scope_set wanted;
};
struct scope_request scope_request_read(const char *text);

// What is granted: asked for, within what the person's roles may and the application may ask for.
// Nothing named gives User.Read; .default everything.
scope_set scope_grant(const struct scope_request *request, scope_set person, scope_set application);

// Names of a grant as `scope` of an answer; with_oidc adds openid, profile, email, offline_access
// as asked for.
char *scope_text(
	struct arena *arena, scope_set set, const struct scope_request *request, bool with_oidc);

// What no token may carry that was got with a device code: registering devices is what phishing
// with such codes is for (threats-and-faults.md row 12).
scope_set device_code_excluded(void);
