// SPDX-License-Identifier: Apache-2.0
// When a device's compliance is judged and when the judgement is over: at Reseal for what is the
// device's, not any more once its user begins, and at the end for everything (behaviour W9).
#pragma once

#include "ferryd/service.h"
#include "store/deployments.h"
#include "store/devices.h"
#include "store/items.h"

// Judge and remember it. `person`: somebody's items count too; where nobody signed in, only what is
// the device's does (SD3).
bool device_compliance(struct call *c, struct device *device, const struct deployment *deployment,
	bool person, struct compliance *out, struct error *e) MUST_CHECK;

// The technician is done: what the device is without its user.
bool compliance_at_reseal(struct call *c, struct error *e) MUST_CHECK;

// The user of a resealed device begins: until the end nobody knows, and the timeline says so.
// Repeating it is no error.
bool compliance_begin_anew(struct call *c, struct error *e) MUST_CHECK;
