// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "connector/dn.h"
#include "connector/sync.h"
#include <inttypes.h>

bool
sync_cursor_parse(const char *text, struct sync_cursor *out)
{
	struct sync_cursor c;
	int end = 0;

	if (!text ||
		sscanf(text, "1 %36[0-9a-f-] %" SCNd64 " %" SCNd64 " %16[0-9a-f]%n", c.invocation,
			&c.usn, &c.full_at, c.scope, &end) != 4 ||
		text[end] || !uuid_valid(c.invocation) || c.usn < 0 || c.full_at < 0)
		return false;
	*out = c;
	return true;
}

char *
sync_cursor_text(struct arena *arena, const struct sync_cursor *c)
{
	return arena_printf(arena, "1 %s %" PRId64 " %" PRId64 " %s", c->invocation, c->usn,
		c->full_at, c->scope);
}

const char *
sync_full_reason(const struct sync_cursor *old, bool known, const struct sync_cursor *current,
	const struct sync_config *config, int64_t now)
{
	if (!known)
		return "first";
	if (!str_eq(old->scope, current->scope))
		return "scope_changed";
	// A lower number of the same database: it was set back without telling (USN rollback).
	if (!str_eq(old->invocation, current->invocation) || current->usn < old->usn)
		return "dc_changed";
	if (now - old->full_at >= (int64_t)config->full_s || now < old->full_at)
		return "due";
	return NULL;
}

bool
sync_in_scope(struct arena *arena, const struct sync_config *config, const char *dn)
{
	const char *normal = dn_normal(arena, dn);
	size_t len = normal ? strlen(normal) : 0;

	for (size_t i = 0; i < config->base_count && normal; i++) {
		const char *base = dn_normal(arena, config->bases[i]);
		size_t base_len = strlen(base);
		if (len >= base_len && str_ieq(normal + len - base_len, base) &&
			(len == base_len || normal[len - base_len - 1] == ','))
			return true;
	}
	return false;
}
