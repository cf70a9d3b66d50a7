// SPDX-License-Identifier: Apache-2.0
// First line: a naming template; the rest: a serial number. A name that is given is a valid one.
#include "domain/naming.h"

#include "base/slice.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char random[NAME_RANDOM_DIGITS] = {3, 1, 4, 1, 5, 9, 2, 6, 5};
	autoarena(arena, ARENA_REQUEST);
	char *text = arena_strndup(&arena, (const char *)data, size), *out;
	size_t line = strcspn(text, "\n");
	const char *serial = text[line] ? text + line + 1 : "";
	struct error e = {0};

	text[line] = '\0';
	bool checked = naming_check(text, &e);
	if (!naming_expand(&arena, text, serial, random, &out, &e))
		return 0;
	if (!checked || !naming_valid(out, &e))
		abort();
	return 0;
}
