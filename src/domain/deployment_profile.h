// SPDX-License-Identifier: Apache-2.0
// What the document of a deployment profile means for a device: defaults, values that a mode
// forces, and settings that cannot go together (behaviour section 2, P2-P17; M4).
//
// Autopilot's limit of 350 profiles (P1) is not kept: it protects nobody.
#pragma once

#include "codec/json.h"
#include "domain/finding.h"

enum profile_mode { PROFILE_USER_DRIVEN, PROFILE_SELF_DEPLOYING };

// The Windows OOBE configuration bits of CloudAssignedOobeConfig (behaviour V5, V6).
enum oobe_bit {
	OOBE_SKIP_CORTANA = 1,
	OOBE_STANDARD_USER = 2,
	OOBE_SKIP_EXPRESS = 4, // privacy settings
	OOBE_SKIP_OEM = 8,
	OOBE_SKIP_EULA = 16,
	OOBE_TPM_ATTEST = 32, // self-deploying, with the next
	OOBE_DEVICE_AUTH = 64,
	OOBE_WHITE_GLOVE = 128,
	OOBE_SKIP_UPGRADE = 256,
	OOBE_PATCH = 512,
	OOBE_SKIP_KEYBOARD = 1024,
	OOBE_ALL_BITS = 2047,
};

// The settings that a device gets.
struct profile_settings {
	const char *name, *description;
	bool hybrid;
	enum profile_mode mode;
	bool convert_targeted;	    // P4
	bool skip_dc_check;	    // P7
	bool eula_hidden;	    // P8
	bool privacy_hidden;	    // P9
	bool change_account_hidden; // P10
	bool standard_user;	    // P11
	bool preprovisioning;	    // P12
	const char *locale;	    // P13: "os-default", a language tag, or "": the user selects
	bool keyboard_skipped;	    // P14
	const char *name_template;  // P15; "" when the device keeps its name, and for hybrid
	const char *device_type;    // P2: "windowsPc", "holoLens"
	const char *trust_store;    // "hardware", "lab"
};

// Read a document with the names of either Graph generation (graph-api.md 5).
void profile_settings_read(
	struct arena *arena, const struct json *document, struct profile_settings *out);

// What is wrong with it. `branded`: the organization has branding (P10).
void profile_settings_check(const struct json *document, bool branded, struct findings *out);

// CloudAssignedOobeConfig of these settings, for the file of existing devices (V1).
unsigned profile_oobe_config(const struct profile_settings *settings);

// Bits that contradict each other or that nobody knows, as in the value 177 that a guide gives
// (C8).
void oobe_config_check(unsigned bits, struct findings *out);
