// SPDX-License-Identifier: Apache-2.0
// What an error is: a value on the caller's stack that says how to react, what happened, and what a
// person should do.
#pragma once

#include "base/cleanup.h"
#include <stdbool.h>

// Kinds of reaction, not kinds of cause. Each edge (HTTP, SyncML, SOAP, exit code) owns one table
// from these.
enum error_code {
	ERR_NONE,
	ERR_INVALID,	     // the input is wrong; the same input will fail again
	ERR_NOT_FOUND,	     // what was named does not exist
	ERR_CONFLICT,	     // exists already, or changed in between
	ERR_DENIED,	     // known who asks, but not allowed
	ERR_UNAUTHENTICATED, // not known who asks
	ERR_LIMIT,	     // too large, too many, too deep
	ERR_TIMEOUT,	     // a peer did not answer in time
	ERR_UNAVAILABLE,     // a needed part is down; try again later
	ERR_PROTOCOL,	     // a peer broke its protocol
	ERR_CRYPTO,	     // a proof, signature or decryption failed
	ERR_IO,		     // the operating system refused
	ERR_UNSUPPORTED,     // understood, but not offered
	ERR_INTERNAL,	     // our own mistake
	ERR_CODE_COUNT
};

struct error {
	enum error_code code;
	// Catalogue name of the named cause ("dc_unreachable"), a string constant, or NULL. See
	// domain/fault.h.
	const char *fault;
	char message[240];
	char hint[200]; // what a person should do; may be empty
};

// Set code and message; clears fault and hint. Always returns false, so that a caller can `return
// error_set(...)`.
bool error_set(struct error *e, enum error_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

// As error_set, with the catalogue name of a cause. The catalogue supplies cause and fix at each
// edge.
bool error_fault(struct error *e, enum error_code code, const char *fault, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

// Put context before the message: "context: message". Always returns false.
bool error_wrap(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

// Say what a person should do. Always returns false.
bool error_hint(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

// ERR_IO from errno, with "what: strerror". Always returns false.
bool error_errno(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

// "invalid", "not_found" …: the name of a code in logs and JSON.
const char *error_code_name(enum error_code code);

// Process exit code of a program that ends with this error (sysexits.h values; 0 for ERR_NONE).
int error_exit_code(enum error_code code);
