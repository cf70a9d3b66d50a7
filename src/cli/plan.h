// SPDX-License-Identifier: Apache-2.0
// What a dry run would have done: its requests in order and what they would take along; and the
// question before something is destroyed, which says the same.
#pragma once

#include "cli/cli.h"

struct plan *plan_new(struct arena *arena);

// A request that was not sent. `body` is JSON or NULL. The answer that stands in for the service's
// has the body's members and "{new}" as its id.
const struct json *plan_request(
	struct cli *cli, const char *method, const char *path, const char *body);

// It as lines, or as JSON with "requests" and "lost"; and printed.
bool plan_text(struct cli *cli, struct buf *out, struct error *e) MUST_CHECK;
bool plan_print(struct cli *cli, struct error *e) MUST_CHECK;

// What goes away with something, a line each.
struct losses {
	const char *lines[128];
	size_t count, more; // more: how many had no room
};
void losses_add(struct losses *losses, struct arena *arena, const char *fmt, ...) PRINTF_LIKE(3, 4);

// True when somebody will read what is lost: in a dry run, or because a terminal asks.
bool confirm_wanted(const struct cli *cli);

// Say what would be done and what is lost. A dry run notes it; a terminal is asked unless --yes was
// given; a script goes on. ERR_INVALID when the answer is no.
bool confirm(
	struct cli *cli, const char *what, const struct losses *losses, struct error *e) MUST_CHECK;
