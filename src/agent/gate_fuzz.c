// SPDX-License-Identifier: Apache-2.0
// The gate's files, each with the same noise in it: nobody gets in, and the reason is named.
#include "agent/gate.h"

#include "base/fs.h"
#include "base/str.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	static char dir[] = "/tmp/ferry-gate-fuzz-XXXXXX";
	static bool made;
	static const char *const names[] = {"self.json", "pinned.json", "release.jwt"};
	struct gate_self real = {.issuer = "https://f", .key = "k", .enrollment = "e"};
	struct release release;
	struct error e = {0};

	made = made || mkdtemp(dir);
	for (size_t i = 0; i < 3; i++)
		if (!fs_write(arena_printf(&arena, "%s/%s", dir, names[i]), slice_of(data, size),
			    0600, &e))
			return 0;
	char *self = arena_printf(&arena, "%s/self.json", dir);
	for (int round = 0; round < 2; round++) {
		if (gate_check(&arena, dir, self, &release, &e) || !e.fault)
			abort();
		// The second time the device knows itself.
		if (!gate_announce(self, &real, &e))
			return 0;
	}
	return 0;
}
