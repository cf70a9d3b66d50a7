// SPDX-License-Identifier: Apache-2.0
// How Windows names a certificate in a store: the upper-case SHA-1 of its DER.
#pragma once

#include <openssl/evp.h>

#include "base/slice.h"

enum { THUMBPRINT_TEXT = 41 };

static inline void
thumbprint(struct slice der, char out[THUMBPRINT_TEXT])
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};
	unsigned len = 0;

	// A name, not a proof: SHA-1 is what the client looks up.
	EVP_Digest(der.data, der.len, hash, &len, EVP_sha1(), NULL);
	for (size_t i = 0; i < 20; i++) {
		out[2 * i] = digits[hash[i] >> 4];
		out[2 * i + 1] = digits[hash[i] & 15];
	}
	out[40] = '\0';
}
