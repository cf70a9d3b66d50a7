// SPDX-License-Identifier: Apache-2.0
// How a text becomes a QR code of half-block characters that a phone, and a test's capture, can
// read.
#pragma once

#include "base/arena.h"
#include "base/error.h"

// Version 4-L: the largest that fits beside the text on 80x25 (clients-and-conventions.md
// section 4).
enum { QR_PAYLOAD_MAX = 78, QR_QUIET = 4, QR_QUIET_MIN = 2 };

struct qr {
	size_t columns, rows;
	const char **lines; // UTF-8: full block = light, blank = dark; draw white on black
};

// Encode `payload` (1..QR_PAYLOAD_MAX bytes) with a quiet zone of `quiet` modules. ERR_LIMIT when
// it is longer, ERR_INTERNAL when the library fails.
bool qr_make(struct arena *arena, const char *payload, unsigned quiet, struct qr *out,
	struct error *e) MUST_CHECK;

// The other form of a companion link "https://host/c/ID": {"ZtdId":"ID"}; NULL when the payload is
// no such link (clients-and-conventions.md section 3).
char *qr_as_json(struct arena *arena, const char *payload);

struct qr_square {
	size_t size;	  // modules of a side, without quiet zone
	const char *dark; // size * size characters, row by row: '1' is dark
};

// The code as modules, for a picture. ERR_LIMIT as above.
bool qr_square(struct arena *arena, const char *payload, struct qr_square *out,
	struct error *e) MUST_CHECK;
