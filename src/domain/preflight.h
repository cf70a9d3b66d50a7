// SPDX-License-Identifier: Apache-2.0
// Whether what is assigned to a device can work, said before the device is switched on (pains rows
// 18 and 22).
#pragma once

#include "base/clock.h"
#include "domain/finding.h"
#include <stdint.h>

// behaviour K11.
enum connector_state {
	CONNECTOR_NONE,
	CONNECTOR_PENDING, // registered, never connected
	CONNECTOR_ACTIVE,
	CONNECTOR_ERROR,    // not heard of for an hour
	CONNECTOR_INACTIVE, // for five days
};

enum connector_state connector_state_of(bool known, time_us last_seen, time_us now);
const char *connector_state_name(enum connector_state state); // "active"

// What one kind of devices gets together: one cohort, or one device.
struct preflight_case {
	const char *profile; // name; NULL: none
	bool hybrid, preprovisioning, self_deploying;
	const char *trust_store;
	bool trust_known; // the service has that store; without it trust_roots counts nothing
	size_t trust_roots;
	const char *esp;      // device-targeted page; NULL: none
	const char *esp_user; // page that would reach through the user only; NULL: none
	const char *domain_join, *domain, *ou;
	enum connector_state connector;
	// The last job for this unit failed so ("ou_denied"), and none succeeded since; else NULL.
	const char *connector_fault;
	const char *other_join; // a profile of the other join type that matches too (P31), or NULL
	const char *excluded;	// the profile for All devices that an exclusion takes away, or NULL
	const char *undecided;	// a group whose rule must be put to each device, or NULL
	bool with_user;		// some of these devices have an assigned user
};

// Add what is wrong. A text names no device: whoever calls counts them.
void preflight_check(const struct preflight_case *c, struct findings *out);
