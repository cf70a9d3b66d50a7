// SPDX-License-Identifier: Apache-2.0
// What a check of a person can come to, in the words of POST /connector/v1/checks/{id}/finish.
#pragma once

enum verdict {
	VERDICT_ACCEPTED,
	VERDICT_DENIED,
	VERDICT_EXPIRED, // the password was right and must be changed
	VERDICT_LOCKED,
	VERDICT_DISABLED,
	VERDICT_UNAVAILABLE,
	VERDICT_COUNT
};

// "accepted", "denied" …
const char *verdict_name(enum verdict verdict);
