// SPDX-License-Identifier: Apache-2.0
// How people sign in by way of another OpenID Connect issuer: its description and keys are fetched
// and kept, its answer is verified by the one judge of tokens.
//
// Blocking, at most FEDERATION_TIMEOUT_MS a request; only over TLS, with the authorities of the
// setting federation_ca or else the system's.
#pragma once

#include "ferryd/federation_parse.h"
#include "ferryd/service.h"

enum { FEDERATION_TIMEOUT_MS = 15000 };

// What the issuer says of itself: kept for a day, fetched with its keys when older. A description
// that was good is used on while the issuer does not answer. Faults identity_provider_unreachable
// (ERR_UNAVAILABLE), identity_provider_answer (ERR_PROTOCOL).
bool federation_discover(struct call *c, struct federation *f, struct federation_metadata *out,
	struct error *e) MUST_CHECK;

// Exchange the code and verify the id_token: signature, iss, aud, azp, exp, iat, nonce of `login`.
// The caller has found `login` by the state that came back, and forgets it, whatever the outcome.
// Faults as federation_discover, identity_provider_refused (ERR_DENIED) when it declines the code,
// token_* of pki/jwt.h, federated_user_refused.
bool federation_redeem(struct call *c, struct federation *f, const char *code,
	const char *redirect_uri, const struct federation_login *login, struct federation_user *out,
	struct error *e) MUST_CHECK;
