// SPDX-License-Identifier: Apache-2.0
#include "store/db_sqlite.h"

#include <errno.h>

static bool
disk_is_full(sqlite3 *handle, int code)
{
	int number = sqlite3_system_errno(handle);

	if (!number)
		number = errno; // SQLite does not keep that of a COMMIT
	return (code & 0xff) == SQLITE_FULL ||
		((code & 0xff) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT));
}

static bool
constraint_failed(struct db *db, int code, const char *what, struct error *e)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		error_set(e, ERR_CONFLICT, "%s: exists already", what);
		break;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		error_fault(e, ERR_CONFLICT, "store_reference",
			"%s: refers to a row that is missing, or is referred to", what);
		break;
	default:
		error_set(e, ERR_INTERNAL, "%s: constraint failed (%d)", what, code);
	}
	return db_driver_failed(db, DB_FAILED, e);
}

bool
db_sqlite_failed(struct db *db, sqlite3 *handle, const char *what, struct error *e)
{
	int code = sqlite3_extended_errcode(handle);

	if (disk_is_full(handle, code)) {
		error_fault(e, ERR_UNAVAILABLE, "store_full", "%s: the disk is full", what);
		return db_driver_failed(db, DB_FAILED, e);
	}
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
		return constraint_failed(db, code, what, e);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		error_fault(e, ERR_UNAVAILABLE, "store_busy",
			"%s: another program holds the database", what);
		return db_driver_failed(db, DB_RETRY, e);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		error_fault(e, ERR_IO, "store_io", "%s: the database file failed (%d, errno %d)",
			what, code, sqlite3_system_errno(handle));
		return db_driver_failed(db, DB_LOST, e);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		error_fault(e, ERR_IO, "store_corrupt", "%s: the database file is damaged (%d)",
			what, code);
		break;
	case SQLITE_TOOBIG:
		error_set(e, ERR_LIMIT, "%s: a value is too big", what);
		break;
	default:
		error_set(e, ERR_INTERNAL, "%s: SQLite refused (%d)", what, code);
	}
	return db_driver_failed(db, DB_FAILED, e);
}
