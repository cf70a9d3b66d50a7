// SPDX-License-Identifier: Apache-2.0
#include "codec/zip.h"

#include <string.h>

enum {
	HEAD_SIZE = 30,
	ENTRY_SIZE = 46,
	VERSION = 20,
	NAME_IS_UTF8 = 1 << 11,
	FIRST_DAY = 1 << 5 | 1, // 1 January 1980: archives of the same bytes are the same
};

uint32_t
zip_crc32(uint32_t crc, struct slice data)
{
	// Four bits at a time: the remainders of the sixteen possible halves of a byte.
	static const uint32_t rest[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8,
		0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

	crc = ~crc;
	for (size_t i = 0; i < data.len; i++) {
		crc ^= data.data[i];
		crc = rest[crc & 15] ^ (crc >> 4);
		crc = rest[crc & 15] ^ (crc >> 4);
	}
	return ~crc;
}

static void
put(struct buf *out, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_putc(out, (char)(value >> (8 * i) & 0xff));
}

// What the header of the file and its entry in the directory have in common.
static void
put_file(struct buf *out, const char *name, uint32_t crc, uint32_t size)
{
	put(out, VERSION, 2);
	put(out, NAME_IS_UTF8, 2);
	put(out, 0, 2); // stored
	put(out, 0, 2); // midnight
	put(out, FIRST_DAY, 2);
	put(out, crc, 4);
	put(out, size, 4);
	put(out, size, 4);
	put(out, (uint32_t)strlen(name), 2);
	put(out, 0, 2); // no extra field
}

size_t
zip_head_size(const char *name)
{
	return HEAD_SIZE + strlen(name);
}

void
zip_head(struct buf *out, const char *name, uint32_t crc, uint32_t size)
{
	put(out, 0x04034b50, 4);
	put_file(out, name, crc, size);
	buf_puts(out, name);
}

void
zip_tail(struct buf *out, const char *name, uint32_t crc, uint32_t size)
{
	put(out, 0x02014b50, 4);
	put(out, VERSION, 2); // made by
	put_file(out, name, crc, size);
	put(out, 0, 2); // no comment
	put(out, 0, 2); // on the first disk
	put(out, 0, 2); // unknown whether text
	put(out, 0, 4); // no attributes
	put(out, 0, 4); // the file begins where the archive does
	buf_puts(out, name);
	put(out, 0x06054b50, 4);
	put(out, 0, 2);
	put(out, 0, 2);
	put(out, 1, 2);
	put(out, 1, 2);
	put(out, ENTRY_SIZE + (uint32_t)strlen(name), 4);
	put(out, (uint32_t)zip_head_size(name) + size, 4);
	put(out, 0, 2); // no comment
}
