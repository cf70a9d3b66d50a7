// SPDX-License-Identifier: Apache-2.0
// Whatever text comes, what is shown of it is UTF-8, holds nothing that a terminal obeys, and fits.
#include "base/str.h"
#include "cli/text.h"
#include <locale.h>
#include <stdlib.h>

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
	autoarena(arena, ARENA_REQUEST);
	size_t pos = 0;
	uint32_t cp;

	if (size > 64 << 10)
		return 0;
	setlocale(LC_CTYPE, "C.UTF-8");
	const char *text = arena_strndup(&arena, (const char *)data, size);
	must_be(text_width(text) >= 0);
	text_relative(&arena, text, 1795257000000000);
	struct slice clean = slice_str(text_clean(&arena, text));
	must_be(utf8_valid(clean));
	while (pos < clean.len) {
		must_be(utf8_next(clean, &pos, &cp));
		must_be(cp >= ' ' && (cp < 0x7f || cp >= 0xa0));
	}
	for (int width = 1; width < 40; width += 13) {
		const char *fit = text_fit(&arena, (const char *)clean.data, width);
		must_be(text_width(fit) <= width && utf8_valid(slice_str(fit)));
		for (const char *rest = (const char *)clean.data; *rest;) {
			const char *before = rest;
			struct slice line = text_line(&rest, width);
			must_be(rest > before && (const char *)line.data >= before);
			must_be((const char *)line.data + line.len <= rest && utf8_valid(line));
		}
	}
	return 0;
}
