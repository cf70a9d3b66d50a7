// SPDX-License-Identifier: Apache-2.0
#include "wire/hwhash/hwhash.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Bytes and text; what was read must be writable and read the same again.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct hwhash hash, again;
	struct slice bytes, made;
	struct error e;

	bytes = slice_of(data, size);
	if (size > 3 && data[0] == 'T' &&
		!hwhash_from_text(&arena, slice_of(data, size), &bytes, &e))
		return 0;
	if (!hwhash_decode(&arena, bytes, &hash, &e) || !hwhash_encode(&arena, &hash, &made, &e))
		return 0;
	if (!hwhash_decode(&arena, made, &again, &e) || !again.checksum_ok ||
		again.disk_count != hash.disk_count || again.nic_count != hash.nic_count ||
		!slice_eq(again.ek_modulus, hash.ek_modulus))
		abort();
	return 0;
}
