// SPDX-License-Identifier: Apache-2.0
#include "pki/password_hash.h"

#include "base/str.h"
#include "base/uuid.h"
#include <argon2.h>

enum { MEMORY_KIB = 19456, PASSES = 2, LANES = 1, SALT = 16, HASH = 32, TEXT = 160 };

static struct password_cost
settled(const struct password_cost *cost)
{
	struct password_cost out = {.memory_kib = MEMORY_KIB, .passes = PASSES};

	if (cost && cost->memory_kib)
		out.memory_kib = cost->memory_kib;
	if (cost && cost->passes)
		out.passes = cost->passes;
	return out;
}

bool
password_hash(struct arena *arena, const struct password_cost *cost, const char *password,
	const char **out, struct error *e)
{
	struct password_cost c = settled(cost);
	char *text = arena_alloc(arena, TEXT);
	uint8_t salt[SALT];

	random_bytes(salt, sizeof salt);
	int result = argon2id_hash_encoded(c.passes, c.memory_kib, LANES, password,
		strlen(password), salt, sizeof salt, HASH, text, TEXT);
	if (result != ARGON2_OK)
		return error_set(e, ERR_INTERNAL, "argon2: %s", argon2_error_message(result));
	*out = text;
	return true;
}

bool
password_matches(const struct password_cost *cost, const char *hash, const char *password)
{
	struct password_cost c = settled(cost);
	static const uint8_t salt[SALT] = "nobody's salt..";
	uint8_t wasted[HASH];

	if (str_starts(hash ? hash : "", "$argon2id$")) {
		int result = argon2id_verify(hash, password, strlen(password));
		if (result == ARGON2_OK || result == ARGON2_VERIFY_MISMATCH)
			return result == ARGON2_OK;
	}
	argon2id_hash_raw(c.passes, c.memory_kib, LANES, password, strlen(password), salt,
		sizeof salt, wasted, sizeof wasted);
	return false;
}

bool
password_is_outdated(const struct password_cost *cost, const char *hash)
{
	struct password_cost c = settled(cost);
	char prefix[64];

	snprintf(prefix, sizeof prefix, "$argon2id$v=19$m=%u,t=%u,p=%d$", c.memory_kib, c.passes,
		LANES);
	return !str_starts(hash ? hash : "", prefix);
}
