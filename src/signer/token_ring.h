// SPDX-License-Identifier: Apache-2.0
// Where the token keys lie and how they change without a moment in which none, or two, would sign.
//
// tokens.json says which keys there are and is replaced atomically; token-KID.key is the private
// half of a key that signs or will sign. A private half is written before the list names it and
// removed after the list no longer does, so that a power cut leaves at worst a file that the next
// change removes. Several processes may change the keys: each holds the lock file meanwhile.
#pragma once

#include "base/clock.h"
#include "pki/jwt.h"
#include "signer/token_state.h"

// What signs now and what is published, at one moment; unchanging, shared by threads.
struct token_view {
	const char *kid, *jwks;
	EVP_PKEY *key;		  // private
	struct jwt_signer signer; // the same, ready
	// For token_ring.c.
	struct arena arena;
	unsigned users;
};

struct token_ring;

// Make a first key in `dir`, which signs at once. ERR_CONFLICT when there are keys.
bool token_ring_create(const char *dir, const struct token_policy *policy, time_us now,
	struct error *e) MUST_CHECK;

// Read the keys; an older folder's only key, token.key, becomes the first of the list. ERR_DENIED
// when others can read a key, ERR_INVALID for a damaged list. Close with token_ring_close.
bool token_ring_open(
	const char *dir, time_us now, struct token_ring **out, struct error *e) MUST_CHECK;
void token_ring_close(struct token_ring *ring); // NULL is fine

// The keys as they are now: read anew when another process has changed them. From any thread; give
// every view back. A list that cannot be read is an error: it may be that a stolen key was taken
// out.
bool token_ring_borrow(
	struct token_ring *ring, struct token_view **out, struct error *e) MUST_CHECK;
void token_ring_return(struct token_ring *ring, struct token_view *view);

// Do what is due: publish a next key, let it sign after a day, let old ones go.
bool token_ring_tend(const char *dir, const struct token_policy *policy, time_us now,
	struct error *e) MUST_CHECK;

// Publish a next key if there is none; with `at_once` let it sign.
bool token_ring_rotate(const char *dir, const struct token_policy *policy, bool at_once,
	time_us now, struct error *e) MUST_CHECK;

// Publish a key no longer and forget it. If it signed, the next one does from now on, or a new one.
// ERR_NOT_FOUND.
bool token_ring_revoke(const char *dir, const struct token_policy *policy, const char *kid,
	time_us now, struct error *e) MUST_CHECK;

// A descriptor that becomes readable when anything changes in the folder of the keys (inotify: the
// event is there before whoever made the change goes on). Good for anybody who must not use what an
// older key signed. ERR_IO and others where the system has no more of them.
bool token_ring_watch(const char *dir, int *out, struct error *e) MUST_CHECK;

// The list as it is on disk.
bool token_ring_read(
	struct arena *arena, const char *dir, struct token_state *out, struct error *e) MUST_CHECK;
