// SPDX-License-Identifier: Apache-2.0
#include "wire/odj/utf16.h"

#include "base/str.h"

static const uint32_t REPLACEMENT = 0xFFFD;

static bool
is_high(uint32_t unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool
is_low(uint32_t unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

static uint32_t
unit_at(struct slice units, size_t index)
{
	return (uint32_t)units.data[2 * index] | (uint32_t)units.data[2 * index + 1] << 8;
}

static size_t
put_unit(uint8_t *out, uint32_t unit)
{
	out[0] = (uint8_t)(unit & 0xFF);
	out[1] = (uint8_t)(unit >> 8);
	return 2;
}

bool
utf16_from_utf8(struct arena *arena, const char *text, struct slice *out)
{
	struct slice in = slice_str(text);
	uint8_t *units = arena_alloc(arena, 2 * in.len + 2);
	size_t pos = 0, len = 0;
	uint32_t cp;

	while (pos < in.len) {
		if (!utf8_next(in, &pos, &cp))
			return false;
		if (cp < 0x10000) {
			len += put_unit(units + len, cp);
			continue;
		}
		len += put_unit(units + len, 0xD800 + ((cp - 0x10000) >> 10));
		len += put_unit(units + len, 0xDC00 + ((cp - 0x10000) & 0x3FF));
	}
	*out = slice_of(units, len);
	return true;
}

// The code point at *index, advancing it; REPLACEMENT for a lone surrogate, 0 for a zero unit.
static uint32_t
next_code_point(struct slice units, size_t count, size_t *index, bool *lone)
{
	uint32_t unit = unit_at(units, (*index)++);

	if (is_high(unit) && *index < count && is_low(unit_at(units, *index))) {
		uint32_t low = unit_at(units, (*index)++);
		return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
	}
	if (is_high(unit) || is_low(unit)) {
		*lone = true;
		return REPLACEMENT;
	}
	return unit;
}

static bool
to_utf8(struct arena *arena, struct slice units, bool replacing, char **out)
{
	size_t count = units.len / 2, len = 0;
	char *text = arena_alloc(arena, 3 * count + 1);
	bool lone = false;

	if (units.len % 2)
		return false;
	for (size_t i = 0; i < count;) {
		char utf8[4];
		uint32_t cp = next_code_point(units, count, &i, &lone);
		if (cp == 0 || (lone && !replacing))
			return false;
		size_t n = utf8_encode(cp, utf8);
		memcpy(text + len, utf8, n);
		len += n;
	}
	*out = text;
	return true;
}

bool
utf16_to_utf8(struct arena *arena, struct slice units, char **out)
{
	return to_utf8(arena, units, false, out);
}

bool
utf16_to_utf8_replacing(struct arena *arena, struct slice units, char **out)
{
	return to_utf8(arena, units, true, out);
}
