// SPDX-License-Identifier: Apache-2.0
// Keys of Curve25519 (RFC 7748) as WireGuard uses them: 32 bytes each.
#pragma once

#include "base/error.h"
#include <stdint.h>

enum { X25519_LEN = 32 };

// A new private key.
bool x25519_new(uint8_t private_key[X25519_LEN], struct error *e) MUST_CHECK;

// The public key that belongs to it.
bool x25519_public(const uint8_t private_key[X25519_LEN], uint8_t public_key[X25519_LEN],
	struct error *e) MUST_CHECK;
