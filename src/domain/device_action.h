// SPDX-License-Identifier: Apache-2.0
// What can be done to a managed device from afar, what the device is sent for it, what it does to
// the device's record, and why it may be refused (device_action.def).
#pragma once

#include "base/error.h"

enum device_action {
#define ACTION(id, ...) DEVICE_ACTION_##id,
#include "domain/device_action.def"
#undef ACTION
	DEVICE_ACTION_COUNT
};

// What it does to the record once the device has accepted it.
enum action_effect {
	ACTION_NOTHING,
	ACTION_RENEWS,	// apps and settings are gone from the device: everything is sent again
	ACTION_RESETS,	// the same, and the next user is another one (behaviour A1, A2, A6)
	ACTION_RENAMES, // the directory has the new name
	ACTION_ENDS,	// management ends, the registration stays (A8, A10)
};

enum action_command { ACTION_EXEC, ACTION_REPLACE };

struct device_action_row {
	const char *name; // "wipe"
	const char *node; // LocURI, or NULL: nothing is sent
	enum action_command command;
	const char *data; // of the command; NULL: of the request
	enum action_effect effect;
	const char *hybrid_fault, *fault; // catalogue names or NULL
};

const struct device_action_row *device_action_row(enum device_action action);

// By the name under which it is stored. False: there is none.
bool device_action_find(const char *name, enum device_action *out);

// What the options of a wipe or a fresh start make of it. Autopilot Reset is, to Graph, a wipe that
// keeps the enrolment and no user data (graph-api.md section 9).
struct wipe_options {
	bool keep_enrollment, keep_user_data, protect;
};
enum device_action device_action_wipe(const struct wipe_options *options);

// May it be done to a device with this join ("hybrid", "directory")? `value`: the new name of a
// rename. ERR_UNSUPPORTED with the fault of the row; ERR_INVALID with "device_name_invalid".
bool device_action_check(enum device_action action, const char *join_type, const char *value,
	struct error *e) MUST_CHECK;

// Something on the device is lost by it: these count for the second person (threats row 20).
bool device_action_destroys(enum device_action action);
