// SPDX-License-Identifier: Apache-2.0
#include "store/db_sqlite.h"

#include <stdio.h>
#include <stdlib.h>

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

static int
parameter_index(sqlite3_stmt *stmt, size_t i)
{
	char parameter[24];

	snprintf(parameter, sizeof parameter, "$%zu", i + 1);
	return sqlite3_bind_parameter_index(stmt, parameter);
}

// SQLite numbers parameters in the order in which they stand in the text, and finds them by name
// one after the other.
static const int *
remember_order(sqlite3_stmt *stmt, int **order, size_t count)
{
	if (!order || *order)
		return order ? *order : NULL;
	*order = calloc(count + 1, sizeof **order);
	if (!*order)
		abort();
	for (size_t i = 0; i < count; i++)
		(*order)[i] = parameter_index(stmt, i);
	return *order;
}

bool
db_sqlite_bind(struct db *db, sqlite3_stmt *stmt, int **order, const struct db_request *request,
	struct error *e)
{
	const char *name = db_sql(db, request->query)->name;
	bool keep = request->want == DB_WANT_STREAM;

	if (sqlite3_bind_parameter_count(stmt) != (int)request->params.count)
		return error_set(e, ERR_INTERNAL, "%s: takes %d parameters, not %zu", name,
			sqlite3_bind_parameter_count(stmt), request->params.count);
	const int *known = remember_order(stmt, order, request->params.count);
	for (size_t i = 0; i < request->params.count; i++) {
		int index = known ? known[i] : parameter_index(stmt, i);
		if (bind_one(stmt, index, &request->params.items[i], keep) != SQLITE_OK)
			return db_sqlite_failed(db, sqlite3_db_handle(stmt), name, e);
	}
	return true;
}
