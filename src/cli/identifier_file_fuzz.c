// SPDX-License-Identifier: Apache-2.0
// Whatever file comes: every line is an identifier that the service would take, or named with its
// problem.
#include "base/str.h"
#include "cli/identifier_file.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be(bool condition)
{
	if (!condition)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int kind = IDENTIFIER_SERIAL; kind <= IDENTIFIER_MODEL; kind++) {
		autoarena(arena, ARENA_REQUEST);
		struct identifier_list list;
		struct error e;
		size_t bad = 0, before = 0;
		if (!identifier_file_read(
			    &arena, slice_of(data, size), (enum identifier_kind)kind, &list, &e))
			continue;
		for (size_t i = 0; i < list.count; i++) {
			const struct identifier_line *l = &list.lines[i];
			must_be(l->line > before && l->identifier && l->description);
			before = l->line;
			bad += l->problem != NULL;
			if (l->problem)
				continue;
			must_be(!identifier_problem((enum identifier_kind)kind, l->identifier));
			must_be(utf8_valid(slice_str(l->identifier)) &&
				strlen(l->identifier) <= 512);
			must_be(utf8_valid(slice_str(l->description)));
		}
		must_be(bad == list.bad && list.count > 0);
	}
	return 0;
}
