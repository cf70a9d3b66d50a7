// SPDX-License-Identifier: Apache-2.0
#include "wire/odj/ndr.h"

// Version 1, little-endian, header length 8, filler (MS-RPCE 2.2.6.1).
static const uint8_t COMMON_HEADER[8] = {0x01, 0x10, 0x08, 0x00, 0xcc, 0xcc, 0xcc, 0xcc};

void
ndr_fail(struct ndr_in *in, const char *why)
{
	if (!in->why)
		in->why = why;
	in->pos = in->data.len;
}

static void
align_in(struct ndr_in *in, size_t to)
{
	size_t rest = in->pos % to;

	if (rest)
		(void)ndr_bytes(in, to - rest);
}

struct slice
ndr_bytes(struct ndr_in *in, size_t len)
{
	if (in->why || len > in->data.len - in->pos) {
		ndr_fail(in, "ends too early");
		return (struct slice){0};
	}
	struct slice out = slice_of(in->data.data + in->pos, len);
	in->pos += len;
	return out;
}

uint16_t
ndr_u16(struct ndr_in *in)
{
	align_in(in, 2);
	struct slice b = ndr_bytes(in, 2);
	return b.len ? (uint16_t)((unsigned)b.data[0] | (unsigned)b.data[1] << 8) : 0;
}

uint32_t
ndr_u32(struct ndr_in *in)
{
	align_in(in, 4);
	struct slice b = ndr_bytes(in, 4);
	if (!b.len)
		return 0;
	return (uint32_t)b.data[0] | (uint32_t)b.data[1] << 8 | (uint32_t)b.data[2] << 16 |
		(uint32_t)b.data[3] << 24;
}

void
ndr_open(struct ndr_in *in, struct slice data)
{
	*in = (struct ndr_in){.data = data};
	struct slice header = ndr_bytes(in, sizeof COMMON_HEADER);
	if (!slice_eq(header, slice_of(COMMON_HEADER, sizeof COMMON_HEADER))) {
		ndr_fail(in, "has no header of NDR type serialization 1, little-endian");
		return;
	}
	uint32_t len = ndr_u32(in);
	(void)ndr_u32(in);
	if (!in->why && len > data.len - NDR_HEADER)
		ndr_fail(in, "is shorter than its header says");
	if (!in->why)
		in->data.len = NDR_HEADER + (size_t)len;
}

bool
ndr_ptr(struct ndr_in *in)
{
	return ndr_u32(in) != 0;
}

void
ndr_guid(struct ndr_in *in, uint8_t out[16])
{
	align_in(in, 4);
	struct slice b = ndr_bytes(in, 16);
	if (b.len)
		memcpy(out, b.data, 16);
	else
		memset(out, 0, 16);
}

void
ndr_sid(struct ndr_in *in, struct sid *out)
{
	uint32_t count = ndr_u32(in);
	struct error e;

	if (count > SID_MAX_SUBAUTHORITIES) {
		ndr_fail(in, "has a security identifier with too many parts");
		return;
	}
	struct slice b = ndr_bytes(in, 8 + 4 * (size_t)count);
	if (b.len && !sid_from_bytes(b, out, &e))
		ndr_fail(in, "has a malformed security identifier");
}

struct slice
ndr_blob(struct ndr_in *in, uint32_t len)
{
	if (ndr_u32(in) != len)
		ndr_fail(in, "has a byte array whose counts differ");
	return ndr_bytes(in, len);
}

struct slice
ndr_units(struct ndr_in *in, uint32_t max, bool terminated)
{
	uint32_t size = ndr_u32(in), offset = ndr_u32(in), count = ndr_u32(in);

	if (offset != 0 || count > size || count > max || (terminated && count == 0)) {
		ndr_fail(in, "has a string with bad counts");
		return (struct slice){0};
	}
	struct slice units = ndr_bytes(in, 2 * (size_t)count);
	if (!terminated || !units.len)
		return units;
	if (units.data[units.len - 1] || units.data[units.len - 2]) {
		ndr_fail(in, "has a string without an end");
		return (struct slice){0};
	}
	return slice_of(units.data, units.len - 2);
}

static void
align_out(struct ndr_out *out, size_t to)
{
	while (out->buf.len % to && !out->buf.overflow)
		buf_putc(&out->buf, '\0');
}

void
ndr_begin(struct ndr_out *out, struct arena *arena, size_t max)
{
	*out = (struct ndr_out){0};
	buf_init(&out->buf, arena, max);
	buf_put(&out->buf, COMMON_HEADER, sizeof COMMON_HEADER);
	ndr_put_u32(out, 0);
	ndr_put_u32(out, 0);
}

struct slice
ndr_close(struct ndr_out *out)
{
	align_out(out, 8);
	uint32_t len = (uint32_t)(out->buf.len - NDR_HEADER);
	for (int i = 0; i < 4; i++)
		out->buf.data[8 + i] = (char)(len >> (8 * i) & 0xFF);
	return buf_slice(&out->buf);
}

void
ndr_put_u16(struct ndr_out *out, uint16_t value)
{
	uint8_t b[2] = {(uint8_t)value, (uint8_t)(value >> 8)};

	align_out(out, 2);
	buf_put(&out->buf, b, sizeof b);
}

void
ndr_put_u32(struct ndr_out *out, uint32_t value)
{
	uint8_t b[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
		(uint8_t)(value >> 24)};

	align_out(out, 4);
	buf_put(&out->buf, b, sizeof b);
}

void
ndr_put_ptr(struct ndr_out *out, bool present)
{
	ndr_put_u32(out, present ? 0x20000 + 4 * out->refs++ : 0);
}

void
ndr_put_guid(struct ndr_out *out, const uint8_t guid[16])
{
	align_out(out, 4);
	buf_put(&out->buf, guid, 16);
}

void
ndr_put_sid(struct ndr_out *out, const struct sid *sid)
{
	ndr_put_u32(out, sid->count);
	uint8_t head[8] = {1, (uint8_t)sid->count};
	for (int i = 0; i < 6; i++)
		head[2 + i] = (uint8_t)(sid->authority >> (8 * (5 - i)));
	buf_put(&out->buf, head, sizeof head);
	for (uint32_t i = 0; i < sid->count; i++)
		ndr_put_u32(out, sid->sub[i]);
}

void
ndr_put_blob(struct ndr_out *out, struct slice bytes)
{
	ndr_put_u32(out, (uint32_t)bytes.len);
	buf_put(&out->buf, bytes.data, bytes.len);
	align_out(out, 4);
}

static void
put_units(struct ndr_out *out, struct slice units, uint32_t size, uint32_t count)
{
	ndr_put_u32(out, size);
	ndr_put_u32(out, 0);
	ndr_put_u32(out, count);
	buf_put(&out->buf, units.data, units.len);
}

void
ndr_put_string(struct ndr_out *out, struct slice units)
{
	uint32_t count = (uint32_t)(units.len / 2) + 1;

	put_units(out, units, count, count);
	ndr_put_u16(out, 0);
}

void
ndr_put_counted(struct ndr_out *out, struct slice units)
{
	uint32_t count = (uint32_t)(units.len / 2);

	put_units(out, units, count + 1, count);
}
