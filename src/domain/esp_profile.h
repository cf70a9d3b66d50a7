// SPDX-License-Identifier: Apache-2.0
// What the document of an Enrollment Status Page means: its time limit, what a person may do when
// it fails, and which app it waits for in which flow (behaviour X2-X19).
//
// Autopilot's 51 pages (X1) and 100 selected apps (X12) are not kept as limits.
#pragma once

#include "codec/json.h"
#include "domain/finding.h"

// The default's id is the tenant's, "_" and this; it is stored once somebody has changed it.
#define ESP_DEFAULT_KEY "DefaultWindows10EnrollmentCompletionPageConfiguration"

enum {
	ESP_TIMEOUT_MINUTES = 60,      // X3
	ESP_HYBRID_EXTRA_MINUTES = 40, // X4
	ESP_MESSAGE_MAX = 10000,       // X5, bytes
};

struct esp_settings {
	const char *name;
	bool show; // X2; the others count only with it
	int64_t timeout_minutes;
	int64_t hybrid_extra_minutes; // Autopilot adds it silently; here it is shown and can be set
	const char *message;	      // X5: what people read when it fails
	bool logs;		      // X6
	bool first_user_only;	      // X7
	bool quality_updates;	      // X8
	bool reset_on_error, use_on_error; // X10, X11
	bool retry_blocked;
	const char *const *selected; // X12: ids of the apps that block; all when there are none
	size_t selected_count;
	bool try_all; // X13: in the technician phase
};

// Who gets the page, and what happens there.
enum esp_flow { ESP_FLOW_USER_DRIVEN, ESP_FLOW_TECHNICIAN, ESP_FLOW_SELF_DEPLOYING };

// What is to happen with one required app in the device phase.
struct esp_app {
	bool attempt; // install it in this phase
	bool wait;    // the phase is not complete before it is
	bool fatal;   // its failure fails the phase
	const char *reason;
};

struct esp_timeout {
	int64_t minutes, extra, total;
};

// The page of an organization that has made none: no progress shown (X2).
struct esp_settings esp_settings_default(void);
void esp_settings_read(struct arena *arena, const struct json *document, struct esp_settings *out);
void esp_settings_check(const struct json *document, struct findings *out);

struct esp_timeout esp_timeout(const struct esp_settings *settings, bool hybrid);

// BlockInStatusPage of the DMClient provider (X51): the page stays, and offers after a failure
// 1 a reset, 2 another try, 4 to continue anyway. A page that offers nothing would let people
// leave (0), so the last thing that it offers is another try.
unsigned esp_block_bits(const struct esp_settings *settings);

// X12-X14, X17. `for_user`: the app reaches the device through its user only.
struct esp_app esp_app_decide(
	const struct esp_settings *settings, const char *app_id, enum esp_flow flow, bool for_user);

const char *esp_flow_name(enum esp_flow flow); // "technician"
