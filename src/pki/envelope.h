// SPDX-License-Identifier: Apache-2.0
// A secret for the holder of one P-256 key: ephemeral ECDH, HKDF-SHA-256, AES-256-GCM (as HPKE's
// base mode, RFC 9180, in one fixed suite).
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <openssl/types.h>

enum { ENVELOPE_OVERHEAD = 1 + 65 + 16, ENVELOPE_MAX = 1 << 20 };

// Version byte 1, the ephemeral public point (uncompressed), ciphertext and tag. `context` says
// what the secret is for: it opens only with the same one. ERR_UNSUPPORTED for another kind of key.
bool envelope_seal(struct arena *arena, EVP_PKEY *recipient, struct slice context,
	struct slice plain, struct slice *out, struct error *e) MUST_CHECK;

// ERR_CRYPTO when it was sealed to another key, for another context, or changed since.
bool envelope_open(struct arena *arena, EVP_PKEY *key, struct slice context, struct slice sealed,
	struct slice *out, struct error *e) MUST_CHECK;
