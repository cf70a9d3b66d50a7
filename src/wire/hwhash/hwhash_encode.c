// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"
#include "base/str.h"
#include "codec/base64.h"
#include "pki/hash.h"
#include "wire/hwhash/hwhash.h"

enum { HEAD = 4, CHECKSUM_LEN = HEAD + SHA256_LEN };

static void
put16(struct buf *b, unsigned value)
{
	buf_putc(b, (char)(value & 0xff));
	buf_putc(b, (char)(value >> 8 & 0xff));
}

static void
put32(struct buf *b, uint32_t value)
{
	put16(b, value & 0xffff);
	put16(b, value >> 16);
}

static void
put_zeros(struct buf *b, size_t count)
{
	while (count--)
		buf_putc(b, 0);
}

static void
put_head(struct buf *b, unsigned type, size_t data_len)
{
	put16(b, type);
	put16(b, (unsigned)(HEAD + data_len));
}

static void
put_text(struct buf *b, unsigned type, const char *text)
{
	if (str_empty(text) || strlen(text) > HWHASH_BYTES) {
		b->overflow = b->overflow || !str_empty(text);
		return;
	}
	put_head(b, type, strlen(text) + 1);
	buf_put(b, text, strlen(text) + 1);
}

static void
put_version(struct buf *b, const struct hwhash_version *v)
{
	put16(b, v->minor);
	put16(b, v->major);
	put16(b, v->revision);
	put16(b, v->build);
}

static void
put_versions(struct buf *b, const struct hwhash *hash)
{
	int64_t seconds = hash->created ? hash->created / US_PER_S - HWHASH_EPOCH_S : 0;

	put_head(b, HWHASH_VERSIONS, 24);
	put_version(b, &hash->tool);
	put_version(b, &hash->os);
	put32(b, seconds > 0 && seconds <= UINT32_MAX ? (uint32_t)seconds : 0);
	buf_putc(b, 0);
	buf_putc(b, (char)hash->os_type);
	buf_putc(b, (char)hash->cpu_arch);
	buf_putc(b, (char)hash->tool_format);
}

static void
put_cpu_and_ram(struct buf *b, const struct hwhash *hash)
{
	put_head(b, HWHASH_CPU, 12);
	put16(b, hash->cpu.arch);
	put16(b, hash->cpu.packages);
	put16(b, hash->cpu.cores);
	put16(b, hash->cpu.threads);
	put32(b, 0);
	put_head(b, HWHASH_RAM, 21);
	put32(b, hash->ram_gib);
	put32(b, 0);
	put32(b, hash->ram_max);
	put32(b, 0);
	put16(b, hash->ram_slots);
	put_zeros(b, 3);
}

static void
put_nic(struct buf *b, const struct hwhash_nic *nic)
{
	const char *bus = nic->bus ? nic->bus : "";
	size_t chars = strnlen(bus, 5), name_len = 12;

	put_head(b, HWHASH_NIC, 26);
	put32(b, nic->medium);
	buf_put(b, nic->mac, sizeof nic->mac);
	put32(b, (uint32_t)name_len);
	for (size_t i = 0; i < name_len / 2; i++)
		put16(b, i < chars ? (unsigned char)bus[i] : 0);
}

static void
put_devices(struct buf *b, const struct hwhash *hash)
{
	for (size_t i = 0; i < hash->disk_count && i < HWHASH_DISKS; i++) {
		put_head(b, HWHASH_DISK, 12);
		put32(b, hash->disks[i].gib);
		put32(b, 0);
		put16(b, hash->disks[i].bus);
		put16(b, 0);
		if (i < hash->disk_serial_count)
			put_text(b, HWHASH_DISK_SERIAL, hash->disk_serials[i]);
	}
	for (size_t i = hash->disk_count; i < hash->disk_serial_count && i < HWHASH_DISKS; i++)
		put_text(b, HWHASH_DISK_SERIAL, hash->disk_serials[i]);
	for (size_t i = 0; i < hash->nic_count && i < HWHASH_NICS; i++)
		put_nic(b, &hash->nics[i]);
	if (!hash->chassis)
		return;
	put_head(b, HWHASH_CHASSIS, 5);
	buf_putc(b, (char)hash->chassis);
	buf_putc(b, 1);
	put_zeros(b, 3);
}

static bool
put_uuid(struct buf *b, const struct hwhash *hash, struct error *e)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t bytes[16];

	if (!hash->uuid[0])
		return true;
	if (!uuid_parse(hash->uuid, bytes))
		return error_set(e, ERR_INVALID, "hardware hash: malformed UUID");
	put_head(b, HWHASH_UUID, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		buf_putc(b, (char)bytes[order[i]]);
	return true;
}

static void
put_tpm(struct buf *b, const struct hwhash *hash)
{
	struct slice id = hash->offline_id;
	uint16_t kind = hash->offline_id_kind;
	uint8_t digest[SHA256_LEN];

	if (hash->ek_modulus.len) {
		put_head(b, HWHASH_EK, hash->ek_modulus.len);
		buf_put(b, hash->ek_modulus.data, hash->ek_modulus.len);
	}
	if (hash->ek_modulus.len && !id.len) {
		sha256(hash->ek_modulus, digest);
		id = slice_of(digest, sizeof digest);
		kind = 1;
	}
	if (id.len != SHA256_LEN)
		return;
	put_head(b, HWHASH_OFFLINE_ID, 42);
	put32(b, 0);
	put16(b, kind);
	put16(b, SHA256_LEN);
	put16(b, 0);
	buf_put(b, id.data, id.len);
}

static void
put_texts(struct buf *b, const struct hwhash *hash)
{
	for (size_t i = 0; i < hwhash_text_count; i++) {
		const char *const *field =
			(const void *)((const char *)hash + hwhash_texts[i].offset);
		put_text(b, hwhash_texts[i].type, *field);
	}
}

bool
hwhash_encode(struct arena *arena, const struct hwhash *hash, struct slice *out, struct error *e)
{
	uint8_t digest[SHA256_LEN];
	struct buf b;

	buf_init(&b, arena, HWHASH_BYTES - CHECKSUM_LEN);
	buf_puts(&b, "OA");
	put16(&b, 0);
	put_versions(&b, hash);
	put_cpu_and_ram(&b, hash);
	put_devices(&b, hash);
	if (!put_uuid(&b, hash, e))
		return false;
	put_tpm(&b, hash);
	put_texts(&b, hash);
	if (!buf_ok(&b, e))
		return error_wrap(e, "hardware hash");
	b.data[2] = (char)(b.len & 0xff);
	b.data[3] = (char)(b.len >> 8);
	sha256(buf_slice(&b), digest);
	uint8_t *bytes = arena_alloc(arena, HWHASH_BYTES), *sum = bytes + b.len;
	memcpy(bytes, b.data, b.len);
	memcpy(sum, "CS", 2);
	sum[2] = CHECKSUM_LEN;
	memcpy(sum + HEAD, digest, sizeof digest);
	*out = slice_of(bytes, HWHASH_BYTES);
	return true;
}

bool
hwhash_to_text(struct arena *arena, const struct hwhash *hash, const char **out, struct error *e)
{
	struct slice bytes;

	if (!hwhash_encode(arena, hash, &bytes, e))
		return false;
	*out = base64_encode(arena, bytes);
	return true;
}
