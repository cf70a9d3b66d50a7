// SPDX-License-Identifier: Apache-2.0
// What is read is written such that it is read again, and written the same again.
#include "wire/enroll/policy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
policy_request(struct slice text)
{
	autoarena(arena, ARENA_REQUEST);
	struct policy_request message, again;
	struct error e = {0};
	struct buf once, twice;

	if (!policy_request_parse(&arena, text, &message, &e)) {
		if (!e.fault)
			abort();
		return;
	}
	buf_init(&once, &arena, 16 << 20);
	policy_request_write(&once, &message);
	if (once.len > 1 << 20)
		return; // references may lengthen a text beyond what is read
	buf_init(&twice, &arena, 16 << 20);
	if (!policy_request_parse(&arena, buf_slice(&once), &again, &e))
		abort();
	policy_request_write(&twice, &again);
	if (!slice_eq(buf_slice(&once), buf_slice(&twice)))
		abort();
}

static void
policy_reply(struct slice text)
{
	autoarena(arena, ARENA_REQUEST);
	struct policy_reply message, again;
	struct error e = {0};
	struct buf once, twice;

	if (!policy_reply_parse(&arena, text, &message, &e)) {
		if (!e.fault)
			abort();
		return;
	}
	buf_init(&once, &arena, 16 << 20);
	policy_reply_write(&once, &message);
	if (once.len > 1 << 20)
		return; // references may lengthen a text beyond what is read
	buf_init(&twice, &arena, 16 << 20);
	if (!policy_reply_parse(&arena, buf_slice(&once), &again, &e))
		abort();
	policy_reply_write(&twice, &again);
	if (!slice_eq(buf_slice(&once), buf_slice(&twice)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	policy_request(slice_of(data, size));
	policy_reply(slice_of(data, size));
	return 0;
}
