// SPDX-License-Identifier: Apache-2.0
// Who people are to sign-in: their entry, their roles, and what they prove themselves with.
#pragma once

#include "domain/scope.h"
#include "store/work.h"

struct person {
	const char *user_id, *tenant_id, *upn, *display_name, *given_name, *surname, *mail;
	const char *job_title, *department;
	const char *source;			 // ferry, domain, federated
	const char *domain, *account_name, *sid; // Active Directory's, with source domain
	bool enabled;
	time_us created_at;
};

// ERR_NOT_FOUND with fault user_unknown.
bool store_person_by_id(
	const struct work *w, const char *user_id, struct person *out, struct error *e) MUST_CHECK;
// In the work's tenant, or in any when that is NULL and only one has such a user.
bool store_person_by_upn(
	const struct work *w, const char *upn, struct person *out, struct error *e) MUST_CHECK;
// At most `limit` in order of their id, after `after` ("" for the first).
bool store_person_page(const struct work *w, const char *after, int64_t limit, struct person **out,
	size_t *count, struct error *e) MUST_CHECK;

struct new_person {
	const char *upn, *display_name, *given_name, *surname, *mail;
	const char *department, *job_title, *usage_location; // NULL: empty
	const char *password_hash;			     // NULL: none yet
	bool must_change;
	unsigned roles;
};
// ERR_CONFLICT with fault user_exists.
bool store_person_create(const struct work *w, const struct new_person *in, const char **user_id,
	struct error *e) MUST_CHECK;

// What an administrator changes of a person; NULL: stays.
struct person_change {
	const char *display_name, *given_name, *surname, *mail, *department, *job_title;
	const char *usage_location;
	const bool *enabled; // false ends all sessions and grants
};
// ERR_NOT_FOUND with fault user_unknown; ERR_CONFLICT with fault user_synchronized for somebody of
// Active Directory, last_administrator as store_roles_set.
bool store_person_update(const struct work *w, const char *user_id, const struct person_change *in,
	struct error *e) MUST_CHECK;
// With everything the person has. Errors as above.
bool store_person_delete(const struct work *w, const char *user_id, struct error *e) MUST_CHECK;

bool store_roles(
	const struct work *w, const char *user_id, unsigned *roles, struct error *e) MUST_CHECK;
// Replace all. ERR_CONFLICT with fault last_administrator when nobody else could give roles then.
bool store_roles_set(
	const struct work *w, const char *user_id, unsigned roles, struct error *e) MUST_CHECK;
// What the roles may together; everybody is ROLE_USER.
scope_set roles_scopes(unsigned roles);
// True when any of them may change something beyond one device.
bool roles_administer(unsigned roles);

struct factors {
	const char *password_hash; // "" when there is none
	bool must_change;
	struct slice totp_secret; // empty: no authenticator app
	int64_t totp_step, recovery_codes;
};
bool store_factors(
	const struct work *w, const char *user_id, struct factors *out, struct error *e) MUST_CHECK;

// A new password ends every session and every grant of the user, except that session.
bool store_password_put(const struct work *w, const char *user_id, const char *hash,
	bool must_change, const char *except_session, struct error *e) MUST_CHECK;
// The same password at another cost; nothing happens when it was changed meanwhile.
bool store_password_rehash(const struct work *w, const char *user_id, const char *old_hash,
	const char *new_hash, struct error *e) MUST_CHECK;

// Set up an authenticator app, with the SHA-256 of each recovery code.
bool store_totp_put(const struct work *w, const char *user_id, struct slice secret, int64_t step,
	const char *const *codes, size_t count, struct error *e) MUST_CHECK;
// *used: this step, code or pass was good and is now spent; of two at the same time only one is.
bool store_totp_use(const struct work *w, const char *user_id, int64_t step, bool *used,
	struct error *e) MUST_CHECK;
bool store_recovery_use(const struct work *w, const char *user_id, const char *code_sha256,
	bool *used, struct error *e) MUST_CHECK;
bool store_pass_use(const struct work *w, const char *user_id, const char *code_sha256, bool *used,
	struct error *e) MUST_CHECK;
// Replaces the user's present one.
bool store_pass_put(const struct work *w, const char *user_id, const char *code_sha256,
	time_us start_at, time_us end_at, bool one_time, struct error *e) MUST_CHECK;
// Remove app and recovery codes.
bool store_mfa_reset(const struct work *w, const char *user_id, struct error *e) MUST_CHECK;

// End all sessions and grants, and forget from where the user signed in.
bool store_sign_out_everywhere(
	const struct work *w, const char *user_id, const char *why, struct error *e) MUST_CHECK;
