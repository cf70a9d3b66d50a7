// SPDX-License-Identifier: Apache-2.0
// A question about a password, and the name of an account from whatever stands in it.
#include "agent/login.h"

#include "base/str.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
	autoarena(arena, ARENA_REQUEST);
	const char *user, *password;
	struct error e;
	char *name;

	if (!login_read(&arena, slice_of(data, size), &user, &password, &e))
		return 0;
	if (strlen(user) >= LOGIN_TYPED || strlen(password) >= LOGIN_TYPED)
		abort();
	if (login_name(&arena, user, &name, &e) &&
		(strspn(name, allowed) != strlen(name) || *name < 'a' || *name > 'z'))
		abort();
	return 0;
}
