// SPDX-License-Identifier: Apache-2.0
#include "signer/token_state.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What is read as a list has one key that signs, keeps it whatever is due, and is read again as the
// same.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct token_state state, again;
	const struct token_policy policy = {.rotate_days = 90};
	struct slice text, same;
	struct error e;

	if (!token_state_read(&arena, slice_of(data, size), &state, &e))
		return 0;
	if (!token_state_text(&arena, &state, &text, &e) ||
		!token_state_read(&arena, text, &again, &e) ||
		!token_state_text(&arena, &again, &same, &e) || !slice_eq(text, same))
		abort();
	for (int64_t now = 0; now < INT64_MAX / 4; now = now * 3 + 1000) {
		token_state_tend(&state, &policy, now);
		token_state_wants_next(&state, &policy, now);
		if (!token_state_find(&state, TOKEN_CURRENT))
			abort();
	}
	token_state_free(&state);
	token_state_free(&again);
	return 0;
}
