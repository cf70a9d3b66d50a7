// SPDX-License-Identifier: Apache-2.0
// Whatever is sent: what is accepted cannot begin a line of its own in a configuration file, and
// reads the same once it was written.
#include "base/str.h"
#include "domain/vpn_profile.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	const char *text = arena_strndup(&arena, (const char *)data, size);
	struct vpn_profile profile, again;
	struct error e;

	const char *name = vpn_name(&arena, text);
	if (name && strpbrk(name, "/ \n;&$`'\""))
		abort();
	if (!vpn_profile_read(&arena, text, &profile, &e))
		return 0;
	const char *const parts[] = {profile.endpoint, profile.gateway_key, profile.allowed,
		profile.dns, profile.search, profile.pool, profile.address};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i] && strpbrk(parts[i], "\r\n #;"))
			abort();
	if (profile.pool && profile.first > profile.last)
		abort();
	if (!vpn_profile_read(&arena, vpn_profile_write(&arena, &profile), &again, &e) ||
		!str_eq(again.endpoint, profile.endpoint) || again.first != profile.first)
		abort();
	return 0;
}
