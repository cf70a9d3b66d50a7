// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

// Bytes that are drawn from the kernel at once for identifiers that are made in numbers.
enum { RANDOM_POOL = 1024 };

void
random_bytes(void *out, size_t len)
{
	uint8_t *p = out;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			abort();
		p += n;
		len -= (size_t)n;
	}
}

void
uuid_format(const uint8_t b[16], char out[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[b[i] >> 4];
		*out++ = digits[b[i] & 15];
	}
	*out = '\0';
}

char *
uuid_new(struct arena *arena)
{
	uint8_t b[16];
	char *out = arena_alloc(arena, UUID_TEXT);

	random_bytes(b, sizeof b);
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	uuid_format(b, out);
	return out;
}

// RFC 9562 section 5.7 with the 12 bits after the milliseconds counting on within one (section 6.2,
// method 1), so that what one thread makes is in order even when it makes many at once.
char *
uuid_ordered(struct arena *arena)
{
	static _Thread_local uint64_t last; // milliseconds << 12 | counter
	static _Thread_local uint8_t random[RANDOM_POOL];
	static _Thread_local size_t used = RANDOM_POOL;
	struct timespec now;
	uint8_t b[16];
	char *out = arena_alloc(arena, UUID_TEXT);

	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	last = ms << 12 > last ? ms << 12 : last + 1;
	if (used == sizeof random) {
		random_bytes(random, sizeof random);
		used = 0;
	}
	memcpy(b, random + used, sizeof b);
	used += sizeof b;
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(last >> (52 - 8 * i));
	b[6] = (uint8_t)(0x70 | (last >> 8 & 0x0f));
	b[7] = (uint8_t)last;
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	uuid_format(b, out);
	return out;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
uuid_parse(const char *text, uint8_t out[16])
{
	size_t n = 0;

	if (!text || strlen(text) != UUID_TEXT - 1)
		return false;
	for (size_t i = 0; i < UUID_TEXT - 1; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
			continue;
		}
		int digit = hex_digit(text[i]);
		if (digit < 0)
			return false;
		out[n / 2] = (uint8_t)(n % 2 ? out[n / 2] | digit : digit << 4);
		n++;
	}
	return true;
}

bool
uuid_valid(const char *text)
{
	uint8_t bytes[16];

	return uuid_parse(text, bytes);
}
