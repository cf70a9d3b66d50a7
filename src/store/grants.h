// SPDX-License-Identifier: Apache-2.0
// What a person granted a program, and the one-time texts that stand for it: codes, refresh tokens,
// device codes. Of each only the SHA-256 is kept.
#pragma once

#include "store/work.h"

struct grant {
	const char *grant_id, *tenant_id, *client_id, *user_id;
	const char *flow;  // web, spa, native, device_code
	const char *scope; // as it was asked for
	const char *amr;
	time_us signed_in_at, end_at;
};

struct authorization_code {
	const char *redirect_uri, *redirect_kind, *challenge;
	const char *nonce; // NULL: none
	time_us end_at;
};

// Record a grant with its code. Ids are the caller's.
bool store_code_put(const struct work *w, const struct grant *grant, const char *code_sha256,
	const struct authorization_code *code, struct error *e) MUST_CHECK;

// Spend a code. It is spent whoever presents it. ERR_UNAUTHENTICATED with fault oauth_code_invalid
// when it is unknown, too old or was spent before; in the last case its grant is revoked, with all
// tokens made from it (RFC 9700 section 2.1.1). The work's tenant becomes irrelevant: see grant.
bool store_code_take(const struct work *w, const char *code_sha256, struct authorization_code *code,
	struct grant *grant, struct error *e) MUST_CHECK;

// The grant of a refresh token, without spending it. ERR_UNAUTHENTICATED with fault
// oauth_refresh_invalid when it is unknown, too old, spent or revoked.
bool store_refresh_look(const struct work *w, const char *token_sha256, struct grant *grant,
	struct error *e) MUST_CHECK;

// Spend one and put the next in its place. A token that was spent before revokes the grant, with
// the same error as above.
bool store_refresh_rotate(const struct work *w, const char *token_sha256, const char *next_sha256,
	time_us end_at, struct error *e) MUST_CHECK;
// The first one of a grant.
bool store_refresh_put(const struct work *w, const char *grant_id, const char *token_sha256,
	time_us end_at, struct error *e) MUST_CHECK;

bool store_grant_revoke(
	const struct work *w, const char *grant_id, const char *why, struct error *e) MUST_CHECK;

struct device_code {
	const char *sha256, *user_code, *tenant_id, *client_id, *client_name, *scope, *address;
	const char *state;    // pending, approved, denied, used
	const char *grant_id; // once approved
	time_us created_at, end_at;
};

// *made is false when the user code exists already: take another.
bool store_device_code_put(
	const struct work *w, const struct device_code *in, bool *made, struct error *e) MUST_CHECK;
// One that waits for an answer. ERR_NOT_FOUND with fault user_code_unknown.
bool store_device_code_find(const struct work *w, const char *user_code, struct device_code *out,
	struct error *e) MUST_CHECK;
// Approve with a grant, or deny with NULL. ERR_NOT_FOUND with user_code_unknown if it no longer
// waits.
bool store_device_code_settle(const struct work *w, const char *sha256, const struct grant *grant,
	struct error *e) MUST_CHECK;
// What became of one; an approved one is spent by this and gives its grant. ERR_UNAUTHENTICATED
// with fault oauth_device_code_invalid when it is unknown or spent.
bool store_device_code_poll(const struct work *w, const char *sha256, const char *client_id,
	struct device_code *out, struct grant *grant, struct error *e) MUST_CHECK;
