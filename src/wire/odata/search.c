// SPDX-License-Identifier: Apache-2.0
// $search as a filter: a term becomes contains(property,'text'), over one property or over all that
// can be searched.
#include "base/str.h"
#include "wire/odata/bind.h"

struct search {
	struct binder *b;
	const char *start, *p;
	size_t nodes, depth;
};

static bool parse_or(struct search *s, struct odata_node **out);

static bool
fail(struct search *s, const char *what)
{
	size_t column = 1;

	for (const char *p = s->start; p < s->p; p++)
		column += ((unsigned char)*p & 0xc0) != 0x80;
	bind_fail(s->b, column, "%s", what);
	return error_hint(
		s->b->e, "write \"displayName:text\" or \"text\", with AND and OR between");
}

static bool
node_new(struct search *s, enum odata_op op, struct odata_node **out)
{
	if (++s->nodes > ODATA_MAX_NODES)
		return error_set(s->b->e, ERR_LIMIT, "$search has too many terms");
	*out = arena_new(s->b->arena, struct odata_node);
	(*out)->op = op;
	(*out)->column = (size_t)(s->p - s->start) + 1;
	(*out)->literal.text = "";
	return true;
}

static void
blanks(struct search *s)
{
	s->p += strspn(s->p, " \t\r\n");
}

// AND, OR and NOT are operators in upper case only (OData 4.01, 5.1.8).
static bool
at_word(const struct search *s, const char *word)
{
	size_t len = strlen(word);

	return strncmp(s->p, word, len) == 0 && (!s->p[len] || strchr(" \t\r\n()\"", s->p[len]));
}

static bool
contains(struct search *s, const struct odata_property *property, const char *text,
	struct odata_node **out)
{
	struct odata_node *path, *value;

	if (!node_new(s, ODATA_CONTAINS, out) || !node_new(s, ODATA_PATH, &path) ||
		!node_new(s, ODATA_LITERAL, &value))
		return false;
	path->property = property;
	path->path = (struct odata_path){.count = 1, .column = path->column};
	path->path.names = arena_new(s->b->arena, const char *);
	path->path.names[0] = property->name;
	path->path.properties = arena_new(s->b->arena, const struct odata_property *);
	path->path.properties[0] = property;
	value->literal =
		(struct odata_literal){.kind = ODATA_LIT_STRING, .text = text, .len = strlen(text)};
	(*out)->first = path;
	path->next = value;
	return true;
}

static bool
searchable(const struct search *s, const struct odata_property *p)
{
	return p->flags & OD_SEARCH && p->kind == OD_STRING && !(p->flags & OD_LIST) &&
		(s->b->version == ODATA_BETA || !(p->flags & OD_BETA));
}

// A term over every property that can be searched.
static bool
anywhere(struct search *s, const char *text, struct odata_node **out)
{
	const struct odata_property *p;
	struct odata_node *either, **tail;
	size_t found = 0;

	if (!node_new(s, ODATA_OR, &either))
		return false;
	tail = &either->first;
	for (size_t i = 0; (p = odata_property_at(s->b->type, i)); i++) {
		if (!searchable(s, p))
			continue;
		if (!contains(s, p, text, tail))
			return false;
		tail = &(*tail)->next;
		found++;
	}
	if (!found)
		return error_set(s->b->e, ERR_UNSUPPORTED, "$search is not possible on '%s'",
			s->b->type->name + (s->b->type->name[0] == '#'));
	*out = found == 1 ? either->first : either;
	return true;
}

// "displayName:text"; a colon after anything that is no property belongs to the text.
static bool
term(struct search *s, char *text, struct odata_node **out)
{
	char *colon = strchr(text, ':');

	if (!text[strspn(text, " ")])
		return fail(s, "a text to search for is expected");
	if (!colon)
		return anywhere(s, text, out);
	const char *name = arena_strndup(s->b->arena, text, (size_t)(colon - text));
	const struct odata_property *p = odata_property_find(s->b->type, name);
	if (!p || (p->flags & OD_BETA && s->b->version == ODATA_V1))
		return anywhere(s, text, out);
	if (!searchable(s, p)) {
		fail(s, "this property cannot be searched");
		return bind_hint_usable(s->b, s->b->type, OD_SEARCH);
	}
	if (!colon[1])
		return fail(s, "a text to search for is expected");
	return contains(s, p, colon + 1, out);
}

static bool
quoted_term(struct search *s, struct odata_node **out)
{
	char *text = arena_alloc(s->b->arena, strlen(s->p) + 1), *to = text;
	const char *p = s->p + 1;

	for (; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		*to++ = *p;
	}
	if (!*p)
		return fail(s, "this text has no closing quote");
	if (!term(s, text, out))
		return false;
	s->p = p + 1;
	return true;
}

static bool
parse_term(struct search *s, struct odata_node **out)
{
	if (*s->p == '"')
		return quoted_term(s, out);
	size_t len = strcspn(s->p, " \t\r\n()\"");
	if (len == 0 || at_word(s, "AND") || at_word(s, "OR"))
		return fail(s, "a text to search for is expected");
	if (!term(s, arena_strndup(s->b->arena, s->p, len), out))
		return false;
	s->p += len;
	return true;
}

static bool
parse_factor(struct search *s, struct odata_node **out)
{
	blanks(s);
	if (s->depth == ODATA_MAX_DEPTH)
		return error_set(s->b->e, ERR_LIMIT, "$search is nested too deep");
	s->depth++;
	bool ok;
	if (at_word(s, "NOT")) {
		s->p += 3;
		ok = node_new(s, ODATA_NOT, out) && parse_factor(s, &(*out)->first);
	} else if (*s->p == '(') {
		s->p++;
		ok = parse_or(s, out);
		if (ok && *s->p != ')')
			return fail(s, ") is expected");
		s->p += ok;
	} else {
		ok = parse_term(s, out);
	}
	s->depth--;
	blanks(s);
	return ok;
}

// Terms side by side are joined by AND.
static bool
parse_and(struct search *s, struct odata_node **out)
{
	struct odata_node *first, **tail;

	if (!parse_factor(s, &first))
		return false;
	*out = first;
	if (!*s->p || *s->p == ')' || at_word(s, "OR"))
		return true;
	if (!node_new(s, ODATA_AND, out))
		return false;
	(*out)->first = first;
	tail = &first->next;
	while (*s->p && *s->p != ')' && !at_word(s, "OR")) {
		if (at_word(s, "AND"))
			s->p += 3;
		if (!parse_factor(s, tail))
			return false;
		tail = &(*tail)->next;
	}
	return true;
}

static bool
parse_or(struct search *s, struct odata_node **out)
{
	struct odata_node *first, **tail;

	if (!parse_and(s, &first))
		return false;
	*out = first;
	if (!at_word(s, "OR"))
		return true;
	if (!node_new(s, ODATA_OR, out))
		return false;
	(*out)->first = first;
	tail = &first->next;
	while (at_word(s, "OR")) {
		s->p += 2;
		if (!parse_and(s, tail))
			return false;
		tail = &(*tail)->next;
	}
	return true;
}

bool
bind_search(struct binder *b, const char *text, struct odata_node **out)
{
	struct search s = {.b = b, .start = text, .p = text};

	if (!parse_or(&s, out))
		return false;
	return *s.p ? fail(&s, "AND, OR or the end is expected") : true;
}
