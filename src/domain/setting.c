// SPDX-License-Identifier: Apache-2.0
#include "domain/setting.h"

#include "base/str.h"

// What follows the root that both spellings have.
static const char *
below_device(const char *loc_uri)
{
	if (str_starts(loc_uri, "./Device/Vendor/"))
		return loc_uri + strlen("./Device/");
	return str_starts(loc_uri, "./Vendor/") ? loc_uri + strlen("./") : loc_uri;
}

bool
setting_same_node(const char *a, const char *b)
{
	return str_eq(below_device(a), below_device(b));
}

const struct setting *
setting_winner(const struct setting *list, size_t count, size_t i)
{
	for (size_t k = 0; k < count && k < i; k++)
		if (setting_same_node(list[k].loc_uri, list[i].loc_uri))
			return str_eq(list[k].data, list[i].data) &&
					str_eq(list[k].format, list[i].format)
				? NULL
				: &list[k];
	return NULL;
}

const char *
setting_conflict(struct arena *arena, const struct setting *winner, const struct setting *loser)
{
	return arena_printf(arena,
		"\"%s\" and \"%s\" set %s to different values; \"%s\" is older and counts",
		winner->name, loser->name, loser->loc_uri, winner->name);
}
