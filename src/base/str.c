// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"

#include <ctype.h>
#include <strings.h>

bool
str_ieq(const char *a, const char *b)
{
	return a && b && strcasecmp(a, b) == 0;
}

bool
str_starts(const char *text, const char *prefix)
{
	return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
str_istarts(const char *text, const char *prefix)
{
	return text && strncasecmp(text, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *text, const char *suffix)
{
	size_t len = text ? strlen(text) : 0, tail = strlen(suffix);

	return text && len >= tail && memcmp(text + len - tail, suffix, tail) == 0;
}

char *
str_lower(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *p = copy; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

char *
str_upper(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *p = copy; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return copy;
}

bool
str_to_u64(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (str_empty(text))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		if (__builtin_mul_overflow(value, 10u, &value) ||
			__builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return false;
	}
	if (value > max)
		return false;
	*out = value;
	return true;
}

bool
utf8_next(struct slice text, size_t *pos, uint32_t *cp)
{
	static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
	const uint8_t *p = text.data + *pos;
	size_t left = text.len - *pos, len;

	if (left == 0)
		return false;
	if (p[0] < 0x80) {
		*cp = p[0];
		*pos += 1;
		return true;
	}
	len = p[0] >= 0xf0 && p[0] < 0xf8 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] >= 0xf8 || left < len)
		return false;
	uint32_t value = p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return false;
		value = value << 6 | (p[i] & 0x3fu);
	}
	if (value < lowest[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return false;
	*cp = value;
	*pos += len;
	return true;
}

bool
utf8_valid(struct slice text)
{
	size_t pos = 0;
	uint32_t cp;

	while (pos < text.len) {
		uint64_t eight;
		// Most of what is checked is ASCII: no high bit in eight bytes, and none of them 0.
		for (; text.len - pos >= sizeof eight; pos += sizeof eight) {
			memcpy(&eight, text.data + pos, sizeof eight);
			if ((eight | (eight - 0x0101010101010101u)) & 0x8080808080808080u)
				break;
		}
		if (pos < text.len && (!utf8_next(text, &pos, &cp) || cp == 0))
			return false;
	}
	return true;
}

size_t
utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	size_t len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	for (size_t i = len - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (cp & 0x3f));
		cp >>= 6;
	}
	static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	out[0] = (char)(lead[len] | cp);
	return len;
}
