// SPDX-License-Identifier: Apache-2.0
// Whatever nmcli prints: every network has a name that is fit for a file, once.
#include "agent/wireless.h"
#include "base/str.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct wireless found;

	wireless_parse(&arena, arena_strndup(&arena, (const char *)data, size), &found);
	for (size_t i = 0; i < found.count; i++) {
		const struct wireless_network *n = &found.networks[i];
		if (!wireless_name_usable(n->ssid) || n->signal < 0 || n->signal > 100)
			abort();
		if (i && (n->signal > n[-1].signal || str_eq(n->ssid, n[-1].ssid)))
			abort();
	}
	return 0;
}
