// SPDX-License-Identifier: Apache-2.0
#include "codec/tar.h"

#include <string.h>
#include <zlib.h>

enum { BLOCK = 512, GZIP_WINDOW = 15 + 16, GROWTH = 1 << 10 };

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
	char magic[6], version[2], owner[32], group[32], major[8], minor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "as the standard has it");

static void
octal(char *field, size_t size, uint64_t value)
{
	field[size - 1] = '\0';
	for (size_t i = size - 1; i-- > 0; value /= 8)
		field[i] = (char)('0' + value % 8);
}

void
tar_put(struct buf *out, const char *name, struct slice content, int64_t at)
{
	static const char zeros[BLOCK];
	struct header h = {.type = '0', .magic = "ustar", .version = {'0', '0'}};
	unsigned sum = 0;

	snprintf(h.name, sizeof h.name, "%s", name);
	octal(h.mode, sizeof h.mode, 0600);
	octal(h.uid, sizeof h.uid, 0);
	octal(h.gid, sizeof h.gid, 0);
	octal(h.size, sizeof h.size, content.len);
	octal(h.mtime, sizeof h.mtime, at > 0 ? (uint64_t)at : 0);
	memset(h.checksum, ' ', sizeof h.checksum);
	for (size_t i = 0; i < sizeof h; i++)
		sum += ((const unsigned char *)&h)[i];
	octal(h.checksum, 7, sum);
	buf_put(out, &h, sizeof h);
	buf_put(out, content.data, content.len);
	buf_put(out, zeros, (BLOCK - content.len % BLOCK) % BLOCK);
}

void
tar_end(struct buf *out)
{
	static const char zeros[2 * BLOCK];

	buf_put(out, zeros, sizeof zeros);
}

bool
gzip(struct arena *arena, struct slice plain, size_t max, struct slice *out, struct error *e)
{
	z_stream z = {0};

	if (plain.len > UINT32_MAX - GROWTH ||
		deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
			Z_DEFAULT_STRATEGY) != Z_OK)
		return error_set(e, ERR_LIMIT, "too much to compress");
	size_t room = deflateBound(&z, plain.len) + GROWTH;
	uint8_t *packed = arena_alloc(arena, room);
	z.next_in = (Bytef *)(uintptr_t)plain.data;
	z.avail_in = (uInt)plain.len;
	z.next_out = packed;
	z.avail_out = (uInt)room;
	int rc = deflate(&z, Z_FINISH);
	size_t len = z.total_out;
	deflateEnd(&z);
	if (rc != Z_STREAM_END || len > max)
		return error_set(e, ERR_LIMIT, "more than %zu bytes even when compressed", max);
	*out = slice_of(packed, len);
	return true;
}

bool
gunzip(struct arena *arena, struct slice packed, size_t max, struct slice *out, struct error *e)
{
	z_stream z = {0};
	uint8_t *plain = arena_alloc(arena, max + 1);

	if (packed.len > UINT32_MAX || max >= UINT32_MAX || inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return error_set(e, ERR_LIMIT, "too much to uncompress");
	z.next_in = (Bytef *)(uintptr_t)packed.data;
	z.avail_in = (uInt)packed.len;
	z.next_out = plain;
	z.avail_out = (uInt)(max + 1);
	int rc = inflate(&z, Z_FINISH);
	size_t len = z.total_out;
	inflateEnd(&z);
	if (len > max)
		return error_set(e, ERR_LIMIT, "more than %zu bytes", max);
	if (rc != Z_STREAM_END)
		return error_set(e, ERR_INVALID, "not a gzip text");
	*out = slice_of(plain, len);
	return true;
}
