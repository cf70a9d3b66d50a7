// SPDX-License-Identifier: Apache-2.0
#include "wire/odata/path.h"

#include "base/buf.h"
#include "base/str.h"

#include <strings.h>

static const char namespace[] = "microsoft.graph.";

struct reader {
	struct arena *arena;
	struct slice path;
	bool encoded;
	struct error *e;
};

static bool
fail(struct reader *r, size_t at, const char *what)
{
	return error_set(r->e, ERR_INVALID, "path column %zu: %s", at + 1, what);
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The byte at *at, decoded; *at moves behind it.
static bool
next_byte(struct reader *r, size_t *at, uint8_t *out)
{
	const uint8_t *p = r->path.data + *at;

	*out = *p;
	if (!r->encoded || *p != '%') {
		(*at)++;
		return true;
	}
	int high = r->path.len - *at > 2 ? hex_digit(p[1]) : -1;
	int low = high >= 0 ? hex_digit(p[2]) : -1;
	if (low < 0)
		return fail(r, *at, "% is not followed by two hexadecimal digits");
	*out = (uint8_t)(high << 4 | low);
	*at += 3;
	return true;
}

// From *at to the next '/' that does not stand in a quoted key, decoded. Quotes count only inside
// of parentheses: O'Brien is an ordinary segment.
static bool
next_segment(struct reader *r, size_t *at, char **out)
{
	struct buf text;
	size_t start = *at;
	bool key = false, quoted = false;

	buf_init(&text, r->arena, ODATA_SEGMENT_BYTES);
	while (*at < r->path.len && (quoted || r->path.data[*at] != '/')) {
		uint8_t c;
		if (!next_byte(r, at, &c))
			return false;
		key = key || (c == '(' && text.len);
		if (c == '\'' && key)
			quoted = !quoted;
		buf_putc(&text, (char)c);
	}
	if (quoted)
		return fail(r, start, "a key has no closing quote");
	if (text.overflow)
		return error_set(r->e, ERR_LIMIT, "path column %zu: longer than %d bytes",
			start + 1, ODATA_SEGMENT_BYTES);
	if (!utf8_valid(buf_slice(&text)))
		return fail(r, start, "this is not UTF-8 text");
	if (text.len == 0)
		return fail(r, start, "empty segment");
	if (slice_is(buf_slice(&text), ".") || slice_is(buf_slice(&text), ".."))
		return fail(r, start, "relative segments are not allowed");
	*out = arena_strndup(r->arena, text.data, text.len);
	return true;
}

// 'it''s' up to the end of the text.
static bool
unquote(struct reader *r, char *text, const char **out)
{
	char *to = text;
	char *p = text + 1;
	bool closed = false;

	for (; *p && !closed; p++) {
		if (*p == '\'' && *++p != '\'') {
			closed = true;
			p--;
		} else {
			*to++ = *p;
		}
	}
	bool whole = closed && *p == '\0';
	*to = '\0';
	*out = arena_strdup(r->arena, text);
	return whole;
}

static bool
is_property(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		if (!letter && !(i > 0 && c >= '0' && c <= '9'))
			return false;
	}
	return len > 0;
}

// What stands between the parentheses: '7', 7, deviceId='7'.
static bool
read_key(struct reader *r, size_t at, char *text, struct odata_segment *out)
{
	size_t name = strcspn(text, "='(");

	if (!*text) {
		out->key = "";
		return true;
	}
	out->has_key = true;
	if (text[name] == '=') {
		if (!is_property(text, name))
			return fail(r, at, "this is not the name of a property");
		out->key_property = arena_strndup(r->arena, text, name);
		text += name + 1;
	}
	if (*text == '\'') {
		if (unquote(r, text, &out->key))
			return true;
		if (out->key_property) {
			error_set(r->e, ERR_UNSUPPORTED,
				"path column %zu: a key of several properties", at + 1);
			return error_hint(r->e, "name one: (deviceId='…')");
		}
		return fail(r, at, "a quote inside a key is doubled");
	}
	if (!*text || strpbrk(text, "',=() "))
		return fail(r, at, "malformed key");
	out->key = text;
	return true;
}

