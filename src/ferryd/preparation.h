// SPDX-License-Identifier: Apache-2.0
// Device preparation towards the device: who may be prepared, what a deployment by a policy is told
// and sent, and how it ends (behaviour Z1-Z17).
#pragma once

#include "ferryd/device_settings.h"
#include "store/items.h"
#include "store/preparation.h"

struct deployment;

// Settings of a device that is prepared instead of what its deployment profile says (Z12, Z16);
// others stay as they are.
bool preparation_settings(struct call *c, struct device *device, struct device_settings *settings,
	struct error *e) MUST_CHECK;

// Is there a policy for this device and person? ERR_CONFLICT with fault preparation_policy_missing.
// What mode_check() asks for is corrected in `facts`: an automatic policy needs nobody.
bool preparation_may_begin(struct call *c, const struct device *device,
	const struct device_claim *claim, struct mode_facts *facts, struct error *e) MUST_CHECK;

// Note the policy for a deployment that begins: its faults are those of the policy and its group
// (Z2, Z4, Z8).
bool preparation_begin(struct call *c, const struct device *device, const char *deployment_id,
	const char *upn, struct error *e) MUST_CHECK;

// A device that nobody knows: the organization that prepares such devices for its people, or
// ERR_NOT_FOUND with fault device_not_registered as it was. "hardwareHash" of the body is what the
// device says of itself; *device is that until somebody has signed in.
bool preparation_stranger(
	struct call *c, const struct json *body, struct device *device, struct error *e) MUST_CHECK;

// Somebody signed in on such a device: from now on it is known, if a policy is for this person and
// the device may enrol (Z9, Z14).
bool preparation_admit(struct call *c, const struct json *body, const char *upn,
	struct device *device, struct error *e) MUST_CHECK;

// What a stranger is told before anybody signed in.
bool preparation_greet(struct call *c, struct error *e) MUST_CHECK;

// Enrol and put the device into its group in one transaction (Z9).
bool preparation_enroll(struct call *c, const struct enrollment *in,
	const struct issued_certificate *certificate, struct error *e) MUST_CHECK;

// May the device join the directory without a person?
bool preparation_is_automatic(struct call *c, const char *deployment_id);

// Of everything assigned to the device, what the deployment sets up, in its order (Z10). *preparing
// is false, and nothing is changed, when the deployment is none of device preparation or is over.
bool preparation_items(struct call *c, const struct device *device,
	const struct deployment *deployment, struct item *items, size_t *count, bool *preparing,
	struct error *e) MUST_CHECK;

// The object "preparation" of the profile's answer.
void preparation_write(struct jsonw *w, const struct preparation_choice *choice);
