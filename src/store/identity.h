// SPDX-License-Identifier: Apache-2.0
// What happens while somebody signs in: attempts that are counted, sessions of browsers, and the
// record of who came from where.
#pragma once

#include "domain/throttle.h"
#include "store/work.h"

// One attempt at a secret. purpose: "password", "mfa", "usercode": counted apart.
struct attempt {
	const char *purpose;
	const char *account; // the user name as it is compared; need not exist
	const char *user_id; // NULL: no such user
	const char *address;
	const char *browser_sha256; // of its long-lived cookie; NULL: none
	bool known_browser;	    // the user signed in with it before: store_attempt_begin()
};

// Count the attempt (domain/throttle.h). *wait: 0, or for how long nothing may be tried.
bool store_attempt_begin(
	const struct work *w, struct attempt *attempt, time_us *wait, struct error *e) MUST_CHECK;

// It was good: take the count back, and remember address and browser as known.
bool store_attempt_good(
	const struct work *w, const struct attempt *attempt, struct error *e) MUST_CHECK;

// Nobody could look at the secret: take the count back, and no more.
bool store_attempt_void(
	const struct work *w, const struct attempt *attempt, struct error *e) MUST_CHECK;

// A browser's session; of its cookie only the SHA-256 is kept.
struct sign_in_session {
	const char *sha256, *tenant_id, *user_id;
	bool complete;	      // false: something is still missing
	bool strong;	      // two factors, or what stands for them
	const char *source;   // ferry, domain, federated
	const char *amr;      // RFC 8176, separated by blanks
	struct slice pending; // secret of an authenticator app that is being set up
	time_us signed_in_at, last_at;
};

// Make `session`, and end `old_sha256` (may be NULL) in the same transaction: a cookie that was
// there before a sign-in never becomes one that is signed in.
bool store_sign_in_replace(const struct work *w, const char *old_sha256,
	const struct sign_in_session *session, const char *address, struct error *e) MUST_CHECK;

// ERR_NOT_FOUND with fault session_expired when it is unknown or too old.
bool store_sign_in_get(const struct work *w, const char *sha256, struct sign_in_session *out,
	struct error *e) MUST_CHECK;
bool store_sign_in_pending(
	const struct work *w, const char *sha256, struct slice secret, struct error *e) MUST_CHECK;
bool store_sign_in_end(const struct work *w, const char *sha256, struct error *e) MUST_CHECK;

struct sign_in_event {
	const char *event_id; // given out, not taken
	time_us at;
	const char *user_id, *upn, *client_id, *address, *user_agent;
	const char *method; // password, pass, totp, recovery, federated, refresh …
	const char *result; // success, interrupted, failure
	const char *reason;
};
bool store_sign_in_event(
	const struct work *w, const struct sign_in_event *event, struct error *e) MUST_CHECK;
// Newest first, older than (before, before_id); 0 and "": from the newest.
bool store_sign_in_events(const struct work *w, time_us before, const char *before_id,
	int64_t limit, struct sign_in_event **out, size_t *count, struct error *e) MUST_CHECK;

// Delete counters, sessions, codes and grants that are over.
bool store_identity_forget(const struct work *w, struct error *e) MUST_CHECK;
