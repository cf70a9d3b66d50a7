// SPDX-License-Identifier: Apache-2.0
// Which manufacturers and resellers may register devices for this organization, and what they
// register (behaviour R7, R11, R13, R22).
#pragma once

#include "store/registration.h"

enum { CONSENT_DAYS = 30 };

struct partner_consent {
	const char *consent_id, *partner, *partner_tenant_id, *state, *granted_by, *revoked_by;
	time_us granted_at, revoked_at; // 0: not yet
};

// The partner offers: whoever has the code, of which this is the SHA-256, can agree once, within
// CONSENT_DAYS.
bool store_consent_offer(const struct work *w, const char *code_sha256, const char *actor,
	const char **consent_id, struct error *e) MUST_CHECK;

// An administrator of the customer agrees. ERR_NOT_FOUND with fault "partner_code_unknown" also for
// a code that was used or is too old; ERR_CONFLICT when the partner has consent already.
bool store_consent_grant(const struct work *w, const char *code_sha256, const char *actor,
	struct partner_consent *out, struct error *e) MUST_CHECK;
bool store_consent_list(const struct work *w, struct partner_consent **out, size_t *count,
	struct error *e) MUST_CHECK;
// What the partner has registered stays. ERR_NOT_FOUND.
bool store_consent_revoke(const struct work *w, const char *consent_id, const char *actor,
	struct error *e) MUST_CHECK;

// Register for `customer_id`, in one transaction with the check of its consent; ERR_DENIED with
// fault "partner_consent_missing". A row has maker, model and serial number, or a product key id of
// hardware that the partner has registered for itself, or a hash. Hardware of the partner's own
// stock goes over to the customer with what is known of it. `w` is the partner's.
bool store_partner_register(const struct work *w, const char *customer_id,
	const struct registration *rows, size_t count, const char *actor,
	struct registration_result *out, struct error *e) MUST_CHECK;
