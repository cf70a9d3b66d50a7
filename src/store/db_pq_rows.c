// SPDX-License-Identifier: Apache-2.0
#include "store/db_pq.h"

#include <stdlib.h>

bool
db_pq_next(struct db_rows *rows, bool *found, struct error *e)
{
	struct pq_rows *r = (struct pq_rows *)rows;

	(void)e;
	*found = r->next < PQntuples(r->result);
	r->next += *found;
	return true;
}

int
db_pq_width(const struct db_rows *rows)
{
	return PQnfields(((const struct pq_rows *)rows)->result);
}

const char *
db_pq_column_name(const struct db_rows *rows, int column)
{
	return PQfname(((const struct pq_rows *)rows)->result, column);
}

// Big-endian two's complement of 1, 2, 4 or 8 bytes; a boolean is one byte of 0 or 1.
static int64_t
read_integer(const uint8_t *data, int len)
{
	int64_t value = len > 1 && (data[0] & 0x80) ? -1 : 0;

	for (int i = 0; i < len; i++)
		value = (int64_t)((uint64_t)value << 8 | data[i]);
	return value;
}

bool
db_pq_value(struct db_rows *rows, int column, struct db_value *out, struct error *e)
{
	struct pq_rows *r = (struct pq_rows *)rows;
	int row = r->next - 1, len = PQgetlength(r->result, row, column);
	const uint8_t *data = (const uint8_t *)PQgetvalue(r->result, row, column);

	*out = (struct db_value){.type = DB_TYPE_NULL};
	if (PQgetisnull(r->result, row, column))
		return true;
	out->bytes = slice_of(data, (size_t)len);
	switch (PQftype(r->result, column)) {
	case OID_INT8:
	case OID_INT4:
	case OID_INT2:
	case OID_BOOL:
		out->type = DB_TYPE_INT;
		out->integer = read_integer(data, len);
		return true;
	case OID_TEXT:
	case OID_VARCHAR:
	case OID_NAME:
	case OID_UNKNOWN:
		out->type = DB_TYPE_TEXT;
		return true;
	case OID_BYTEA:
		out->type = DB_TYPE_BLOB;
		return true;
	default:
		return error_set(e, ERR_INTERNAL, "%s: the type of column %s is %u: CAST it",
			rows->query, PQfname(r->result, column), PQftype(r->result, column));
	}
}

void
db_pq_close_rows(struct db_rows *rows)
{
	PQclear(((struct pq_rows *)rows)->result);
	free(rows);
}
