// SPDX-License-Identifier: Apache-2.0
// What is read is written such that it is read again, and written the same again.
#include "wire/enroll/token.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
token_request(struct slice text)
{
	autoarena(arena, ARENA_REQUEST);
	struct token_request message, again;
	struct error e = {0};
	struct buf once, twice;

	if (!token_request_parse(&arena, text, &message, &e)) {
		if (!e.fault)
			abort();
		return;
	}
	buf_init(&once, &arena, 16 << 20);
	token_request_write(&once, &message);
	if (once.len > 1 << 20)
		return; // references may lengthen a text beyond what is read
	buf_init(&twice, &arena, 16 << 20);
	if (!token_request_parse(&arena, buf_slice(&once), &again, &e))
		abort();
	token_request_write(&twice, &again);
	if (!slice_eq(buf_slice(&once), buf_slice(&twice)))
		abort();
}

static void
token_reply(struct slice text)
{
	autoarena(arena, ARENA_REQUEST);
	struct token_reply message, again;
	struct error e = {0};
	struct buf once, twice;

	if (!token_reply_parse(&arena, text, &message, &e)) {
		if (!e.fault)
			abort();
		return;
	}
	buf_init(&once, &arena, 16 << 20);
	token_reply_write(&once, &message);
	if (once.len > 1 << 20)
		return; // references may lengthen a text beyond what is read
	buf_init(&twice, &arena, 16 << 20);
	if (!token_reply_parse(&arena, buf_slice(&once), &again, &e))
		abort();
	token_reply_write(&twice, &again);
	if (!slice_eq(buf_slice(&once), buf_slice(&twice)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	token_request(slice_of(data, size));
	token_reply(slice_of(data, size));
	return 0;
}
