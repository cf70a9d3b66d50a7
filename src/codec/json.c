// SPDX-License-Identifier: Apache-2.0
// The reader. One copy of the text is made in the arena; strings are unescaped and terminated
// inside it, so that a document costs one allocation for its text and one for each node.
#include "codec/json.h"

#include "base/str.h"

#include <stdlib.h>

enum {
	DEFAULT_BYTES = 1 << 20,
	DEFAULT_DEPTH = 32,
	DEFAULT_NODES = 100000,
	DEEPEST = 512, // the reader recurses: no caller may ask for more
	FEW_MEMBERS = 12,
};

struct reader {
	struct arena *arena;
	const uint8_t *original;
	char *start, *p, *end; // the copy; *end is NUL
	size_t nodes, max_nodes, max_depth;
	bool lenient;
	struct error *e;
};

// Strings before `at` may have been rewritten in place, so lines are counted in the original.
static bool
fail_at(struct reader *r, const char *at, enum error_code code, const char *what)
{
	size_t line = 1, line_start = 0, offset = (size_t)(at - r->start);

	for (size_t i = 0; i < offset; i++)
		if (r->original[i] == '\n') {
			line++;
			line_start = i + 1;
		}
	return error_set(
		r->e, code, "JSON line %zu column %zu: %s", line, offset - line_start + 1, what);
}

static bool
fail(struct reader *r, const char *what)
{
	return fail_at(r, r->p, ERR_INVALID, what);
}

