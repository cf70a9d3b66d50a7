// SPDX-License-Identifier: Apache-2.0
#include "wire/odj/odj.h"

#include "base/str.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
same(const char *a, const char *b)
{
	return (!a && !b) || str_eq(a, b);
}

// Whatever decodes completely must survive encoding and decoding again.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, (size_t)64 << 20);
	struct odj_info a, b;
	struct slice again;
	struct error e;

	if (!odj_decode(&arena, slice_of(data, size), &a, &e) ||
		!odj_encode(&arena, &a, &again, &e))
		return 0;
	if (!odj_decode(&arena, odj_to_file(&arena, again), &b, &e))
		abort();
	if (!same(a.dns_domain, b.dns_domain) || !same(a.machine_name, b.machine_name) ||
		!slice_eq(a.password_utf16, b.password_utf16) ||
		!same(a.domain_sid, b.domain_sid) || !same(a.site, b.site) ||
		a.machine_rid != b.machine_rid)
		abort();
	return 0;
}
