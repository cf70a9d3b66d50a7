// SPDX-License-Identifier: Apache-2.0
// What the reader accepts can be written, read again, and written the same again.
#include "codec/xml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_node(struct xmlw *w, const struct xml *node, const char *ns_above)
{
	// The namespace of the prefix "xml" is the one that cannot be declared.
	bool reserved = strcmp(node->ns, "http://www.w3.org/XML/1998/namespace") == 0;

	xmlw_open(w, reserved ? arena_printf(w->out->arena, "xml:%s", node->name) : node->name);
	if (!reserved && strcmp(node->ns, ns_above) != 0)
		xmlw_attr(w, "xmlns", node->ns);
	for (const struct xml_attr *a = node->attrs; a; a = a->next)
		if (!*a->ns)
			xmlw_attr(w, a->name, a->value);
	xmlw_text(w, node->text);
	for (const struct xml *child = node->first; child; child = child->next)
		write_node(w, child, reserved ? ns_above : node->ns);
	xmlw_close(w);
}

static struct slice
written(struct arena *arena, const struct xml *root)
{
	struct buf out;

	buf_init(&out, arena, 16 << 20);
	struct xmlw w = xmlw_on(&out);
	write_node(&w, root, "");
	return buf_slice(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct error e = {0};
	const struct xml *root = xml_parse(&arena, slice_of(data, size), NULL, &e);

	if (!root) {
		if (e.code != ERR_INVALID && e.code != ERR_LIMIT)
			abort();
		return 0;
	}
	xml_trimmed(&arena, root);
	struct xml_limits wide = {.max_bytes = 16 << 20, .max_nodes = 30000};
	struct slice once = written(&arena, root);
	const struct xml *again = xml_parse(&arena, once, &wide, &e);
	if (!again || !slice_eq(once, written(&arena, again)))
		abort();
	return 0;
}
