// SPDX-License-Identifier: Apache-2.0
// How a person becomes a session: which check belongs to which kind of user, what still has to be
// asked, and which cookies say so.
#pragma once

#include "domain/sign_in_step.h"
#include "ferryd/service.h"
#include "store/identity.h"
#include "store/people.h"

enum sign_in_result { SIGN_IN_ACCEPTED, SIGN_IN_DENIED };

// Check a password where the user's is kept: here, or in Active Directory. `user` NULL: nobody of
// that name, which takes as long. Errors: sign_in_busy, signin_password_expired, signin_locked,
// signin_disabled, and those of directory_password_check(). `attempt` has passed sign_in_may_try().
bool sign_in_check_password(struct call *c, const struct person *user,
	const struct attempt *attempt, const char *password, enum sign_in_result *result,
	struct error *e) MUST_CHECK;

// The whole check of a name with a password or Temporary Access Pass, counted as an attempt:
// *person is who it is, also when the password was wrong. `work.tenant_id` NULL: of any tenant.
// False with the fault that the person reads: sign_in_failed for a wrong name, password or pass,
// sign_in_wait, account_disabled (only to who knows the password), and those above.
bool sign_in_credential(struct call *c, const char *name, const char *secret, bool pass,
	struct person *person, struct error *e) MUST_CHECK;
// The code of an authenticator app, or a recovery code. mfa_code_wrong, sign_in_wait.
bool sign_in_second_factor(struct call *c, const struct person *person,
	const struct factors *factors, const char *typed, bool recovery,
	struct error *e) MUST_CHECK;
// What strangers read of a domain's refusal: that an account is locked or disabled is its answer to
// any password. The record of sign-ins has the true cause.
void sign_in_soften(struct error *why);

// What the person at the browser reads when a domain could not be asked: whoever signs in cannot
// repair a connector. The record of sign-ins has the true cause.
void sign_in_hide_outage(struct error *why);

// Who is signed in in this browser. ERR_NOT_FOUND with fault session_expired when nobody is, or the
// user is gone or disabled. Sets the call's tenant.
struct signed_in {
	struct sign_in_session session;
	struct person person;
	struct factors factors;
	unsigned roles;
};
bool sign_in_current(struct call *c, struct signed_in *out, struct error *e) MUST_CHECK;

// What the session still lacks.
enum sign_in_step sign_in_missing(struct call *c, const struct signed_in *s);

// Begin a session after a good credential; it is complete when nothing is missing.
bool sign_in_begin(struct call *c, const struct person *person, const char *source, const char *amr,
	bool strong, struct signed_in *out, struct error *e) MUST_CHECK;
// A step was taken: look again what is missing, and go on under a new cookie. `amr` (may be NULL)
// names a second factor that was given.
bool sign_in_advance(
	struct call *c, struct signed_in *s, const char *amr, struct error *e) MUST_CHECK;
bool sign_in_end(struct call *c, struct error *e) MUST_CHECK;

// The attempt that this request is, with the browser's long-lived cookie.
struct attempt sign_in_attempt(
	struct call *c, const char *purpose, const char *account, const char *user_id);
// Say who it is; ERR_LIMIT with fault sign_in_wait, and how many seconds in the message.
bool sign_in_may_try(struct call *c, struct attempt *attempt, struct error *e) MUST_CHECK;
// Good: remember the browser, which gets its cookie if it has none.
bool sign_in_was_good(struct call *c, struct attempt *attempt, struct error *e) MUST_CHECK;

// Write the record; failing to is only logged.
void sign_in_record(struct call *c, const struct person *person, const char *upn,
	const char *client_id, const char *method, const char *result, const char *reason);

// 256 random bits as text, and their SHA-256 as the store keeps it.
char *secret_new(struct arena *arena);
char *secret_sha256(struct arena *arena, const char *secret);
