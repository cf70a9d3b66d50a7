// SPDX-License-Identifier: Apache-2.0
// How many small changes go in few requests: Graph's $batch, twenty at a time.
#pragma once

#include "cli/api.h"

struct batch_item {
	const char *what;   // for people, when it fails
	const char *method; // POST, PATCH, DELETE
	const char *path;   // as for api_send
	const char *body;   // JSON; NULL: none
	bool ok;
	struct error error; // why not
};

// Send all; one that fails stops no other. Those that failed are named on standard error, and the
// error that comes back counts them; its code is that of the first. In a dry run they are noted one
// by one.
bool batch_send(
	struct cli *cli, struct batch_item *items, size_t count, struct error *e) MUST_CHECK;
