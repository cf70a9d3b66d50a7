// SPDX-License-Identifier: Apache-2.0
// Which way of deployment a device may go, what each of them needs, and why the others are refused
// (behaviour M1 to M8, section 0).
#pragma once

#include "domain/deployment_profile.h"

enum deployment_mode {
	MODE_PREPROVISIONED,	 // Technician flow, then the User flow (M2, M3)
	MODE_USER_DRIVEN,	 // M1
	MODE_SELF_DEPLOYING,	 // M4
	MODE_EXISTING_DEVICE,	 // settings from AutopilotConfigurationFile.json (M5)
	MODE_DEVICE_PREPARATION, // M7
	MODE_AUTOPILOT_RESET,	 // M6
	MODE_COUNT
};

// What a mode is made of.
struct mode_traits {
	const char *name;    // as the device's protocol and the store write it
	bool hybrid;	     // may join through Active Directory
	bool proof;	     // nothing begins before a trusted TPM has proven itself
	bool person;	     // somebody signs in before the deployment begins
	bool page;	     // an Enrollment Status Page must reach the device (W3)
	bool profile;	     // a deployment profile must reach it
	bool one_time;	     // blocked after it was done once (B1)
	bool device_account; // the directory is joined without a person (X21)
};

const struct mode_traits *mode_traits(enum deployment_mode mode);

// False for a name that is none.
bool mode_from_name(const char *name, enum deployment_mode *out);

// What the answer depends on.
struct mode_facts {
	const char *device;  // how people call it: its serial number
	const char *profile; // name; NULL when none reaches the device
	enum profile_mode profile_mode;
	bool hybrid, preprovisioning;
	bool page;	  // an Enrollment Status Page reaches it, or the default one shows progress
	bool domain_join; // a domain-join profile reaches it
	bool reuse_blocked;
	bool tpm_missing; // the device says that it has none
	bool signed_in;	  // a person has signed in for this device
	unsigned oobe;	  // CloudAssignedOobeConfig of MODE_EXISTING_DEVICE (V5, V6)
};

// May `mode` begin? The first obstacle in the order in which a person would remove them: its named
// fault with ERR_CONFLICT, or ERR_UNAUTHENTICATED when a person must sign in first.
bool mode_check(
	enum deployment_mode mode, const struct mode_facts *facts, struct error *e) MUST_CHECK;

// The mode that a device with this profile goes by itself: what its first pages lead to.
enum deployment_mode mode_of_profile(enum profile_mode profile);
