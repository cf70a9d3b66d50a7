// SPDX-License-Identifier: Apache-2.0
// Whatever a face sends as a line: an action is terminated text, and anything else is dropped.
#include "agent/face.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct face_action action;

	if (!face_read_action(&arena, slice_of(data, size), &action))
		return 0;
	if (!memchr(action.name, 0, sizeof action.name) ||
		!memchr(action.value, 0, sizeof action.value) ||
		!memchr(action.user, 0, sizeof action.user) ||
		!memchr(action.password, 0, sizeof action.password))
		abort();
	face_action_wipe(&action);
	return 0;
}
