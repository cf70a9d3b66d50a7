// SPDX-License-Identifier: Apache-2.0
// How the device goes through the Enrollment Status Page: sessions until the service has finished,
// one clock for each phase, restarts, and what a page that failed offers.
#pragma once

#include "agent/agent.h"

// Sessions until the service has finished with the device's or the user's scope; between two of
// them the device waits for news. False also when the device starts again in the middle of it:
// agent->powering_off is set then, and nothing failed.
bool esp_hold(struct agent *agent, bool user, struct error *e) MUST_CHECK;

// A flow begins: rows wait, and nothing of an earlier try makes this one fail.
void esp_begin(struct agent *agent);

// Another try after a failure: the phase has all of its time again.
void esp_retry(struct agent *agent);

// Whether the page that failed offers "retry", "reset", "continue" or "diagnostics" (X6, X10, X11,
// X51). The technician always has the first two and the last (T11).
bool esp_offers(const struct agent *agent, const char *action);

// "clock":{…}, "customText" and "offers":[…] of the screen.
void esp_write(const struct agent *agent, struct jsonw *w);

// Set a row and show it.
void esp_row_set(struct agent *agent, enum esp_row row, enum esp_state state, const char *detail);