static void
skip_space(struct reader *r)
{
	while (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t')
		r->p++;
}

static bool
hex4(const char *p, uint32_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];
		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v << 4 | (uint32_t)((c | 32) - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

// \uXXXX with r->p at the 'u'; a high surrogate must be followed by its low one.
static bool
unescape_unicode(struct reader *r, char **to)
{
	uint32_t cp, low;

	if (!hex4(r->p + 1, &cp))
		return fail(r, "\\u needs four hexadecimal digits");
	if (cp == 0)
		return fail(r, "NUL in a string");
	size_t used = 5;
	if (cp >= 0xd800 && cp <= 0xdbff) {
		if (r->p[5] != '\\' || r->p[6] != 'u' || !hex4(r->p + 7, &low) || low < 0xdc00 ||
			low > 0xdfff)
			return fail(r, "lone surrogate");
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
		used = 11;
	}
	size_t len = utf8_encode(cp, *to);
	if (len == 0)
		return fail(r, "lone surrogate");
	*to += len;
	r->p += used;
	return true;
}

static bool
unescape(struct reader *r, char **to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";

	r->p++;
	if (*r->p == 'u')
		return unescape_unicode(r, to);
	const char *found = *r->p ? strchr(from, *r->p) : NULL;
	if (!found)
		return fail(r, "unknown escape");
	*(*to)++ = into[found - from];
	r->p++;
	return true;
}

static inline bool
is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

// A string with r->p behind the opening quote. The closing quote becomes the NUL.
static bool
read_string(struct reader *r, const char **text, size_t *len)
{
	char *begin = r->p, *to;
	unsigned char high = 0;

	while (is_plain(*r->p))
		high |= (unsigned char)*r->p++;
	to = r->p;
	while (*r->p != '"') {
		if (*r->p == '\\') {
			if (!unescape(r, &to))
				return false;
			continue;
		}
		if (!is_plain(*r->p))
			return fail(r,
				r->p == r->end ? "unterminated string"
					       : "control character in a string");
		high |= (unsigned char)*r->p;
		*to++ = *r->p++;
	}
	*to = '\0';
	*text = begin;
	*len = (size_t)(to - begin);
	if (high & 0x80 && !utf8_valid(slice_of(begin, *len)))
		return fail_at(r, begin, ERR_INVALID, "string is not UTF-8");
	r->p++;
	return true;
}

static bool
digits(const char **p)
{
	const char *begin = *p;

	while (**p >= '0' && **p <= '9')
		++*p;
	return *p > begin;
}

static bool
read_number(struct reader *r, struct json *node)
{
	const char *p = r->p;

	if (*p == '-')
		p++;
	if (*p == '0')
		p++;
	else if (!digits(&p))
		return fail(r, "a value was expected");
	if (*p == '.' && (p++, !digits(&p)))
		return fail(r, "number without digits after the point");
	if (*p == 'e' || *p == 'E') {
		p++;
		if (*p == '+' || *p == '-')
			p++;
		if (!digits(&p))
			return fail(r, "number without digits in the exponent");
	}
	node->type = JSON_NUMBER;
	node->len = (size_t)(p - r->p);
	node->text = arena_strndup(r->arena, r->p, node->len);
	r->p += node->len;
	return true;
}

static bool
read_word(struct reader *r, const char *word, struct json *node)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return fail(r, "a value was expected");
	node->type = *word == 'n' ? JSON_NULL : JSON_BOOL;
	node->boolean = *word == 't';
	r->p += len;
	return true;
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '_' || c == '$' || c == '@' || c == '.' || c == '-';
}

static bool
read_name(struct reader *r, const char **name)
{
	size_t len = 0;

	if (*r->p == '"') {
		r->p++;
		return read_string(r, name, &len);
	}
	// PowerShell modules send { userPrincipalName: "x" } (clients-and-conventions.md 2.3).
	while (r->lenient && is_name_char(r->p[len]))
		len++;
	if (len == 0)
		return fail(r, "a member name was expected");
	*name = arena_strndup(r->arena, r->p, len);
	r->p += len;
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *
duplicate_among_few(const struct json *object)
{
	for (const struct json *a = object->first; a; a = a->next)
		for (const struct json *b = object->first; b != a; b = b->next)
			if (strcmp(a->name, b->name) == 0)
				return a->name;
	return NULL;
}

// Sorting keeps an object of a hundred thousand names from costing its square.
static const char *
duplicate_name(struct reader *r, const struct json *object)
{
	if (object->count <= FEW_MEMBERS)
		return duplicate_among_few(object);
	const char **names = arena_array(r->arena, object->count, sizeof *names);
	size_t n = 0;
	for (const struct json *m = object->first; m; m = m->next)
		names[n++] = m->name;
	qsort(names, n, sizeof *names, by_name);
	for (size_t i = 1; i < n; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			return names[i];
	return NULL;
}

static struct json *read_value(struct reader *r, const char *name, size_t depth);

static struct json *
read_element(struct reader *r, bool is_object, size_t depth)
{
	const char *name = NULL;

	if (is_object) {
		if (!read_name(r, &name))
			return NULL;
		skip_space(r);
		if (*r->p != ':') {
			fail(r, "':' was expected");
			return NULL;
		}
		r->p++;
		skip_space(r);
	}
	return read_value(r, name, depth);
}

// An array or object with r->p at its bracket.
static bool
read_container(struct reader *r, struct json *node, size_t depth)
{
	bool is_object = *r->p == '{';
	char close = is_object ? '}' : ']';
	const struct json **link = &node->first;

	node->type = is_object ? JSON_OBJECT : JSON_ARRAY;
	if (depth >= r->max_depth)
		return fail_at(r, r->p, ERR_LIMIT, "nested too deeply");
	r->p++;
	skip_space(r);
	while (*r->p != close) {
		struct json *child = read_element(r, is_object, depth + 1);
		if (!child)
			return false;
		*link = child;
		link = &child->next;
		node->count++;
		skip_space(r);
		if (*r->p == close)
			break;
		if (*r->p != ',')
			return fail(r,
				is_object ? "',' or '}' was expected" : "',' or ']' was expected");
		r->p++;
		skip_space(r);
		if (*r->p == close && !r->lenient)
			return fail(r, "trailing comma");
	}
	const char *twice = is_object ? duplicate_name(r, node) : NULL;
	if (twice)
		return fail(r, "the object that ends here has a duplicate member name");
	r->p++;
	return true;
}

static struct json *
read_value(struct reader *r, const char *name, size_t depth)
{
	bool ok;

	if (++r->nodes > r->max_nodes) {
		fail_at(r, r->p, ERR_LIMIT, "too many values");
		return NULL;
	}
	struct json *node = arena_new(r->arena, struct json);
	node->name = name;
	switch (*r->p) {
	case '"':
		r->p++;
		node->type = JSON_STRING;
		ok = read_string(r, &node->text, &node->len);
		break;
	case '{':
	case '[':
		ok = read_container(r, node, depth);
		break;
	case 't':
		ok = read_word(r, "true", node);
		break;
	case 'f':
		ok = read_word(r, "false", node);
		break;
	case 'n':
		ok = read_word(r, "null", node);
		break;
	default:
		ok = read_number(r, node);
	}
	return ok ? node : NULL;
}

static size_t
or_default(size_t value, size_t otherwise)
{
	return value ? value : otherwise;
}

const struct json *
json_parse(
	struct arena *arena, struct slice text, const struct json_limits *limits, struct error *e)
{
	static const struct json_limits defaults;

	if (!limits)
		limits = &defaults;
	size_t max = or_default(limits->max_bytes, DEFAULT_BYTES);
	if (text.len > max) {
		error_set(e, ERR_LIMIT, "JSON of %zu bytes, at most %zu are read", text.len, max);
		return NULL;
	}
	struct reader r = {.arena = arena,
		.max_nodes = or_default(limits->max_nodes, DEFAULT_NODES),
		.max_depth = or_default(limits->max_depth, DEFAULT_DEPTH),
		.lenient = limits->lenient,
		.e = e};
	if (r.max_depth > DEEPEST)
		r.max_depth = DEEPEST;
	r.original = text.data;
	r.start = r.p = arena_strndup(arena, (const char *)text.data, text.len);
	r.end = r.start + text.len;
	skip_space(&r);
	struct json *root = read_value(&r, NULL, 0);
	if (!root)
		return NULL;
	skip_space(&r);
	if (r.p != r.end) {
		fail(&r, "text after the value");
		return NULL;
	}
	return root;
}
