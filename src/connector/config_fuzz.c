// SPDX-License-Identifier: Apache-2.0
// A configuration that is accepted says where work may be done, and for which domain.
#include "connector/config.h"
#include "connector/dn.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct connector_config c;
	struct error e = {0};

	if (!config_parse(
		    &arena, "c.conf", arena_strndup(&arena, (const char *)data, size), &c, &e)) {
		if (!strstr(e.message, "c.conf"))
			abort();
		return 0;
	}
	if (!c.allow.ou_count || !*c.ad.domain || strncmp(c.url, "https://", 8) != 0 ||
		c.allow.max_per_hour == 0)
		abort();
	for (size_t i = 0; i < c.allow.ou_count; i++)
		if (strcmp(c.allow.ous[i], ALLOW_DEFAULT_CONTAINER) != 0 &&
			!dn_normal(&arena, c.allow.ous[i]))
			abort();
	return 0;
}
