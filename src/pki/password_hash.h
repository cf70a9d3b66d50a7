// SPDX-License-Identifier: Apache-2.0
// How a password is kept: argon2id (RFC 9106) with its parameters in the text, so that stronger
// ones can take over at the next sign-in.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

struct password_cost {
	uint32_t memory_kib; // 0: 19456
	uint32_t passes;     // 0: 2
};

// "$argon2id$v=19$m=…,t=…,p=1$salt$hash" with a fresh salt. Takes the memory and some ten
// milliseconds: never inside a transaction. ERR_INTERNAL when there is no memory.
bool password_hash(struct arena *arena, const struct password_cost *cost, const char *password,
	const char **out, struct error *e) MUST_CHECK;

// Is this the password? The same work is done for a hash of "" or one that cannot be read, so that
// the time does not tell whether there is one.
bool password_matches(const struct password_cost *cost, const char *hash, const char *password);

// True if the hash was made at another cost than this.
bool password_is_outdated(const struct password_cost *cost, const char *hash);
