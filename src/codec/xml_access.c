// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "codec/xml.h"

bool
xml_is(const struct xml *node, const char *ns, const char *name)
{
	return node && str_eq(node->name, name) && (!ns || str_eq(node->ns, ns));
}

static size_t
length_without_slash(const char *ns)
{
	size_t len = strlen(ns);

	return len && ns[len - 1] == '/' ? len - 1 : len;
}

bool
xml_is_like(const struct xml *node, const char *ns, const char *name)
{
	if (!node || !str_eq(node->name, name))
		return false;
	size_t len = length_without_slash(node->ns);
	return len == length_without_slash(ns) && memcmp(node->ns, ns, len) == 0;
}

static const struct xml *
from(const struct xml *node, const char *ns, const char *name)
{
	while (node && !xml_is(node, ns, name))
		node = node->next;
	return node;
}

const struct xml *
xml_child(const struct xml *parent, const char *ns, const char *name)
{
	return parent ? from(parent->first, ns, name) : NULL;
}

const struct xml *
xml_next(const struct xml *sibling, const char *ns, const char *name)
{
	return sibling ? from(sibling->next, ns, name) : NULL;
}

const char *
xml_attr(const struct xml *node, const char *ns, const char *name)
{
	for (const struct xml_attr *a = node ? node->attrs : NULL; a; a = a->next)
		if (str_eq(a->name, name) && (!ns || str_eq(a->ns, ns)))
			return a->value;
	return NULL;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *
xml_trimmed(struct arena *arena, const struct xml *node)
{
	if (!node)
		return NULL;
	const char *begin = node->text, *end = node->text + node->len;
	while (begin < end && is_space(*begin))
		begin++;
	while (end > begin && is_space(end[-1]))
		end--;
	if (*end == '\0')
		return begin; // nothing to cut off at the end: the text itself serves
	return arena_strndup(arena, begin, (size_t)(end - begin));
}

const char *
xml_child_text(struct arena *arena, const struct xml *parent, const char *ns, const char *name)
{
	return xml_trimmed(arena, xml_child(parent, ns, name));
}
