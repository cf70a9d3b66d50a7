// SPDX-License-Identifier: Apache-2.0
// One page on its way to the faces: what every page has is written here, the rest by whoever shows
// it.
#pragma once

#include "agent/agent.h"
#include "codec/json.h"

struct screen {
	struct agent *agent;
	struct arena arena;
	struct buf text;
	struct jsonw w;
};

// Open the object with what every page has; and close it and show it.
void screen_begin(struct screen *s, struct agent *agent, const char *name);
void screen_show(struct screen *s);
