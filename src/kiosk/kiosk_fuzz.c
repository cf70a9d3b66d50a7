// SPDX-License-Identifier: Apache-2.0
// Whatever the agent shows and the browser answers: the first line is a screen, the rest an action.
#include "base/str.h"
#include "kiosk/kiosk.h"
#include "kiosk/page_json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	const uint8_t *end = memchr(data, '\n', size);
	size_t line = end ? (size_t)(end - data) : size;
	struct kiosk kiosk = {.wake = -1};
	struct screen screen;
	struct error e = {0};

	arena_init(&kiosk.arenas[0], ARENA_SMALL);
	arena_init(&kiosk.arenas[1], ARENA_SMALL);
	if (screen_parse(&arena, slice_of(data, line), &screen, &e)) {
		// Connected to nothing: actions are built and dropped.
		kiosk.app = (struct app){.screen = &screen, .fresh = true, .log_fd = -1};
		kiosk_publish(&kiosk);
		if (kiosk.json && !utf8_valid(slice_str(kiosk.json)))
			abort();
		char *copy = arena_memdup(&arena, data + line, size - line);
		bool ok = kiosk_take(&kiosk, slice_of(copy, size - line), &e);
		(void)ok;
	}
	arena_finish(&kiosk.arenas[0]);
	arena_finish(&kiosk.arenas[1]);
	return 0;
}
