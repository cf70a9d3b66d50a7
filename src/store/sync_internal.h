// SPDX-License-Identifier: Apache-2.0
// What the files of the synchronization share inside a transaction.
#pragma once

#include "store/queries.h"
#include "store/sync.h"

// One run's writing transaction: whose domain, and the rules of its names.
struct sync_tx {
	const struct work *w;
	const struct connector *connector;
	const char *domain; // lower case
	const char *run_id;
	const char *tenant_domain; // lower case
	struct assigner **users;   // of user_groups.h, opened for the first user that changed
};

// Note a problem of an object, or that it has none any more.
bool sync_problem(struct db *db, const struct sync_tx *t, const char *guid, const char *name,
	const char *fault, const char *message, struct error *e) MUST_CHECK;
bool sync_no_problem(
	struct db *db, const struct sync_tx *t, const char *guid, struct error *e) MUST_CHECK;

// May this domain speak of the object? *ours is false for one that another domain gave us.
bool sync_object_seen(struct db *db, const struct sync_tx *t, const char *guid, const char *kind,
	const char *name, bool *ours, struct error *e) MUST_CHECK;

bool sync_put_user(struct db *db, const struct sync_tx *t, const struct sync_user *u,
	struct error *e) MUST_CHECK;
bool sync_put_group(struct db *db, const struct sync_tx *t, const struct sync_group *g,
	struct error *e) MUST_CHECK;
bool sync_put_gone(struct db *db, const struct sync_tx *t, const struct sync_gone *gone,
	struct error *e) MUST_CHECK;
