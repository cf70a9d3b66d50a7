// SPDX-License-Identifier: Apache-2.0
#include "store/contract/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/profiles.h"
#include "store/trust.h"
#include <stdlib.h>

const char *fixture_server;

void
fixture_choose(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "postgresql") &&
		!(fixture_server = getenv("FERRY_STORE_URL"))) {
		fprintf(stderr, "FERRY_STORE_URL names no server\n");
		exit(1);
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
}

void
check(bool done, const struct error *e)
{
	if (!done)
		fail_msg("%s: %s (%s)", error_code_name(e->code), e->message,
			e->fault ? e->fault : "-");
}

struct statement {
	int query;
	struct db_params params;
};

static bool
run_tx(struct db *db, void *ctx, struct error *e)
{
	const struct statement *s = ctx;

	return db_run(db, s->query, s->params, NULL, e);
}

void
fixture_run(struct store_session *session, int query, struct db_params params)
{
	struct statement s = {query, params};
	struct error e;

	check(store_write(session, run_tx, &s, &e), &e);
}

struct fixture *
fixture_begin(void)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct error e;

	assert_non_null(f);
	place_make(&f->place, fixture_server);
	arena_init(&f->arena, ARENA_REQUEST);
	check(store_open(f->place.url, NULL, &f->store, &e), &e);
	check(store_session_open(f->store, &f->session, &e), &e);
	check(store_check_queries(f->session, &e), &e);
	struct api_client client = {.client_id = uuid_new(&f->arena),
		.tenant_id = uuid_new(&f->arena),
		.name = "test",
		.secret_sha256 = "00",
		.roles = "[]"};
	f->client_id = client.client_id;
	f->work = (struct work){.arena = &f->arena,
		.session = f->session,
		.tenant_id = client.tenant_id,
		.now = clock_now()};
	check(store_bootstrap(&f->work, "Contoso", "contoso.example", &client, &e), &e);
	return f;
}

void
fixture_end(struct fixture *f)
{
	store_session_close(f->session);
	store_close(f->store);
	place_remove(&f->place);
	arena_finish(&f->arena);
	free(f);
}

const char *
fixture_group(struct fixture *f, const char *name, const char *rule)
{
	struct new_group in = {.name = name, .description = "", .rule = rule};
	struct error e;
	const char *id;

	check(store_group_create(&f->work, &in, &id, &e), &e);
	return id;
}

int
open_fixture(void **state)
{
	*state = fixture_begin();
	return 0;
}

int
close_fixture(void **state)
{
	fixture_end(*state);
	return 0;
}
