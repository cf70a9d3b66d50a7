// SPDX-License-Identifier: Apache-2.0
// An empty database of either kind with one organization in it: what contract tests begin with.
#pragma once

#include "store/contract/place.h"
#include "store/db.h"
#include "store/work.h"

struct fixture {
	struct place place;
	struct store *store;
	struct store_session *session;
	struct arena arena;
	struct work work;
	const char *client_id, *user_id; // user_id: set by tests that have a person
};

extern const char *fixture_server; // NULL: SQLite

// "postgresql" as the first argument: the server of FERRY_STORE_URL. Results are printed as TAP.
void fixture_choose(int argc, char **argv);

// Fails the test with the error's words.
void check(bool done, const struct error *e);

// One query in a transaction of its own; fails the test when it fails.
void fixture_run(struct store_session *session, int query, struct db_params params);

struct fixture *fixture_begin(void);
void fixture_end(struct fixture *f);

// A dynamic group's id. Ends the program when it cannot be made.
const char *fixture_group(struct fixture *f, const char *name, const char *rule);

// The same for cmocka; *state: struct fixture.
int open_fixture(void **state);
int close_fixture(void **state);
