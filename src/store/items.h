// SPDX-License-Identifier: Apache-2.0
// What is put on one device, how far each item got, what the device reported, and whether that is
// compliant.
#pragma once

#include "store/work.h"

struct item {
	const char *item_id, *kind, *scope, *name, *loc_uri, *format, *data;
	const char *content_sha256, *content_name;
	int64_t content_size, version;
	// "pending", "sent", "installing", "done", "failed"; "conflict": another item sets the same
	// node to another value, and counts (domain/setting.h)
	const char *state;
	bool noted; // in state "conflict": that is already what is stored
	int64_t sent_version;
	const char *fault, *reason;
};

struct item_state {
	const char *item_id, *state, *fault, *reason;
	int64_t version;
	const char *output; // of a script that ended with exit_code; NULL: nothing of that kind
	int64_t exit_code;
	bool aside; // a failure that fails no deployment: nobody waits for the item
};

struct report {
	const char *loc_uri, *value;
};

// The items assigned to the device (all of both scopes) with their state there, oldest first. An
// item whose version is newer than what was sent counts as pending.
bool store_items(const struct work *w, const char *device_id, struct item **out, size_t *count,
	struct error *e) MUST_CHECK;

// Set states; each change to done or failed is an event in the deployment's timeline, and failed
// marks it failed.
bool store_items_set(const struct work *w, const char *device_id, const char *deployment_id,
	const struct item_state *states, size_t count, struct error *e) MUST_CHECK;

// Keep what the device answered to Get.
bool store_reports(const struct work *w, const char *device_id, const struct report *reports,
	size_t count, struct error *e) MUST_CHECK;

// What the device reported last, by node.
bool store_report_list(const struct work *w, const char *device_id, struct report **out,
	size_t *count, struct error *e) MUST_CHECK;

// What the device's person is there: "administrator", "standard", "" (behaviour P11).
#define ACCOUNT_TYPE_NODE "./Device/Vendor/Ferry/Account/Type"

// The value of one of them, or NULL.
const char *report_value(const struct report *reports, size_t count, const char *loc_uri);

struct compliance {
	bool evaluated, compliant;
	const char *reasons;
};
bool store_compliance_set(const struct work *w, const char *device_id, bool compliant,
	const char *reasons, struct error *e) MUST_CHECK;

// Nobody knows any more; *before is what it was, not evaluated when nobody knew.
bool store_compliance_forget(const struct work *w, const char *device_id, struct compliance *before,
	struct error *e) MUST_CHECK;

// Note a management session: last contact of enrolment and device.
bool store_session_seen(const struct work *w, const char *enrollment_id, const char *device_id,
	struct error *e) MUST_CHECK;
