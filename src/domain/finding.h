// SPDX-License-Identifier: Apache-2.0
// What is wrong or noteworthy about something an administrator made, before a device meets it.
#pragma once

#include "base/arena.h"
#include "base/error.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_BLOCKING };

struct finding {
	enum severity severity;
	const char *fault; // catalogue name: it has the title, the cause and the fix
	const char *text;  // one sentence about this very case
};

struct findings {
	struct arena *arena;
	struct finding *items;
	size_t count, room;
};

// "note", "warning", "blocking".
const char *severity_name(enum severity severity);

void finding_add(struct findings *list, enum severity severity, const char *fault, const char *fmt,
	...) PRINTF_LIKE(4, 5);

// The finding of that name, or NULL.
const struct finding *finding_named(const struct findings *list, const char *fault);

bool findings_block(const struct findings *list);

// An error made of the first blocking finding; true when there is none.
bool findings_check(const struct findings *list, struct error *e) MUST_CHECK;
