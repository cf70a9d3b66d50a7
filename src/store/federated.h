// SPDX-License-Identifier: Apache-2.0
// A sign-in that is away at another issuer, and whom that issuer means.
#pragma once

#include "store/work.h"

struct federated_sign_in {
	const char *tenant_id, *federation_id;
	const char *browser_sha256; // of the cookie of the browser that was sent away
	const char *nonce, *verifier, *query;
	time_us end_at;
};

bool store_federated_put(const struct work *w, const char *state_sha256,
	const struct federated_sign_in *in, struct error *e) MUST_CHECK;
// Once. ERR_NOT_FOUND with fault federated_answer_unexpected when it is unknown or too old.
bool store_federated_take(const struct work *w, const char *state_sha256,
	struct federated_sign_in *out, struct error *e) MUST_CHECK;

struct federated_user {
	const char *issuer, *subject;
	const char *upn;	  // lower case
	const char *display_name; // may be NULL
	bool may_link;
};
// The user that (issuer, subject) stands for, made at the first time. ERR_DENIED with fault
// federated_user_refused when somebody else has the name already; with may_link it becomes that
// user, unless he has roles, was made by an issuer, or is another subject of this one.
bool store_federated_user(const struct work *w, const struct federated_user *in,
	const char **user_id, struct error *e) MUST_CHECK;
