// SPDX-License-Identifier: Apache-2.0
// How the writes of many threads share one transaction and one fsync on SQLite.
#pragma once

#include "store/driver.h"
#include "store/store.h"

struct writer;

// Start the thread that owns the connection `db` from now on.
bool writer_start(
	struct db *db, unsigned max_batch, struct writer **out, struct error *e) MUST_CHECK;

// Finish what is queued, end the thread and close the connection. Accepts NULL.
void writer_stop(struct writer *writer);

// Have fn run by the writer, and wait until what it wrote is durable. Errors of fn, of the
// connection and of COMMIT.
// `bulk`: see store_write_bulk().
bool writer_run(
	struct writer *writer, bool bulk, store_fn *fn, void *ctx, struct error *e) MUST_CHECK;
