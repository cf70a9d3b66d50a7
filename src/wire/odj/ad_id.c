// SPDX-License-Identifier: Apache-2.0
#include "wire/odj/ad_id.h"

#include "base/buf.h"
#include "base/str.h"
#include <inttypes.h>

static const uint64_t MAX_AUTHORITY = ((uint64_t)1 << 48) - 1;

// Reads the decimal number at *text and the '-' or end behind it.
static bool
next_number(const char **text, uint64_t max, uint64_t *out)
{
	char digits[24];
	size_t len = strcspn(*text, "-");

	if (len == 0 || len >= sizeof digits)
		return false;
	memcpy(digits, *text, len);
	digits[len] = '\0';
	*text += len;
	return str_to_u64(digits, max, out);
}

bool
sid_parse(const char *text, struct sid *out, struct error *e)
{
	struct sid sid = {0};
	const char *p = text;
	uint64_t n;

	if (!str_starts(p, "S-1-"))
		return error_set(e, ERR_INVALID, "not a security identifier");
	p += 4;
	if (!next_number(&p, MAX_AUTHORITY, &sid.authority))
		return error_set(e, ERR_INVALID, "security identifier with a bad authority");
	while (*p == '-') {
		p++;
		if (sid.count == SID_MAX_SUBAUTHORITIES || !next_number(&p, UINT32_MAX, &n))
			return error_set(e, ERR_INVALID, "security identifier with a bad part %u",
				sid.count + 1);
		sid.sub[sid.count++] = (uint32_t)n;
	}
	*out = sid;
	return true;
}

bool
sid_from_bytes(struct slice bytes, struct sid *out, struct error *e)
{
	struct sid sid = {0};
	const uint8_t *p = bytes.data;

	if (bytes.len < 8 || p[0] != 1 || p[1] > SID_MAX_SUBAUTHORITIES ||
		bytes.len != 8 + 4 * (size_t)p[1])
		return error_set(e, ERR_INVALID, "malformed binary security identifier");
	sid.count = p[1];
	for (int i = 2; i < 8; i++)
		sid.authority = sid.authority << 8 | p[i];
	for (uint32_t i = 0; i < sid.count; i++) {
		const uint8_t *s = p + 8 + 4 * i;
		sid.sub[i] = (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 |
			(uint32_t)s[3] << 24;
	}
	*out = sid;
	return true;
}

char *
sid_text(struct arena *arena, const struct sid *sid)
{
	struct buf b;

	buf_init(&b, arena, 256);
	buf_printf(&b, "S-1-%" PRIu64, sid->authority);
	for (uint32_t i = 0; i < sid->count; i++)
		buf_printf(&b, "-%u", sid->sub[i]);
	return arena_strdup(arena, buf_text(&b));
}

uint32_t
sid_rid(const struct sid *sid)
{
	return sid->sub[sid->count - 1];
}

struct sid
sid_domain(const struct sid *sid)
{
	struct sid domain = *sid;

	domain.sub[--domain.count] = 0;
	return domain;
}

bool
sid_eq(const struct sid *a, const struct sid *b)
{
	return a->authority == b->authority && a->count == b->count &&
		memcmp(a->sub, b->sub, a->count * sizeof a->sub[0]) == 0;
}

// Reverses the bytes of the fields of 4, 2 and 2 bytes.
static void
swap_fields(const uint8_t in[16], uint8_t out[16])
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (int i = 0; i < 16; i++)
		out[i] = in[order[i]];
}

void
guid_from_le(const uint8_t bytes[16], char out[UUID_TEXT])
{
	uint8_t text_order[16];

	swap_fields(bytes, text_order);
	uuid_format(text_order, out);
}

bool
guid_to_le(const char *text, uint8_t out[16])
{
	uint8_t text_order[16];

	if (!uuid_parse(text, text_order))
		return false;
	swap_fields(text_order, out);
	return true;
}
