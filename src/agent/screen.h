// SPDX-License-Identifier: Apache-2.0
// How a page is written: one JSON object, whose words belong to the faces (docs/wire-device.md).
#pragma once

#include "agent/agent.h"
#include "codec/json.h"

struct screen {
	struct agent *agent;
	struct arena arena;
	struct buf text;
	struct jsonw w;
};

void screen_begin(struct screen *s, struct agent *agent, const char *name);
// Send it to every face.
void screen_show(struct screen *s);

// A sentence of the faces by its key; anything with a blank is a text that somebody wrote.
void screen_say(struct screen *s, const char *text);
// What went wrong, for pages that go on; NULL: nothing.
void screen_problem(struct screen *s, const struct error *why);
// What went wrong, for pages that stop.
void screen_fault(struct screen *s, const struct error *e);
// Who the device is and to whom it belongs.
void screen_identity(struct screen *s);
const char *screen_flow_key(const struct agent *agent);
