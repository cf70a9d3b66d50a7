// SPDX-License-Identifier: Apache-2.0
// What the service said about the Enrollment Status Page, how much of each phase's time is used up,
// and how far each tracked app is: what of the page survives a power cut and a reboot (behaviour
// X3-X11, X50-X59).
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "domain/esp.h"
#include <stdint.h>

enum {
	ESP_PAGE_APPS = 100,
	ESP_PATIENCE_MINUTES = 15, // X23: how long a row may stand still
	ESP_MAX_REBOOTS = 5,
};

// BlockInStatusPage (X51).
enum { ESP_ALLOW_RESET = 1, ESP_ALLOW_RETRY = 2, ESP_ALLOW_CONTINUE = 4 };

// States of an app or a provider (X57, X58) as the management tree numbers them.
enum esp_install { ESP_NOT_INSTALLED = 1, ESP_IN_PROGRESS, ESP_INSTALLED, ESP_FAILED };
enum esp_reboot { ESP_REBOOT_NONE = 1, ESP_REBOOT_SOFT, ESP_REBOOT_HARD };

struct esp_tracked {
	const char *name; // of its node
	const char *uri;  // TrackingUri: LocURI of what installs it
	enum esp_install state;
	enum esp_reboot reboot;
};

struct esp_page {
	bool told; // the nodes below came from the service
	bool skip_device, skip_user, logs;
	int64_t block; // ESP_ALLOW_…
	int64_t timeout_minutes, hybrid_extra_minutes, patience_minutes;
	const char *text;    // CustomErrorText, or NULL
	const char *policy;  // hash of the page, or NULL
	const char *nothing; // why there is nothing to do for the user, or NULL (X34)
	int64_t provider;    // InstallationState of the provider (X57)
	bool tracking;	     // TrackingPoliciesCreated
	bool forced;	     // the service declared it failed (X61)
	int64_t flow;	     // the flow that the times are of, plus 1
	int64_t used_ms[ESP_PHASES];
	int64_t reboots;	// in this phase
	const char *reboot_for; // which app the last reboot was for, or NULL
	struct esp_tracked apps[ESP_PAGE_APPS];
	size_t app_count;
	// Not stored: the clock that runs.
	enum esp_phase running;
	int64_t running_since_ms; // 0: none runs
};

// As the nodes are before anybody sets them: nothing is shown, nothing blocks (X50).
void esp_page_init(struct esp_page *page);

// A missing file is a page that nobody told; a damaged one too, because the first session tells all
// of it again. Times that were used are kept whenever they can be read.
void esp_page_read(struct arena *arena, const char *path, struct esp_page *out);
bool esp_page_write(
	const struct esp_page *page, const char *path, int64_t now_ms, struct error *e) MUST_CHECK;

// Let the clock of one phase run, and only that. `now_ms` is monotonic.
void esp_clock_run(struct esp_page *page, enum esp_phase phase, int64_t now_ms);
void esp_clock_stop(struct esp_page *page, int64_t now_ms);
// Another try: the phase has all of its time again.
void esp_clock_reset(struct esp_page *page, enum esp_phase phase, int64_t now_ms);
int64_t esp_clock_used_s(const struct esp_page *page, enum esp_phase phase, int64_t now_ms);

// Minutes that one phase may take (X3, X4).
int64_t esp_page_minutes(const struct esp_page *page, bool hybrid);
// Seconds that the phase has left, 0 when its time is over.
int64_t esp_clock_left_s(
	const struct esp_page *page, enum esp_phase phase, bool hybrid, int64_t now_ms);

// The tracked app of that name or that LocURI; NULL. With `room` a new one is made of the name,
// NULL when there are ESP_PAGE_APPS.
struct esp_tracked *esp_page_app(struct esp_page *page, const char *name);
struct esp_tracked *esp_page_app_of(struct esp_page *page, const char *uri);
struct esp_tracked *esp_page_app_add(struct arena *arena, struct esp_page *page, const char *name);
