// SPDX-License-Identifier: Apache-2.0
// How far each row of the Enrollment Status Page is, as this device knows it: what the screen
// shows.
#pragma once

#include "agent/journal.h"
#include "base/error.h"
#include "codec/json.h"
#include "domain/esp.h"

enum {
	ESP_VIEW_EXPECTED = 600,
	ESP_VIEW_ITEMS = 40, // of one row that the page gets: all of them need not fit
};

struct esp_expected {
	enum esp_row row;
	const char *loc_uri;
};

// What an administrator calls an item.
struct esp_name {
	const char *loc_uri, *name;
};

struct esp_view {
	enum esp_state state[ESP_ROWS];
	char detail[ESP_ROWS][160];
	const char *fault[ESP_ROWS];   // why the row is in its state, in the catalogue; or NULL
	const char *current[ESP_ROWS]; // LocURI of the item that is being put in place, or NULL
	const struct esp_name *names;
	size_t name_count;
	struct esp_expected expected[ESP_VIEW_EXPECTED];
	size_t expected_count;
	unsigned told;		    // bit per row: its completion went to the timeline
	int64_t moved_ms[ESP_ROWS]; // when the row changed last; monotonic
	int64_t moved_at[ESP_ROWS]; // the same, microseconds since 1970
	int64_t seen[ESP_ROWS];	    // items that were in place then
	const char *nothing;	    // why the user's rows have nothing to do, or NULL
};

// Rows of these phases wait; everything else is cleared.
void esp_view_begin(struct esp_view *view);

void esp_view_set(
	struct esp_view *view, enum esp_row row, enum esp_state state, const char *detail);

// A state with its cause: the message, and the fault for which the faces have words.
void esp_view_because(
	struct esp_view *view, enum esp_row row, enum esp_state state, const struct error *why);

// This item of a row is being put in place; what is not expected changes nothing.
void esp_view_current(struct esp_view *view, const char *loc_uri);

// What people call an item.
const char *esp_view_name(struct arena *arena, const struct esp_view *view, const char *loc_uri);

// The first row of this flow's page that is not complete; ESP_ROWS: all are.
enum esp_row esp_view_now(const struct esp_view *view, bool user_flow);

// The first row that has failed, ESP_ROWS: none.
enum esp_row esp_view_failed(const struct esp_view *view);

// Replace what is expected of one list: LocURIs joined by U+F000, ";1" after packages (mdm-wire.md
// section 9.1).
void esp_view_expect(struct esp_view *view, struct arena *arena, bool user, const char *list_node,
	const char *value);

// The row in which an item of that LocURI counts.
enum esp_row esp_view_row(const char *loc_uri);

// Everything expected of a row is in place: mark it complete. Rows without anything to do are
// complete at once.
void esp_view_settle(struct esp_view *view, const struct journal *journal, bool user);

// True once for a row that completed without any item: items tell the timeline themselves, such a
// row would leave no trace there.
bool esp_view_tell(struct esp_view *view, enum esp_row row);

bool esp_view_expects(const struct esp_view *view, const char *loc_uri);

// The phase in which the work is: the first one that is not complete, from `first` on.
enum esp_phase esp_view_phase(const struct esp_view *view, enum esp_phase first);

// What a row that is not complete waits for, or why there is nothing to do in a complete one: no
// row without a reason (pains row 2).
struct esp_reason {
	const char *text;      // in English, never NULL
	const char *say, *arg; // key of a sentence of the faces and what fills it, or NULL
};
struct esp_reason esp_view_reason(struct arena *arena, const struct esp_view *view,
	const struct journal *journal, enum esp_row row);

// The first row of the phase that is not complete, when none of its rows has moved for so long;
// ESP_ROWS otherwise.
enum esp_row esp_view_stuck(
	const struct esp_view *view, enum esp_phase phase, int64_t now_ms, int64_t patience_ms);

// "phases":[…] of the screen. The User flow does not run Device preparation again (behaviour U4).
void esp_view_write(const struct esp_view *view, const struct journal *journal, bool user_flow,
	struct jsonw *w);
