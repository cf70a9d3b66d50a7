// SPDX-License-Identifier: Apache-2.0
// How PostgreSQL's types and rows become the driver's. For the driver.
#pragma once

#include "store/driver.h"
#include <libpq-fe.h>

// Stable numbers of src/include/catalog/pg_type.dat.
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_NAME = 19,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_UNKNOWN = 705,
	OID_VARCHAR = 1043,
};

struct pq_rows {
	struct db_rows rows;
	PGresult *result;
	int next;
	struct db_column known[]; // db_rows.known
};

bool db_pq_next(struct db_rows *rows, bool *found, struct error *e);
int db_pq_width(const struct db_rows *rows);
const char *db_pq_column_name(const struct db_rows *rows, int column);
bool db_pq_value(struct db_rows *rows, int column, struct db_value *out, struct error *e);
void db_pq_close_rows(struct db_rows *rows);
