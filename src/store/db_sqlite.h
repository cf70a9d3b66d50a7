// SPDX-License-Identifier: Apache-2.0
// What a result code of SQLite means for the transaction, and how parameters are bound. For the
// driver.
#pragma once

#include "store/driver.h"
#include <sqlite3.h>

// The meaning of the handle's last code (sqlite.org/rescode.html), noted for the transaction. The
// text of SQLite's message may quote SQL, so only the code is passed on. Always returns false.
bool db_sqlite_failed(struct db *db, sqlite3 *handle, const char *what, struct error *e);

// Bind all parameters of a request; texts and blobs are copied only where rows are streamed.
// `*order` keeps the parameters' positions for the statement's next use: NULL at first, freed by
// its owner. `order` may be NULL.
bool db_sqlite_bind(struct db *db, sqlite3_stmt *stmt, int **order,
	const struct db_request *request, struct error *e) MUST_CHECK;
