// SPDX-License-Identifier: Apache-2.0
// How options say whom a thing is assigned to, and how the API is told.
#pragma once

#include "cli/plan.h"

// --group, --exclude-group (both may be repeated), --all-devices, --all-users.
extern const struct option_spec assignment_options[];

// Where a command names targets: find its groups before anything is made, so that a typing mistake
// leaves nothing half done. `*body` is NULL when there is none. ERR_NOT_FOUND names a group that
// does not exist.
bool assignment_read(struct cli *cli, const char **body, struct error *e) MUST_CHECK;

// The same targets into an array that is open; `any`: there was one.
bool assignment_write(struct cli *cli, struct jsonw *w, bool *any, struct error *e) MUST_CHECK;

// "group Pilots", "all devices" …: an assignment as the API has it, for people.
const char *assignment_text(struct cli *cli, const struct json *assignment);

// Everybody that a collection of assignments names.
bool assignment_losses(
	struct cli *cli, const char *path, struct losses *losses, struct error *e) MUST_CHECK;

// POST what assignment_read made (NULL: nothing) as `action` of the object `id` below `path`.
bool assignment_send(struct cli *cli, const char *path, const char *id, const char *action,
	const char *body, struct error *e) MUST_CHECK;

// POST `body` to `path`, assign the new object as `action` of it, print id and name.
bool create_and_assign(struct cli *cli, const char *path, const char *action, const char *body,
	struct error *e) MUST_CHECK;
