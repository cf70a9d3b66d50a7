// SPDX-License-Identifier: Apache-2.0
// What is read of a configuration file must be writable, and then read as the same.
#include "base/str.h"
#include "wire/offline/offline.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
need(bool good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct offline_profile first, again;
	struct buf text;
	struct error e = {0};

	if (!offline_profile_read(&arena, slice_of(data, size), &first, &e)) {
		need(str_eq(e.fault, "offline_profile_invalid") && *e.message);
		return 0;
	}
	buf_init(&text, &arena, 1 << 20);
	offline_profile_write(&arena, &first, &text);
	if (!buf_ok(&text, &e) || text.len > OFFLINE_MAX)
		return 0;
	for (const char *p = buf_text(&text); *p; p++)
		need((uint8_t)*p < 0x80);
	need(offline_profile_read(&arena, buf_slice(&text), &again, &e));
	need(again.oobe == first.oobe && again.hybrid == first.hybrid &&
		again.forced_enrollment == first.forced_enrollment &&
		str_eq(again.tenant_id, first.tenant_id) &&
		str_eq(again.tenant_domain, first.tenant_domain) &&
		str_eq(again.comment ? again.comment : "", first.comment ? first.comment : ""));
	return 0;
}
