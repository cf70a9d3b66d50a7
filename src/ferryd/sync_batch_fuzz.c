// SPDX-License-Identifier: Apache-2.0
// Whatever a connector sends, what is read of it can be stored: identifiers are what they claim to
// be and nothing is missing.
#include "ferryd/sync_batch.h"

#include "base/uuid.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct sync_batch b;
	struct error e = {0};

	if (!sync_batch_read(&arena, slice_of(data, size), &b, &e)) {
		if (e.code != ERR_INVALID && e.code != ERR_LIMIT)
			abort();
		return 0;
	}
	for (size_t i = 0; i < b.user_count; i++)
		if (!uuid_valid(b.users[i].guid) || !b.users[i].upn[0] || !b.users[i].attributes ||
			!b.users[i].usage_location)
			abort();
	for (size_t i = 0; i < b.group_count; i++)
		for (size_t m = 0; m < b.groups[i].member_count; m++)
			if (!uuid_valid(b.groups[i].members[m]))
				abort();
	for (size_t i = 0; i < b.gone_count; i++)
		if (!uuid_valid(b.gone[i].guid))
			abort();
	return 0;
}
