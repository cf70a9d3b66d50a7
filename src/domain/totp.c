// SPDX-License-Identifier: Apache-2.0
#include "domain/totp.h"

#include "base/buf.h"
#include "base/str.h"
#include "pki/hash.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

uint32_t
totp_code(struct slice secret, int64_t step)
{
	uint8_t counter[8], mac[SHA1_LEN];

	for (int i = 0; i < 8; i++)
		counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	hmac_sha1(secret, slice_of(counter, sizeof counter), mac);
	// RFC 4226 section 5.3: dynamic truncation.
	const uint8_t *at = mac + (mac[SHA1_LEN - 1] & 15);
	uint32_t value = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 |
		(uint32_t)at[2] << 8 | at[3];
	return value % 1000000;
}

static bool
read_digits(const char *text, char out[TOTP_DIGITS + 1])
{
	size_t len = 0;

	for (; text && *text; text++) {
		if (*text == ' ')
			continue;
		if (*text < '0' || *text > '9' || len == TOTP_DIGITS)
			return false;
		out[len++] = *text;
	}
	out[len] = '\0';
	return len == TOTP_DIGITS;
}

bool
totp_match(struct slice secret, const char *text, time_us now, int64_t last_step, int64_t *step)
{
	char given[TOTP_DIGITS + 1], wanted[16];
	int64_t middle = now / US_PER_S / TOTP_STEP_S, found = -1;

	if (!secret.len || !read_digits(text, given))
		return false;
	for (int64_t s = middle - TOTP_WINDOW; s <= middle + TOTP_WINDOW; s++) {
		snprintf(wanted, sizeof wanted, "%06u", totp_code(secret, s));
		if (secret_eq(slice_str(given), slice_str(wanted)) && s > last_step && found < 0)
			found = s;
	}
	if (found >= 0)
		*step = found;
	return found >= 0;
}

char *
base32_encode(struct arena *arena, struct slice bytes)
{
	char *out = arena_alloc(arena, bytes.len * 8 / 5 + 2);
	size_t len = 0;
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		bits = bits << 8 | bytes.data[i];
		for (have += 8; have >= 5; have -= 5)
			out[len++] = alphabet[bits >> (have - 5) & 31];
	}
	if (have)
		out[len++] = alphabet[bits << (5 - have) & 31];
	return out;
}

struct slice
base32_decode(struct arena *arena, const char *text)
{
	size_t len = 0;
	uint8_t *out = arena_alloc(arena, strlen(text) * 5 / 8 + 2);
	uint32_t bits = 0;
	int have = 0;

	for (const char *p = str_upper(arena, text); *p; p++) {
		const char *at = strchr(alphabet, *p);
		if (*p == ' ' || *p == '-')
			continue;
		if (!at)
			return slice_of(NULL, 0);
		bits = bits << 5 | (uint32_t)(at - alphabet);
		have += 5;
		if (have >= 8) {
			have -= 8;
			out[len++] = (uint8_t)(bits >> have);
		}
	}
	// What is left of the last character must be padding: less than 5 bits, all zero.
	if (have >= 5 || (bits & ((1u << have) - 1)))
		return slice_of(NULL, 0);
	return slice_of(out, len);
}

char *
totp_uri(struct arena *arena, const char *organization, const char *upn, struct slice secret)
{
	struct buf out;

	buf_init(&out, arena, 2048);
	buf_puts(&out, "otpauth://totp/");
	buf_put_escaped(&out, organization);
	buf_puts(&out, ":");
	buf_put_escaped(&out, upn);
	buf_printf(&out, "?secret=%s&issuer=", base32_encode(arena, secret));
	buf_put_escaped(&out, organization);
	return arena_strdup(arena, buf_text(&out));
}
