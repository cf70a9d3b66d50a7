// SPDX-License-Identifier: Apache-2.0
#include "cli/names.h"

#include "base/str.h"
#include "cli/input.h"

enum { LIST_MAX = 64 << 20 };

bool
names_read(struct cli *cli, size_t first, const char ***names, size_t *count, struct error *e)
{
	const char *file = cli_option(cli, "from"), *text = "";
	size_t room = cli->operand_count + 1, n = 0;

	if (file && !input_read_text(cli->arena, file, LIST_MAX, &text, e))
		return false;
	for (const char *c = text; *c; c++)
		room += *c == '\n' || *c == '\r';
	const char **out = arena_array(cli->arena, room + 1, sizeof *out);
	for (size_t i = first; i < cli->operand_count; i++)
		out[n++] = cli->operands[i];
	while (*text) {
		size_t len = strcspn(text, "\r\n");
		if (len)
			out[n++] = arena_strndup(cli->arena, text, len);
		text += len;
		text += strspn(text, "\r\n");
	}
	*names = out;
	*count = n;
	return n || error_set(e, ERR_INVALID, "whom? Name them, or give --from FILE");
}
