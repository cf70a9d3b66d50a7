// SPDX-License-Identifier: Apache-2.0
// What a result code of SQLite means for the transaction, and which error it is. For the driver.
#pragma once

#include "store/driver.h"
#include <sqlite3.h>

// The meaning of the handle's last code (sqlite.org/rescode.html), noted for the transaction. The
// text of SQLite's message may quote SQL, so only the code is passed on. Always returns false.
bool db_sqlite_failed(struct db *db, sqlite3 *handle, const char *what, struct error *e);
