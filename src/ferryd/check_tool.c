// SPDX-License-Identifier: Apache-2.0
// Test helper: checks a person's password as a second ferryd of the same PostgreSQL database does.
//
//   directory_check_tool STORE-URL TENANT DOMAIN ACCOUNT < password
//
// Prints the verdict and the named cause.
#include "base/str.h"
#include "ferryd/directory_check.h"
#include <stdio.h>

enum { MAX_PASSWORD = 2000 };

static const char *const verdicts[] = {
	[DIRECTORY_ACCEPTED] = "accepted",
	[DIRECTORY_DENIED] = "denied",
	[DIRECTORY_EXPIRED] = "expired",
	[DIRECTORY_LOCKED] = "locked",
	[DIRECTORY_DISABLED] = "disabled",
};

int
main(int argc, char **argv)
{
	autoarena(arena, ARENA_REQUEST);
	struct service service = {0};
	char *password = arena_alloc(&arena, MAX_PASSWORD);
	struct error e = {0};

	if (argc != 5)
		return 2;
	password[fread(password, 1, MAX_PASSWORD - 1, stdin)] = '\0';
	autosession session = NULL;
	if (!store_open(argv[1], NULL, &service.store, &e) ||
		!store_session_open(service.store, &session, &e)) {
		fprintf(stderr, "%s\n", e.message);
		return 1;
	}
	struct call c = {.service = &service,
		.arena = &arena,
		.work = {.arena = &arena,
			.session = session,
			.tenant_id = argv[2],
			.now = clock_now()}};
	struct directory_account account = {.domain = argv[3], .account_name = argv[4]};
	enum directory_verdict verdict;
	if (directory_password_check(&c, &account, password, &verdict, &e))
		printf("%s -\n", verdicts[verdict]);
	else
		printf("unavailable %s\n", e.fault ? e.fault : "?");
	store_session_close(session);
	session = NULL;
	store_close(service.store);
	return 0;
}
