// SPDX-License-Identifier: Apache-2.0
// NDR type serialization version 1, little-endian (MS-RPCE 2.2.6): alignment, pointers, strings and
// headers of the offline-domain-join blob.
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"
#include "wire/odj/ad_id.h"

enum { NDR_HEADER = 16 };

// A reader with a sticky failure: after the first one every read gives zeros and `why` says what
// was wrong.
struct ndr_in {
	struct slice data; // from the header on, so that alignment counts from its start
	size_t pos;
	const char *why;
};

// Checks both headers of a serialized type and stands behind them.
void ndr_open(struct ndr_in *in, struct slice data);
void ndr_fail(struct ndr_in *in, const char *why);
uint16_t ndr_u16(struct ndr_in *in);
uint32_t ndr_u32(struct ndr_in *in);
// A pointer's referent id: true when the referent follows later.
bool ndr_ptr(struct ndr_in *in);
void ndr_guid(struct ndr_in *in, uint8_t out[16]);
// A SID with its conformance count before it.
void ndr_sid(struct ndr_in *in, struct sid *out);
// `len` raw bytes; empty after a failure.
struct slice ndr_bytes(struct ndr_in *in, size_t len);
// Conformant array of bytes whose count must be `len`.
struct slice ndr_blob(struct ndr_in *in, uint32_t len);
// Conformant varying array of at most `max` UTF-16 units. With `terminated`, one final NUL is
// required and not part of the result.
struct slice ndr_units(struct ndr_in *in, uint32_t max, bool terminated);

struct ndr_out {
	struct buf buf;
	uint32_t refs; // pointers written
};

// Starts with both headers; ndr_close pads to 8 and fills in the length.
void ndr_begin(struct ndr_out *out, struct arena *arena, size_t max);
struct slice ndr_close(struct ndr_out *out);
void ndr_put_u16(struct ndr_out *out, uint16_t value);
void ndr_put_u32(struct ndr_out *out, uint32_t value);
// The next referent id, or 0 when there is nothing to point at.
void ndr_put_ptr(struct ndr_out *out, bool present);
void ndr_put_guid(struct ndr_out *out, const uint8_t guid[16]);
void ndr_put_sid(struct ndr_out *out, const struct sid *sid);
void ndr_put_blob(struct ndr_out *out, struct slice bytes);
// [string] wchar_t *: counts, units, NUL.
void ndr_put_string(struct ndr_out *out, struct slice units);
// Buffer of a UNICODE_STRING: room for a NUL that is not transmitted.
void ndr_put_counted(struct ndr_out *out, struct slice units);
