// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sysexits.h>

static const struct {
	const char *name;
	int exit_code;
} codes[] = {
	[ERR_NONE] = {"none", EX_OK},
	[ERR_INVALID] = {"invalid", EX_DATAERR},
	[ERR_NOT_FOUND] = {"not_found", EX_NOINPUT},
	[ERR_CONFLICT] = {"conflict", EX_CANTCREAT},
	[ERR_DENIED] = {"denied", EX_NOPERM},
	[ERR_UNAUTHENTICATED] = {"unauthenticated", EX_NOPERM},
	[ERR_LIMIT] = {"limit", EX_DATAERR},
	[ERR_TIMEOUT] = {"timeout", EX_TEMPFAIL},
	[ERR_UNAVAILABLE] = {"unavailable", EX_UNAVAILABLE},
	[ERR_PROTOCOL] = {"protocol", EX_PROTOCOL},
	[ERR_CRYPTO] = {"crypto", EX_DATAERR},
	[ERR_IO] = {"io", EX_IOERR},
	[ERR_UNSUPPORTED] = {"unsupported", EX_UNAVAILABLE},
	[ERR_INTERNAL] = {"internal", EX_SOFTWARE},
};
_Static_assert(sizeof codes / sizeof *codes == ERR_CODE_COUNT, "a row for every code");

bool
error_set(struct error *e, enum error_code code, const char *fmt, ...)
{
	va_list args;

	*e = (struct error){.code = code};
	va_start(args, fmt);
	vsnprintf(e->message, sizeof e->message, fmt, args);
	va_end(args);
	return false;
}

bool
error_fault(struct error *e, enum error_code code, const char *fault, const char *fmt, ...)
{
	va_list args;

	*e = (struct error){.code = code, .fault = fault};
	va_start(args, fmt);
	vsnprintf(e->message, sizeof e->message, fmt, args);
	va_end(args);
	return false;
}

bool
error_wrap(struct error *e, const char *fmt, ...)
{
	char inner[sizeof e->message], context[sizeof e->message];
	va_list args;

	memcpy(inner, e->message, sizeof inner);
	va_start(args, fmt);
	vsnprintf(context, sizeof context, fmt, args);
	va_end(args);
	// Keep at least half of the room for the inner message, which is the more precise one.
	snprintf(e->message, sizeof e->message, "%.*s: %s", (int)sizeof e->message / 2 - 2, context,
		inner);
	return false;
}

bool
error_hint(struct error *e, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(e->hint, sizeof e->hint, fmt, args);
	va_end(args);
	return false;
}

bool
error_errno(struct error *e, const char *fmt, ...)
{
	int saved = errno;
	char what[160], reason[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	return error_set(e, saved == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", what,
		strerror_r(saved, reason, sizeof reason));
}

const char *
error_code_name(enum error_code code)
{
	return codes[code].name;
}

int
error_exit_code(enum error_code code)
{
	return codes[code].exit_code;
}
