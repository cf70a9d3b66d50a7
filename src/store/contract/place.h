// SPDX-License-Identifier: Apache-2.0
// How a test gets an empty database of either kind: a file in a new directory, or a new schema of
// the server that FERRY_STORE_URL names.
#pragma once

#include <stdbool.h>

struct place {
	bool sqlite;
	char directory[64]; // SQLite: to be removed
	char file[96];
	char url[512];
};

// `server` is NULL for SQLite.
void place_make(struct place *place, const char *server);
void place_remove(struct place *place);

// True when the database itself finds nothing wrong (PRAGMA integrity_check; on PostgreSQL always).
bool place_is_intact(const struct place *place);
