// SPDX-License-Identifier: Apache-2.0
#include "store/contract/place.h"

#include "base/uuid.h"
#include <assert.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
make_schema(struct place *place, const char *server)
{
	PGconn *conn = PQconnectdb(server);
	uint32_t number;
	char text[64];

	random_bytes(&number, sizeof number);
	snprintf(text, sizeof text, "CREATE SCHEMA test_%08x", number);
	PGresult *result = PQexec(conn, text);
	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		fprintf(stderr, "%s: %s", server, PQerrorMessage(conn));
		abort();
	}
	PQclear(result);
	PQfinish(conn);
	snprintf(place->url, sizeof place->url, "%s&options=-csearch_path%%3Dtest_%08x", server,
		number);
}

void
place_make(struct place *place, const char *server)
{
	*place = (struct place){.sqlite = server == NULL};
	if (server) {
		make_schema(place, server);
		return;
	}
	snprintf(place->directory, sizeof place->directory, "/tmp/ferry-store.XXXXXX");
	if (!mkdtemp(place->directory))
		abort();
	snprintf(place->file, sizeof place->file, "%s/ferry.db", place->directory);
	snprintf(place->url, sizeof place->url, "sqlite:%s", place->file);
}

// The schemas of PostgreSQL go with the server.
void
place_remove(struct place *place)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char path[128];

	if (!place->sqlite)
		return;
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		snprintf(path, sizeof path, "%s%s", place->file, suffixes[i]);
		unlink(path);
	}
	rmdir(place->directory);
}

bool
place_is_intact(const struct place *place)
{
	sqlite3 *handle;
	sqlite3_stmt *stmt;
	bool intact = false;

	if (!place->sqlite)
		return true;
	if (sqlite3_open(place->file, &handle) == SQLITE_OK &&
		sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &stmt, NULL) ==
			SQLITE_OK) {
		intact = sqlite3_step(stmt) == SQLITE_ROW &&
			strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
		sqlite3_finalize(stmt);
	}
	sqlite3_close(handle);
	return intact;
}
