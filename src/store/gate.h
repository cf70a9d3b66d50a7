// SPDX-License-Identifier: Apache-2.0
// The enrolment gate with what administrators decided and what is known of device and person.
#pragma once

#include "domain/enrollment_gate.h"
#include "store/devices.h"

// What the device says about itself; "" where it says nothing.
struct gate_device {
	const char *os_version, *edition;
	bool userless; // nobody signs in in this phase
};

// Whether `device` may enrol for its assigned user. *out lives in the arena.
bool store_gate(const struct work *w, const struct device *device, const struct gate_device *says,
	struct gate_verdict *out, struct error *e) MUST_CHECK;

// Has somebody said that the device is the organization's: by a registration, an association, or a
// corporate identifier (E12, Z14, Z15)?
bool store_is_corporate(
	const struct work *w, const struct device *device, bool *out, struct error *e) MUST_CHECK;
