// SPDX-License-Identifier: Apache-2.0
// The form in which the .sql files reach the program: named queries and numbered migrations, a text
// for each database.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum db_kind { DB_SQLITE, DB_POSTGRESQL, DB_KINDS };

struct sql_query {
	const char *name; // "device_by_serial"
	const char *text[DB_KINDS];
};

// Applied in the order of the versions, each once and each in a transaction.
struct sql_migration {
	int64_t version; // 1 for 0001_init.sql
	const char *name;
	const char *text[DB_KINDS];
};

// What tools/embed-sql makes of a set of files. Query ids are indexes into `queries`.
struct sql_catalog {
	const struct sql_query *queries;
	size_t query_count;
	const struct sql_migration *migrations;
	size_t migration_count;
};
