// SPDX-License-Identifier: Apache-2.0
#include "codec/base64.h"

static const char STANDARD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char URL_SAFE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum { NOT_A_DIGIT = 64 };

static uint8_t
digit(char c, bool url)
{
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint8_t)(c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0' + 52);
	if (c == (url ? '-' : '+'))
		return 62;
	if (c == (url ? '_' : '/'))
		return 63;
	return NOT_A_DIGIT;
}

static char *
encode(struct arena *arena, struct slice in, const char alphabet[static 64], bool pad)
{
	char *out = arena_alloc(arena, in.len / 3 * 4 + 5), *p = out;
	size_t i = 0;

	for (; i + 3 <= in.len; i += 3) {
		uint32_t v =
			(uint32_t)in.data[i] << 16 | (uint32_t)in.data[i + 1] << 8 | in.data[i + 2];
		*p++ = alphabet[v >> 18];
		*p++ = alphabet[v >> 12 & 63];
		*p++ = alphabet[v >> 6 & 63];
		*p++ = alphabet[v & 63];
	}
	if (i == in.len)
		return out;
	bool two = in.len - i == 2;
	uint32_t v = (uint32_t)in.data[i] << 16 | (two ? (uint32_t)in.data[i + 1] << 8 : 0);
	*p++ = alphabet[v >> 18];
	*p++ = alphabet[v >> 12 & 63];
	if (two)
		*p++ = alphabet[v >> 6 & 63];
	for (int n = two ? 1 : 2; pad && n > 0; n--)
		*p++ = '=';
	return out;
}

char *
base64_encode(struct arena *arena, struct slice bytes)
{
	return encode(arena, bytes, STANDARD, true);
}

char *
base64url_encode(struct arena *arena, struct slice bytes)
{
	return encode(arena, bytes, URL_SAFE, false);
}

struct decoder {
	struct slice text;
	unsigned flags;
	bool url;
	size_t max;
	uint8_t *out;
	size_t len;    // bytes decoded
	size_t digits; // digits taken
	size_t pads;   // '=' seen
	uint32_t bits; // the digits of the group in progress
};

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Emit the bytes of a group of `have` digits (2..4).
static bool
emit(struct decoder *d, size_t have, struct error *e)
{
	size_t bytes = have - 1;

	if (bytes > d->max - d->len)
		return error_set(e, ERR_LIMIT, "base64 decodes to more than %zu bytes", d->max);
	uint32_t v = d->bits << (6 * (4 - have));
	for (size_t i = 0; i < bytes; i++)
		d->out[d->len++] = (uint8_t)(v >> (16 - 8 * i));
	d->bits = 0;
	return true;
}

static bool
take(struct decoder *d, size_t at, struct error *e)
{
	uint8_t c = d->text.data[at];

	if ((d->flags & BASE64_WHITESPACE) && is_space(c))
		return true;
	if (c == '=' && !d->url) {
		// Padding completes a group of two or three digits, and nothing else.
		if (d->digits % 4 < 2 || ++d->pads > 4 - d->digits % 4)
			return error_set(e, ERR_INVALID, "unexpected padding at offset %zu", at);
		return true;
	}
	uint8_t value = digit((char)c, d->url);
	if (value == NOT_A_DIGIT || d->pads)
		return error_set(e, ERR_INVALID, "unexpected character at offset %zu", at);
	d->bits = d->bits << 6 | value;
	return ++d->digits % 4 != 0 || emit(d, 4, e);
}

static bool
finish(struct decoder *d, struct error *e)
{
	size_t rest = d->digits % 4, end = d->text.len;

	if (rest == 0)
		return true;
	if (rest == 1)
		return error_set(e, ERR_INVALID, "base64 ends inside a group at offset %zu", end);
	bool need_padding = !d->url && !(d->flags & BASE64_NO_PADDING);
	if (d->pads != 4 - rest && (need_padding || d->pads != 0))
		return error_set(e, ERR_INVALID, "padding is missing at offset %zu", end);
	uint32_t unused = rest == 2 ? 15 : 3;
	if (!(d->flags & BASE64_LENIENT_BITS) && (d->bits & unused))
		return error_set(e, ERR_INVALID, "unused bits are not zero before offset %zu", end);
	return emit(d, rest, e);
}

// Values of the digits of both alphabets' common part, NOT_A_DIGIT elsewhere; [1] is URL-safe.
static uint8_t digit_values[2][256];

static void __attribute__((constructor)) fill_digit_values(void)
{
	for (unsigned c = 0; c < 256; c++)
		for (int url = 0; url < 2; url++)
			digit_values[url][c] = digit((char)c, url);
}

// Whole groups of four digits, as long as there is nothing else: nearly all of a hardware hash.
static size_t
take_groups(struct decoder *d)
{
	const uint8_t *values = digit_values[d->url], *in = d->text.data;
	size_t at = 0;

	for (; d->text.len - at >= 4 && d->max - d->len >= 3; at += 4) {
		uint8_t a = values[in[at]], b = values[in[at + 1]], c = values[in[at + 2]],
			f = values[in[at + 3]];
		if ((a | b | c | f) & NOT_A_DIGIT)
			break;
		uint32_t v = (uint32_t)a << 18 | (uint32_t)b << 12 | (uint32_t)c << 6 | f;
		d->out[d->len++] = (uint8_t)(v >> 16);
		d->out[d->len++] = (uint8_t)(v >> 8);
		d->out[d->len++] = (uint8_t)v;
	}
	d->digits = at;
	return at;
}

static bool
decode(struct arena *arena, struct decoder *d, struct slice *out, struct error *e)
{
	size_t room = d->text.len / 4 * 3 + 3;

	if (!(d->flags & BASE64_WHITESPACE) && room > 6 && room - 6 > d->max)
		return error_set(e, ERR_LIMIT, "base64 decodes to more than %zu bytes", d->max);
	d->out = arena_alloc(arena, (room < d->max ? room : d->max) + 1);
	for (size_t i = take_groups(d); i < d->text.len; i++)
		if (!take(d, i, e))
			return false;
	if (!finish(d, e))
		return false;
	d->out[d->len] = '\0';
	*out = slice_of(d->out, d->len);
	return true;
}

bool
base64_decode(struct arena *arena, struct slice text, unsigned flags, size_t max, struct slice *out,
	struct error *e)
{
	struct decoder d = {.text = text, .flags = flags, .max = max};

	return decode(arena, &d, out, e);
}

bool
base64url_decode(
	struct arena *arena, struct slice text, size_t max, struct slice *out, struct error *e)
{
	struct decoder d = {.text = text, .url = true, .max = max};

	return decode(arena, &d, out, e);
}

char *
hex_encode(struct arena *arena, struct slice bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *out = arena_alloc(arena, bytes.len * 2 + 1);

	for (size_t i = 0; i < bytes.len; i++) {
		out[2 * i] = digits[bytes.data[i] >> 4];
		out[2 * i + 1] = digits[bytes.data[i] & 15];
	}
	return out;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hex_decode(struct arena *arena, const char *text, struct slice *out, struct error *e)
{
	size_t len = text ? strlen(text) : 0;

	if (len % 2)
		return error_set(e, ERR_INVALID, "odd number of hexadecimal digits");
	uint8_t *bytes = arena_alloc(arena, len / 2 + 1);
	for (size_t i = 0; i < len; i++) {
		int value = hex_digit(text[i]);
		if (value < 0)
			return error_set(e, ERR_INVALID, "no hexadecimal digit at offset %zu", i);
		bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | value);
	}
	*out = slice_of(bytes, len / 2);
	return true;
}
