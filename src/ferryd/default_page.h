// SPDX-License-Identifier: Apache-2.0
// When the organization's default Enrollment Status Page reaches a device: no other does, and an
// administrator has turned it on (behaviour X2, X16, W3).
#pragma once

#include "domain/esp_profile.h"
#include "ferryd/service.h"
#include "store/devices.h"

// *have: `out` is the page and the device's time limits are the page's. As it is made, the default
// shows no progress, and then it is none.
bool default_page(struct call *c, struct device *device, struct esp_settings *out, bool *have,
	struct error *e) MUST_CHECK;

// The page that reaches the device, its own or the default one. *have is false when none does, or
// when it is the default and shows no progress.
bool status_page(struct call *c, struct device *device, struct esp_settings *out, bool *have,
	struct error *e) MUST_CHECK;
