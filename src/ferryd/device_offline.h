// SPDX-License-Identifier: Apache-2.0
// A device that brings a configuration file: it is taken at its word as far as its page, and
// becomes a registration once somebody of the organization has signed in on it (behaviour section
// 11).
#pragma once

#include "ferryd/service.h"

// The device that a request is about: by its hash, or, when nobody registered it or no profile is
// assigned, as the member "offline" {"tenantId","correlationId"} says. Then *offline is set, and a
// device that is not registered has no device_id. Sets the call's tenant. Faults of
// device_by_hash(), and offline_profile_unknown.
bool device_by_hash_or_file(struct call *c, const struct json *body, struct device *out,
	bool *offline, struct error *e) MUST_CHECK;

// Somebody has signed in on it: from now on it is registered, with source offline.
bool device_offline_register(
	struct call *c, const struct json *body, struct device *device, struct error *e) MUST_CHECK;
