// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "codec/base64.h"
#include "codec/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct jsonw
jsonw_on(struct buf *out)
{
	return (struct jsonw){.out = out};
}

static void
put_escape(struct buf *out, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", into[] = "\"\\bfnrt";
	const char *found = c ? strchr(from, c) : NULL;

	if (found) {
		char pair[2] = {'\\', into[found - from]};
		buf_put(out, pair, 2);
	} else {
		buf_printf(out, "\\u%04x", c);
	}
}

// How many bytes from `pos` on stand for themselves.
static size_t
plain_bytes(struct slice text, size_t pos)
{
	size_t end = pos;

	while (end < text.len && text.data[end] >= 0x20 && text.data[end] < 0x80 &&
		text.data[end] != '"' && text.data[end] != '\\')
		end++;
	return end - pos;
}

static void
put_plain_string(struct buf *out, struct slice text)
{
	char *room = buf_extend(out, text.len + 2);

	if (!room)
		return;
	room[0] = '"';
	if (text.len)
		memcpy(room + 1, text.data, text.len);
	room[text.len + 1] = '"';
}

// Bytes that are not UTF-8 become U+FFFD: what we write must parse whatever a driver or a peer put
// into a text.
static void
put_string(struct buf *out, struct slice text)
{
	size_t done = 0, pos = plain_bytes(text, 0);
	uint32_t cp;

	if (pos == text.len) {
		put_plain_string(out, text);
		return;
	}
	buf_putc(out, '"');
	while (pos < text.len) {
		uint8_t c = text.data[pos];
		if (c >= 0x80 && utf8_next(text, &pos, &cp)) {
			pos += plain_bytes(text, pos);
			continue;
		}
		buf_put(out, text.data + done, pos - done);
		if (c >= 0x80)
			buf_puts(out, "\xef\xbf\xbd");
		else
			put_escape(out, c);
		done = ++pos;
		pos += plain_bytes(text, pos);
	}
	buf_put(out, text.data + done, pos - done);
	buf_putc(out, '"');
}

// The comma and the name before a value.
static void
lead(struct jsonw *w, const char *name)
{
	if (w->comma)
		buf_putc(w->out, ',');
	w->comma = true;
	if (name) {
		put_string(w->out, slice_str(name));
		buf_putc(w->out, ':');
	}
}

static void
open(struct jsonw *w, const char *name, char bracket)
{
	lead(w, name);
	buf_putc(w->out, bracket);
	w->comma = false;
}

static void
close_with(struct jsonw *w, char bracket)
{
	buf_putc(w->out, bracket);
	w->comma = true;
}

void
jsonw_object(struct jsonw *w, const char *name)
{
	open(w, name, '{');
}

void
jsonw_array(struct jsonw *w, const char *name)
{
	open(w, name, '[');
}

void
jsonw_end_object(struct jsonw *w)
{
	close_with(w, '}');
}

void
jsonw_end_array(struct jsonw *w)
{
	close_with(w, ']');
}

void
jsonw_raw(struct jsonw *w, const char *name, const char *json_text)
{
	lead(w, name);
	buf_puts(w->out, json_text);
}

void
jsonw_text(struct jsonw *w, const char *name, struct slice value)
{
	lead(w, name);
	put_string(w->out, value);
}

void
jsonw_str(struct jsonw *w, const char *name, const char *value)
{
	if (value)
		jsonw_text(w, name, slice_str(value));
	else
		jsonw_null(w, name);
}

void
jsonw_b64(struct jsonw *w, const char *name, struct slice bytes)
{
	jsonw_str(w, name, base64_encode(w->out->arena, bytes));
}

void
jsonw_int(struct jsonw *w, const char *name, int64_t value)
{
	lead(w, name);
	buf_printf(w->out, "%" PRId64, value);
}

void
jsonw_double(struct jsonw *w, const char *name, double value)
{
	char text[40];

	if (!isfinite(value)) {
		jsonw_null(w, name);
		return;
	}
	// The shortest text that reads back as the same number.
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof text, "%.*g", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	// A locale may write the point otherwise; JSON may not.
	for (char *p = text; *p; p++)
		if (!strchr("0123456789+-e", *p))
			*p = '.';
	jsonw_raw(w, name, text);
}

void
jsonw_bool(struct jsonw *w, const char *name, bool value)
{
	jsonw_raw(w, name, value ? "true" : "false");
}

void
jsonw_null(struct jsonw *w, const char *name)
{
	jsonw_raw(w, name, "null");
}

static void
put_children(struct jsonw *w, const struct json *value)
{
	for (const struct json *child = value->first; child; child = child->next)
		jsonw_value(w, child->name, child);
}

void
jsonw_value(struct jsonw *w, const char *name, const struct json *value)
{
	switch (value->type) {
	case JSON_NULL:
		jsonw_null(w, name);
		break;
	case JSON_BOOL:
		jsonw_bool(w, name, value->boolean);
		break;
	case JSON_NUMBER:
		jsonw_raw(w, name, value->text);
		break;
	case JSON_STRING:
		jsonw_text(w, name, slice_of(value->text, value->len));
		break;
	case JSON_ARRAY:
		jsonw_array(w, name);
		put_children(w, value);
		jsonw_end_array(w);
		break;
	case JSON_OBJECT:
		jsonw_object(w, name);
		put_children(w, value);
		jsonw_end_object(w);
		break;
	}
}
