// SPDX-License-Identifier: Apache-2.0
#include "cli/input.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/str.h"
#include <stdio.h>

static bool
read_stdin(struct arena *arena, size_t max, struct slice *out, struct error *e)
{
	char piece[16 << 10];
	struct buf all;
	size_t n;

	buf_init(&all, arena, max + 1);
	while ((n = fread(piece, 1, sizeof piece, stdin)) > 0)
		buf_put(&all, piece, n);
	if (ferror(stdin))
		return error_errno(e, "standard input");
	if (!buf_ok(&all, e))
		return error_wrap(e, "standard input");
	*out = slice_str(buf_text(&all));
	out->len = all.len;
	return true;
}

bool
input_read(struct arena *arena, const char *file, size_t max, struct slice *out, struct error *e)
{
	return str_eq(file, "-") ? read_stdin(arena, max, out, e)
				 : fs_read(arena, file, max, out, e);
}

bool
input_read_text(
	struct arena *arena, const char *file, size_t max, const char **out, struct error *e)
{
	struct slice bytes;

	if (!input_read(arena, file, max, &bytes, e))
		return false;
	if (!utf8_valid(bytes) || memchr(bytes.data, '\0', bytes.len))
		return error_set(e, ERR_INVALID, "%s: not a UTF-8 text", file);
	*out = (const char *)bytes.data;
	return true;
}
