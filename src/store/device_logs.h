// SPDX-License-Identifier: Apache-2.0
// Bundles of diagnostics: who asked a device for one, what it sent, and how long that is kept
// (behaviour L9, A13).
#pragma once

#include "base/slice.h"
#include "store/work.h"

enum {
	DEVICE_LOGS_KEPT = 10, // of one device
	DEVICE_LOG_DAYS = 28,
	DEVICE_LOG_MAX = 3 << 20, // bytes of a bundle
};

struct device_log {
	const char *log_id, *device_id;
	const char *state;	  // "pending" or "completed"
	const char *requested_by; // "": the device sent it by itself
	const char *fault;	  // of the failure, or NULL
	const char *sha256;	  // NULL while pending
	time_us requested_at, received_at;
	int64_t size;
	struct slice content; // by link only
};

// Ask for one; the oldest goes when there are too many. The event in the timeline of
// `deployment_id` (NULL: none) is what the device waits for.
bool store_log_request(const struct work *w, const char *device_id, const char *deployment_id,
	const char *by, struct device_log *out, struct error *e) MUST_CHECK;

// What was asked for. Sending it again is no error. ERR_NOT_FOUND, ERR_LIMIT.
bool store_log_receive(const struct work *w, const char *device_id, const char *log_id,
	struct slice content, struct error *e) MUST_CHECK;

// By itself after a failure, at most once a day: ERR_CONFLICT.
bool store_log_own(const struct work *w, const char *device_id, const char *fault,
	struct slice content, struct device_log *out, struct error *e) MUST_CHECK;

// Newest first.
bool store_logs(const struct work *w, const char *device_id, struct device_log **out, size_t *count,
	struct error *e) MUST_CHECK;

// The oldest that the device has to send; NULL: none.
bool store_log_pending(const struct work *w, const char *device_id, const char **log_id,
	struct error *e) MUST_CHECK;

// Let whoever knows a secret (its SHA-256) fetch it until then. ERR_NOT_FOUND: no such bundle, or
// it has not come yet.
bool store_log_link(const struct work *w, const char *device_id, const char *log_id,
	const char *link_sha256, time_us until, struct error *e) MUST_CHECK;
bool store_log_by_link(const struct work *w, const char *link_sha256, struct device_log *out,
	struct error *e) MUST_CHECK;
