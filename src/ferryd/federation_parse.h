// SPDX-License-Identifier: Apache-2.0
// What is said to and believed of an external OpenID Connect issuer; no network, no clock.
#pragma once

#include "codec/json.h"
#include "store/federations.h"

enum { FEDERATION_DOCUMENT_MAX = 256 << 10, FEDERATION_URL_MAX = 2048 };

// OpenID Connect Discovery 1.0 section 3, as far as it is used.
struct federation_metadata {
	const char *authorization_endpoint, *token_endpoint, *jwks_uri;
	bool names_itself; // in each answer, as iss (RFC 9207)
	bool basic; // the client's secret goes into the Authorization header, not into the form
};

// Read a discovery document. `issuer` must be exactly the one it was asked of (section 4.3), every
// address https, and code, S256 and one of our algorithms offered where the document lists any.
// ERR_PROTOCOL with fault identity_provider_answer.
bool federation_metadata_read(struct arena *arena, struct slice text, const char *issuer,
	struct federation_metadata *out, struct error *e) MUST_CHECK;

// "https://host[:port]/path?query" without user, fragment, blanks: origin without, path with the
// slash. ERR_INVALID.
bool federation_url_split(struct arena *arena, const char *url, const char **origin,
	const char **path, struct error *e) MUST_CHECK;

// What one sign-in must remember between the redirect and the answer: kept by the service, bound to
// the browser by a cookie.
struct federation_login {
	const char *state, *nonce, *verifier; // 43 characters of base64url each
};
void federation_login_new(struct arena *arena, struct federation_login *out);

// Where the browser is sent (RFC 6749 4.1.1, RFC 7636 with S256). `login_hint` may be NULL.
char *federation_authorize_url(struct arena *arena, const struct federation *f,
	const struct federation_metadata *metadata, const char *redirect_uri,
	const struct federation_login *login, const char *login_hint);

// The body of the token request (RFC 6749 4.1.3); `secret_in_form` says where a secret goes.
char *federation_token_form(struct arena *arena, const struct federation *f, const char *code,
	const char *redirect_uri, const struct federation_login *login, bool secret_in_form);
char *federation_basic(struct arena *arena, const struct federation *f);

// Who signed in, of claims that were verified.
struct federation_user {
	const char *issuer, *subject; // together the only lasting name
	const char *upn;	      // lower case
	const char *display_name;     // may be NULL
	bool strong;		      // the issuer says that it asked for two factors (RFC 8176)
	bool maps_roles;	      // `roles`, bits of enum role, replace what the user had
	unsigned roles;
};

// The mapped claim must be one address of an allowed domain; an email only where the issuer says
// that it verified it (otherwise anybody could write in another's). No domains: nobody. ERR_DENIED
// with fault federated_user_refused.
bool federation_user_read(struct arena *arena, const struct federation *f,
	const struct json *claims, struct federation_user *out, struct error *e) MUST_CHECK;

// Check what an administrator wants to store: issuer address, claim, domains, roles. ERR_INVALID,
// Is the domain in the JSON list of domains?
bool federation_speaks_for(struct arena *arena, const char *domains, const char *domain);

// with fault role_unknown for a role.
bool federation_check(struct arena *arena, const struct federation *f, struct error *e) MUST_CHECK;
