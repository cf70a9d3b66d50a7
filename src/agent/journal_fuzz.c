// SPDX-License-Identifier: Apache-2.0
// A journal that is accepted is written so that it reads the same.
#include "agent/journal.h"

#include "base/slice.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char dir[] = "/tmp/ferry-journal-fuzz-XXXXXX";
	autoarena(arena, ARENA_REQUEST);
	struct journal in, again;
	struct error e = {0};
	autoclose fd = memfd_create("journal", MFD_CLOEXEC);
	char *path = arena_printf(&arena, "/proc/self/fd/%d", fd);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (!journal_open(&arena, path, &in, &e)) {
		if (!*e.message)
			abort();
		return 0;
	}
	if (strstr(dir, "XXXXXX") && !mkdtemp(dir))
		abort();
	in.path = arena_printf(&arena, "%s/journal.json", dir);
	// A text near the limit may grow past it by being escaped.
	if (!journal_save(&in, &e))
		return 0;
	if (!journal_open(&arena, in.path, &again, &e) || again.flow != in.flow ||
		again.done_count != in.done_count || again.joined != in.joined)
		abort();
	return 0;
}
