// SPDX-License-Identifier: Apache-2.0
// Devices that nobody has registered and that bring a configuration file: which profile it names,
// and how they become known once somebody has signed in (behaviour section 11).
#pragma once

#include "store/devices.h"

// The registration that such a device does not have yet: what the profile gives it. ERR_NOT_FOUND
// with fault offline_profile_unknown when the tenant has no such profile.
bool store_offline_device(const struct work *w, const struct registration *claim,
	const char *profile_id, struct device *out, struct error *e) MUST_CHECK;

// Somebody has signed in: register it (source offline), or note the file's profile for one that is
// registered without any. Groups may ask for its enrollmentProfileName from now on (G4).
bool store_offline_register(const struct work *w, const struct registration *claim,
	const char *profile_id, const char *profile_name, const char **device_id,
	struct error *e) MUST_CHECK;
