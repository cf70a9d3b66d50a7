// SPDX-License-Identifier: Apache-2.0
// Which registration an unproven device claims to be, and what it may be told to do.
#pragma once

#include "ferryd/service.h"

// The registration that {"hardwareHash"} names; sets the call's tenant. Faults: ztd_hash_invalid,
// device_not_registered, hardware_mismatch (which is noted).
bool device_by_hash(struct call *c, const struct json *body, struct device *out,
	struct slice *bytes, struct error *e) MUST_CHECK;

// Whether a deployment of it may begin now; the fault is what a person would mend first.
bool device_may_begin(struct call *c, struct device *device, struct error *e) MUST_CHECK;

// The trust store of that name, or NULL: never another one (threats row 2).
const struct tpm_trust_store *service_trust_store(const struct service *service, const char *name);
