// SPDX-License-Identifier: Apache-2.0
#include "store/db_sqlite.h"

#include "base/str.h"
#include <stdio.h>

static int
bind_one(sqlite3_stmt *stmt, int index, const struct db_param *param, bool keep)
{
	sqlite3_destructor_type how = keep ? SQLITE_TRANSIENT : SQLITE_STATIC;
	const void *data = param->bytes.len ? (const void *)param->bytes.data : "";

	if (param->null)
		return sqlite3_bind_null(stmt, index);
	switch (param->type) {
	case DB_TYPE_INT:
		return sqlite3_bind_int64(stmt, index, param->integer);
	case DB_TYPE_TEXT:
		return sqlite3_bind_text64(stmt, index, data, param->bytes.len, how, SQLITE_UTF8);
	case DB_TYPE_BLOB:
		return sqlite3_bind_blob64(stmt, index, data, param->bytes.len, how);
	default:
		return sqlite3_bind_null(stmt, index);
	}
}

// SQLite numbers parameters in the order in which they stand in the text: mostly ours.
static int
parameter_index(sqlite3_stmt *stmt, int number)
{
	const char *name = sqlite3_bind_parameter_name(stmt, number);
	char wanted[16];

	if (name && number < 10 && name[1] == '0' + number && !name[2])
		return number;
	snprintf(wanted, sizeof wanted, "$%d", number);
	return str_eq(name, wanted) ? number : sqlite3_bind_parameter_index(stmt, wanted);
}

bool
db_sqlite_bind(struct db *db, sqlite3_stmt *stmt, const struct db_request *request, struct error *e)
{
	const char *name = db_sql(db, request->query)->name;
	bool keep = request->want == DB_WANT_STREAM;

	if (sqlite3_bind_parameter_count(stmt) != (int)request->params.count)
		return error_set(e, ERR_INTERNAL, "%s: takes %d parameters, not %zu", name,
			sqlite3_bind_parameter_count(stmt), request->params.count);
	for (size_t i = 0; i < request->params.count; i++) {
		int index = parameter_index(stmt, (int)i + 1);
		if (bind_one(stmt, index, &request->params.items[i], keep) != SQLITE_OK)
			return db_sqlite_failed(db, sqlite3_db_handle(stmt), name, e);
	}
	return true;
}
