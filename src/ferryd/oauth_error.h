// SPDX-License-Identifier: Apache-2.0
// Which OAuth error, AADSTS number and status a named cause is to programs
// (clients-and-conventions.md section 2.2).
#pragma once

#include "ferryd/service.h"

struct oauth_error {
	const char *fault, *error;
	int number, status;
};
const struct oauth_error *oauth_error_of(const struct error *e);

// {"error","error_description","error_codes","timestamp","trace_id","correlation_id","error_uri"}
bool oauth_refuse(struct call *c, const struct error *why, struct error *e) MUST_CHECK;

// "AADSTS50011: …" with the times and ids that support asks for.
char *oauth_description(struct call *c, const struct error *why);

// client-request-id of the query or a header, else a new one; echoed in the answer.
const char *oauth_correlation(struct call *c);
