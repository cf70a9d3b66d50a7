// SPDX-License-Identifier: Apache-2.0
// Everything that is decided for one device before it begins: the settings of its profile, its
// page, its name, whose it is; and with it whether a way of deployment is open to it.
#pragma once

#include "domain/deployment_mode.h"
#include "domain/esp_profile.h"
#include "ferryd/service.h"
#include "store/devices.h"
#include "store/preparation.h"

struct device_settings {
	struct profile_settings profile; // the defaults when no profile reaches the device
	struct esp_settings page;	 // of the default page, when default_shown
	bool default_shown;
	const char *organization;    // of the device's tenant
	const char *name;	     // that the device will have, or NULL: it is not decided here
	const struct json *branding; // the organization's, or NULL
	const char *mode;	     // that the device goes by itself
	// The policy by which it is prepared, NULL: its deployment profile decides (Z12). Found
	// only if no person is needed for it.
	const struct preparation_choice *preparation;
};

// Read them. Sets the device's time limits when the default page is the one it gets.
bool device_settings(struct call *c, struct device *device, struct device_settings *out,
	struct error *e) MUST_CHECK;

// What a device says of itself and brings along when it wants to begin.
struct device_claim {
	enum deployment_mode mode;
	const char *upn; // who signed in, or NULL
	unsigned oobe;	 // of its configuration file (V5)
	bool tpm_missing;
};

// May it begin? The faults of mode_check() and of the enrolment gate (E1, E6, E7, E9, E10), asked
// for the person who signed in, else for the assigned one.
bool device_mode_may_begin(struct call *c, const struct device *device,
	const struct device_settings *settings, const struct device_claim *claim,
	struct error *e) MUST_CHECK;

// The gate alone; `upn` NULL: nobody signs in.
bool device_gate(
	struct call *c, const struct device *device, const char *upn, struct error *e) MUST_CHECK;

// Read "mode", "userToken", "oobeConfig" and "tpmMissing" of a request; none of them must be there
// (preprovisioned is the default).
bool device_claim_read(struct call *c, const struct json *body, const struct device *device,
	struct device_claim *out, struct error *e) MUST_CHECK;

// The members of a profile answer: mode, oobe, deviceName, branding, organization.
void device_settings_write(const struct device_settings *settings, struct jsonw *w);
