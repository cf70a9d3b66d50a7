// SPDX-License-Identifier: Apache-2.0
// Identifiers of Active Directory, SID and GUID, as bytes and as text.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/uuid.h"
#include <stdint.h>

enum {
	SID_MAX_SUBAUTHORITIES = 15, // MS-DTYP 2.4.2.2
	SID_MAX_BYTES = 8 + 4 * SID_MAX_SUBAUTHORITIES,
};

struct sid {
	uint64_t authority; // 48 bits
	uint32_t count;
	uint32_t sub[SID_MAX_SUBAUTHORITIES];
};

// "S-1-5-21-…" with decimal numbers. ERR_INVALID.
bool sid_parse(const char *text, struct sid *out, struct error *e) MUST_CHECK;

// The value of objectSid (MS-DTYP 2.4.2.2); the whole slice must be one SID. ERR_INVALID.
bool sid_from_bytes(struct slice bytes, struct sid *out, struct error *e) MUST_CHECK;

char *sid_text(struct arena *arena, const struct sid *sid);

// The last subauthority (the RID of an account), and the SID without it. `sid` must have one.
uint32_t sid_rid(const struct sid *sid);
struct sid sid_domain(const struct sid *sid);

bool sid_eq(const struct sid *a, const struct sid *b);

// objectGUID and NDR hold the first three fields of a GUID little-endian (MS-DTYP 2.3.4.2).
void guid_from_le(const uint8_t bytes[16], char out[UUID_TEXT]);
// False when the text is not a GUID.
bool guid_to_le(const char *text, uint8_t out[16]) MUST_CHECK;
