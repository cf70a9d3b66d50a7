// SPDX-License-Identifier: Apache-2.0
// Whatever the service gives back as a cursor, it is one that was written so, or none.
#include "base/str.h"
#include "connector/sync.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_SMALL);
	static const struct sync_cursor current = {
		"0b7c6a52-4c5a-4b3c-9d3e-222222222222", 4711, 1795000000, "0123456789abcdef"};
	const struct sync_config config = {.full_s = 86400};
	const char *text = arena_strndup(&arena, (const char *)data, size);
	struct sync_cursor cursor, again;

	if (!sync_cursor_parse(text, &cursor))
		return 0;
	const char *written = sync_cursor_text(&arena, &cursor);
	if (!sync_cursor_parse(written, &again) ||
		!str_eq(written, sync_cursor_text(&arena, &again)))
		abort();
	sync_full_reason(&cursor, true, &current, &config, 1795000100);
	return 0;
}