static bool
read_segment(struct reader *r, size_t at, char *text, struct odata_segment *out)
{
	size_t prefix = sizeof namespace - 1, len = strlen(text);
	char *open = strchr(text, '(');

	*out = (struct odata_segment){.name = text, .column = at + 1};
	if (open && open > text && text[len - 1] == ')') {
		text[len - 1] = '\0';
		*open = '\0';
		if (!read_key(r, at, open + 1, out))
			return false;
	}
	// A name cannot begin as a key does: without the namespace it would be read otherwise.
	out->qualified =
		strncasecmp(text, namespace, prefix) == 0 && text[prefix] && text[prefix] != '(';
	if (out->qualified)
		out->name = text + prefix;
	return true;
}

static bool
read_url(struct reader *r, struct odata_url *out)
{
	size_t at = 0;
	char *text;

	out->count = 0;
	if (r->path.len > ODATA_PATH_BYTES)
		return error_set(
			r->e, ERR_LIMIT, "the path is longer than %d bytes", ODATA_PATH_BYTES);
	if (r->path.len == 0 || r->path.data[0] != '/')
		return fail(r, 0, "a path begins with /");
	while (at + 1 < r->path.len) {
		size_t start = ++at;
		if (!next_segment(r, &at, &text))
			return false;
		if (out->count == ODATA_PATH_SEGMENTS)
			return error_set(r->e, ERR_LIMIT, "the path has more than %d segments",
				ODATA_PATH_SEGMENTS);
		if (!read_segment(r, start, text, &out->segments[out->count++]))
			return false;
	}
	return true;
}

bool
odata_url_parse(struct arena *arena, struct slice path, bool encoded, struct odata_url *out,
	struct error *e)
{
	struct reader r = {.arena = arena, .path = path, .encoded = encoded, .e = e};

	return read_url(&r, out);
}

static void
put_encoded(struct buf *out, const char *text, bool encode)
{
	// What RFC 3986 allows in a segment, without the characters that have a meaning here.
	static const char plain[] = "-._~!$*+,;:@=&";

	for (; *text; text++) {
		char c = *text;
		bool letter =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!encode || letter || strchr(plain, c))
			buf_putc(out, c);
		else
			buf_printf(out, "%%%02X", (uint8_t)c);
	}
}

static void
put_alternate(struct buf *out, const struct odata_segment *segment, bool encode)
{
	char quote[2] = {0};

	buf_printf(out, "(%s='", segment->key_property);
	for (const char *p = segment->key; *p; p++) {
		quote[0] = *p;
		put_encoded(out, *p == '\'' ? "''" : quote, encode);
	}
	buf_puts(out, "')");
}

// Would this text be something else than one segment of the result?
static bool
not_one_segment(const char *text, bool encoded)
{
	return !*text || strcmp(text, ".") == 0 || strcmp(text, "..") == 0 ||
		(!encoded && strchr(text, '/'));
}

bool
odata_url_plain(
	struct arena *arena, struct slice path, bool encoded, const char **out, struct error *e)
{
	struct odata_url url;
	struct buf text;

	if (!odata_url_parse(arena, path, encoded, &url, e))
		return false;
	buf_init(&text, arena, (size_t)4 * ODATA_PATH_BYTES);
	for (size_t i = 0; i < url.count; i++) {
		const struct odata_segment *s = &url.segments[i];
		if (not_one_segment(s->name, encoded) ||
			(s->has_key && not_one_segment(s->key, encoded)) ||
			// As a segment of its own it would look like a name with a key.
			(s->has_key && !s->key_property && strchr(s->key, '(')))
			return error_set(
				e, ERR_INVALID, "path column %zu: malformed key", s->column);
		buf_putc(&text, '/');
		put_encoded(&text, s->name, encoded);
		if (s->has_key && s->key_property)
			put_alternate(&text, s, encoded);
		else if (s->has_key) {
			buf_putc(&text, '/');
			put_encoded(&text, s->key, encoded);
		}
	}
	if (!url.count)
		buf_putc(&text, '/');
	*out = buf_text(&text);
	return buf_ok(&text, e);
}
