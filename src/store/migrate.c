// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "store/driver.h"

static bool
schema_version(struct db *db, int64_t *version, struct error *e)
{
	autorows rows = NULL;

	if (!db_run(db, db_query_id(db, "schema_version_create"), NO_PARAMS, NULL, e) ||
		!db_one(db, db_query_id(db, "schema_version_last"), NO_PARAMS, &rows, e))
		return false;
	*version = db_int(rows, "version");
	return true;
}

static bool
refuse_newer(int64_t version, int64_t known, struct error *e)
{
	error_fault(e, ERR_INVALID, "store_schema_newer",
		"the database has schema version %lld, this program knows %lld", (long long)version,
		(long long)known);
	return error_hint(e, "start the newer version of Ferry that wrote it, or restore a backup");
}

struct step {
	bool finished;
};

// Apply the first migration that is missing, or find that none is. Asked inside the transaction:
// another program may have applied it while this one waited for its turn.
static bool
migrate_one(struct db *db, void *ctx, struct error *e)
{
	struct step *step = ctx;
	const struct sql_catalog *catalog = db->catalog;
	int64_t version = 0, known = (int64_t)catalog->migration_count;

	if (!schema_version(db, &version, e))
		return false;
	if (version > known)
		return refuse_newer(version, known, e);
	step->finished = version == known;
	if (step->finished)
		return true;
	const struct sql_migration *next = &catalog->migrations[version];
	return db->driver->script(db, next->name, next->text[db->driver->kind], e) &&
		db_run(db, db_query_id(db, "schema_version_add"),
			PARAMS(DB_INT(next->version), DB_TEXT(next->name), DB_INT(clock_now())),
			NULL, e);
}

bool
db_migrate(struct db *db, struct error *e)
{
	struct step step = {.finished = false};

	while (!step.finished) {
		if (!db_begin(db, DB_MIGRATE, e))
			return error_wrap(e, "migration");
		if (!db_call(db, migrate_one, &step, e)) {
			db_rollback(db);
			return error_wrap(e, "migration");
		}
		if (!db_commit(db, e))
			return error_wrap(e, "migration");
	}
	return true;
}
