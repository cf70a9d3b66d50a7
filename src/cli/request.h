// SPDX-License-Identifier: Apache-2.0
// What more than one administrator has to decide, whatever it is that one of them asks for: a
// collection whose objects are listed, shown, approved and refused.
#pragma once

#include "cli/output.h"

struct request_kind {
	const char *path; // of the collection
	const struct column *columns;
};

bool request_list(struct cli *cli, const struct request_kind *kind, struct error *e) MUST_CHECK;
bool request_show(struct cli *cli, const struct request_kind *kind, struct error *e) MUST_CHECK;

// The one that the first operand names.
bool request_get(struct cli *cli, const struct request_kind *kind, const struct json **out,
	struct error *e) MUST_CHECK;

// "approve" or "refuse", and print what became of it. `out` may be NULL.
bool request_decide(struct cli *cli, const struct request_kind *kind, const char *decision,
	const struct json **out, struct error *e) MUST_CHECK;
