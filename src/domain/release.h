// SPDX-License-Identifier: Apache-2.0
// When the service says that people may sign in to a device (threats-and-faults.md row 8), and what
// the token that says so must say.
#pragma once

#include "domain/esp_profile.h"
#include "pki/jwt.h"

#define RELEASE_AUDIENCE "urn:ferry:session"

// What the service knows at the moment it is asked.
struct release_facts {
	const char *phase;		 // of the deployment: "started" … "done", "continued"
	const char *result;		 // "running", "failed", "success"
	const char *fault;		 // of a failed one, or NULL
	const struct esp_settings *page; // NULL: no page reaches the device
	bool wants_continue;		 // the person chose "Continue anyway" (behaviour X11)
};

struct release_verdict {
	bool allowed;
	const char *how;   // "finished" or "continued"
	const char *fault; // when it is not allowed
	const char *reason;
};

struct release_verdict release_decide(const struct release_facts *facts);

// SHA-256 of everything that the page says, as 64 hexadecimal digits: a token is for one text of
// it. NULL: no page.
const char *release_policy(struct arena *arena, const struct esp_settings *page);

// Whom a token must be for.
struct release_expect {
	const char *issuer; // address of the service
	const char *key;    // SHA-256 of the device's public key, hexadecimal
	const char *enrollment;
	const char *policy;
};

struct release {
	const char *how, *deployment, *user;
	int64_t issued_at; // seconds since 1970
};

// Judge a release token. It states a fact that does not age, so it is verified as of the moment at
// which it was issued: a key that was rotated out since, or a clock that stands in the past, locks
// nobody out. ERR_UNAUTHENTICATED with fault release_token_invalid.
bool release_verify(struct arena *arena, struct slice token, const struct jwk_set *keys,
	const struct release_expect *expect, struct release *out, struct error *e) MUST_CHECK;
