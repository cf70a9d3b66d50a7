// SPDX-License-Identifier: Apache-2.0
// AutopilotConfigurationFile.json: the settings that a device has before anybody has registered it
// (behaviour V1 to V12).
//
// Windows reads one profile as ASCII. What is wrong in it stops the device with a reason; what is
// only odd is noted and read as Windows reads it.
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdint.h>

enum { OFFLINE_MAX = 64 << 10, OFFLINE_NOTES = 16 };

struct offline_profile {
	int64_t version;	    // V2: 2049; 0: not written
	const char *tenant_id;	    // V3: GUID in lower case
	const char *tenant_domain;  // V4
	unsigned oobe;		    // V5, V6: bits of domain/deployment_profile.h
	bool hybrid;		    // V7
	bool forced_enrollment;	    // V8
	const char *correlation_id; // V9: GUID in lower case, the profile; NULL
	const char *upn;	    // V10: of CloudAssignedTenantUpn, NULL
	const char *device_name;    // V11: template or name, NULL
	// V12; NULL and 0 where nothing is written.
	const char *comment, *language, *region, *keyboard;
	bool update_disabled, skip_dc_check;
	int64_t update_timeout_ms;
	// Oddities, one sentence each.
	const char *notes[OFFLINE_NOTES];
	size_t note_count;
};

// Strings live in the arena. ERR_INVALID with fault offline_profile_invalid and the member that is
// wrong, ERR_LIMIT for a file that is too large.
bool offline_profile_read(struct arena *arena, struct slice text, struct offline_profile *out,
	struct error *e) MUST_CHECK;

// Write it as Windows wants it: ASCII, with AadServerData as a text of JSON. notes are not written.
void offline_profile_write(struct arena *arena, const struct offline_profile *in, struct buf *out);

// "OfflineAutopilotprofile-<id>" (G4, C9): the enrollmentProfileName of such a device.
char *offline_profile_name(struct arena *arena, const char *correlation_id);
