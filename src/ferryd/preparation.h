// SPDX-License-Identifier: Apache-2.0
// Device preparation towards the device: who may be prepared, what a deployment by a policy is told
// and sent, and how it ends (behaviour Z1-Z17).
#pragma once

#include "ferryd/service.h"
#include "store/items.h"
#include "store/preparation.h"

struct deployment;

// The policy for this device and person; ERR_CONFLICT with fault preparation_policy_missing, or
// ERR_UNAUTHENTICATED with preparation_sign_in_needed when only a person could bring one.
bool preparation_choose(struct call *c, const struct device *device, const char *upn,
	struct preparation_choice *out, struct error *e) MUST_CHECK;

// May a deployment by `choice` begin? The faults of the policy and its group (Z2, Z4, Z8), and what
// would refuse the enrolment (Z14).
bool preparation_begin(struct call *c, const struct device *device,
	const struct deployment *deployment, const char *upn, struct error *e) MUST_CHECK;

// Is the device one that the organization has said is its own (E12, E13)?
bool preparation_corporate(
	struct call *c, const struct device *device, bool *out, struct error *e) MUST_CHECK;

// Of everything assigned to the device, what the deployment sets up, in its order (Z10). *preparing
// is false, and nothing is changed, when the deployment is none of device preparation or is over.
bool preparation_items(struct call *c, const struct device *device,
	const struct deployment *deployment, struct item *items, size_t *count, bool *preparing,
	struct error *e) MUST_CHECK;

// The object "preparation" of the profile's answer.
void preparation_write(struct jsonw *w, const struct preparation_choice *choice);
