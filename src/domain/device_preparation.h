// SPDX-License-Identifier: Apache-2.0
// What a device preparation policy asks for and what is wrong with it, above all with its device
// group (behaviour Z2-Z9, Z12; pains row 20).
//
// Autopilot fails silently when its own service principal does not own the group (Z8). Ferry needs
// no owner: it puts devices into the group itself, and says when the group cannot take them. Its
// limits of 25 apps and 10 scripts (Z5, Z6) are not kept.
#pragma once

#include "codec/json.h"
#include "domain/finding.h"

struct preparation {
	const char *id, *name;
	int64_t priority;
	bool automatic;		 // Z3: not user-driven
	bool administrator;	 // Z3: the user's account
	int64_t timeout_minutes; // Z4: 15 to 720
	const char *message;
	bool allow_skip, show_diagnostics;
	size_t app_count, script_count;
	const char *group_id; // Z8: where devices are put; "" when none is set
};

// The group as the store knows it.
struct preparation_group {
	bool exists;
	bool dynamic;	   // its rule decides alone (G9)
	bool synchronized; // Active Directory decides
	const char *name;
};

// Read a configuration policy (graph-api.md 11). False when it is not one of device preparation.
bool preparation_read(struct arena *arena, const struct json *document, struct preparation *out);

void preparation_check(const struct preparation *policy, const struct preparation_group *group,
	struct findings *out);

// Why this device is not prepared by a policy but by its deployment profile, or NULL (Z12).
// `registered`: it has an Autopilot registration; `associated`: it was bound to a policy (Z15).
const char *preparation_refused(bool registered, bool associated, bool hybrid);

// One of several policies that reach a device: device-assigned before user-assigned, then the
// lowest number (Z12). Negative when `a` comes first.
int preparation_order(
	const struct preparation *a, bool a_device, const struct preparation *b, bool b_device);
