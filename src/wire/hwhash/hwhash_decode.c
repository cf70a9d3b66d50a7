// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "codec/base64.h"
#include "pki/hash.h"
#include "wire/hwhash/hwhash.h"
#include <stdarg.h>

enum { HEAD = 4, CHECKSUM_LEN = HEAD + SHA256_LEN, TEXT_MAX = 512, REPAIRS = 9 };

#define TEXT(type_, member)                                                                        \
	{                                                                                          \
		.type = (type_), .offset = offsetof(struct hwhash, member)                         \
	}

const struct hwhash_text hwhash_texts[] = {
	TEXT(3, cpu_vendor),
	TEXT(4, cpu_model),
	TEXT(13, tpm_version),
	TEXT(14, serial),
	TEXT(15, firmware_vendor),
	TEXT(16, manufacturer),
	TEXT(17, product),
	TEXT(18, sku),
	TEXT(19, family),
	TEXT(20, bios_version),
	TEXT(21, board_product),
	TEXT(22, board_version),
	TEXT(23, system_version),
	TEXT(24, product_key_id),
	TEXT(26, pkpn),
	TEXT(28, disk_serial_kernel),
};
const size_t hwhash_text_count = sizeof hwhash_texts / sizeof *hwhash_texts;

struct reader {
	struct arena *arena;
	struct hwhash *out;
	size_t warnings;
};

static void PRINTF_LIKE(2, 3) warn(struct reader *r, const char *fmt, ...)
{
	char text[80];
	va_list args;

	if (r->warnings == HWHASH_WARNINGS - 1)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	r->out->warnings[r->warnings++] = arena_strdup(r->arena, text);
}

static uint16_t
u16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t
u32(const uint8_t *at)
{
	return u16(at) | (uint32_t)u16(at + 2) << 16;
}

// An element's text: up to the first NUL, blanks around it removed, what is not printable UTF-8
// replaced. NULL when nothing is left.
static const char *
clean_text(struct reader *r, struct slice data, unsigned type)
{
	const uint8_t *nul = data.len ? memchr(data.data, 0, data.len) : NULL;
	size_t len = nul ? (size_t)(nul - data.data) : data.len, start = 0;

	while (len > 0 && data.data[len - 1] == ' ')
		len--;
	while (start < len && data.data[start] == ' ')
		start++;
	if (start == len)
		return NULL;
	char *text = arena_strndup(r->arena, (const char *)data.data + start, len - start);
	bool odd = !utf8_valid(slice_str(text));
	for (char *c = text; *c; c++) {
		if ((unsigned char)*c >= 0x20 && *c != 0x7f && (!odd || (unsigned char)*c < 0x80))
			continue;
		*c = '?';
		odd = true;
	}
	if (odd)
		warn(r, "element %u: characters that are not text", type);
	return text;
}

// UTF-16LE of which only ASCII is kept: names of buses and video adapters.
static const char *
clean_utf16(struct reader *r, struct slice data)
{
	char *text = arena_alloc(r->arena, data.len / 2 + 1);
	size_t len = 0;

	for (size_t i = 0; i + 1 < data.len && u16(data.data + i) != 0; i += 2) {
		uint16_t c = u16(data.data + i);
		text[len++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	return len ? text : NULL;
}

static struct hwhash_version
version(const uint8_t *at)
{
	return (struct hwhash_version){.minor = u16(at),
		.major = u16(at + 2),
		.revision = u16(at + 4),
		.build = u16(at + 6)};
}

static void
read_versions(struct reader *r, struct slice data)
{
	uint32_t seconds = u32(data.data + 16);

	r->out->tool = version(data.data);
	r->out->os = version(data.data + 8);
	r->out->created = seconds ? (HWHASH_EPOCH_S + seconds) * US_PER_S : 0;
	r->out->os_type = data.data[21];
	r->out->cpu_arch = data.data[22];
	r->out->tool_format = data.data[23];
}

static void
read_cpu(struct reader *r, struct slice data)
{
	r->out->cpu.arch = u16(data.data);
	r->out->cpu.packages = u16(data.data + 2);
	r->out->cpu.cores = u16(data.data + 4);
	r->out->cpu.threads = u16(data.data + 6);
}

static void
read_ram(struct reader *r, struct slice data)
{
	r->out->ram_gib = u32(data.data);
	r->out->ram_max = u32(data.data + 8);
	r->out->ram_slots = u16(data.data + 16);
}

static void
read_disk(struct reader *r, struct slice data)
{
	if (r->out->disk_count == HWHASH_DISKS) {
		warn(r, "element %u: too many", HWHASH_DISK);
		return;
	}
	r->out->disks[r->out->disk_count++] =
		(struct hwhash_disk){.gib = u32(data.data), .bus = u16(data.data + 8)};
}

static void
read_disk_serial(struct reader *r, struct slice data)
{
	const char *text = clean_text(r, data, HWHASH_DISK_SERIAL);

	if (text && r->out->disk_serial_count < HWHASH_DISKS)
		r->out->disk_serials[r->out->disk_serial_count++] = text;
	else if (text)
		warn(r, "element %u: too many", HWHASH_DISK_SERIAL);
}

static void
read_nic(struct reader *r, struct slice data)
{
	struct hwhash_nic nic = {.medium = u32(data.data)};
	size_t len = data.len >= 14 ? u32(data.data + 10) : 0;

	if (r->out->nic_count == HWHASH_NICS) {
		warn(r, "element %u: too many", HWHASH_NIC);
		return;
	}
	memcpy(nic.mac, data.data + 4, sizeof nic.mac);
	if (data.len >= 14) {
		size_t room = data.len - 14;
		nic.bus = clean_utf16(r, slice_of(data.data + 14, len < room ? len : room));
	}
	r->out->nics[r->out->nic_count++] = nic;
}

static void
read_chassis(struct reader *r, struct slice data)
{
	r->out->chassis = data.data[0];
}

static void
read_offline_id(struct reader *r, struct slice data)
{
	if (u16(data.data + 6) != SHA256_LEN) {
		warn(r, "element %u: identifier of another length", HWHASH_OFFLINE_ID);
		return;
	}
	r->out->offline_id_kind = u16(data.data + 4);
	r->out->offline_id = slice_of(data.data + 10, SHA256_LEN);
}

// SMBIOS order: the first three fields are little-endian (SMBIOS 3 section 7.2.1).
static void
read_uuid(struct reader *r, struct slice data)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t bytes[16];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = data.data[order[i]];
	uuid_format(bytes, r->out->uuid);
}

static void
read_ek(struct reader *r, struct slice data)
{
	// RSA-2048 to RSA-4096; an EC key has no modulus.
	if (data.len < 256 || data.len > 512 || data.data[0] == 0) {
		warn(r, "element %u: not an RSA modulus", HWHASH_EK);
		return;
	}
	r->out->ek_modulus = data;
	r->out->ek_id = sha256_hex(r->arena, data);
}

static void
read_video(struct reader *r, struct slice data)
{
	r->out->video = clean_utf16(r, data);
}

static const struct {
	enum hwhash_type type;
	size_t min; // bytes of data that are read
	void (*read)(struct reader *r, struct slice data);
	bool repeats;
} binaries[] = {
	{HWHASH_VERSIONS, 24, read_versions, false},
	{HWHASH_CPU, 8, read_cpu, false},
	{HWHASH_RAM, 18, read_ram, false},
	{HWHASH_DISK, 10, read_disk, true},
	{HWHASH_DISK_SERIAL, 0, read_disk_serial, true},
	{HWHASH_NIC, 10, read_nic, true},
	{HWHASH_CHASSIS, 1, read_chassis, false},
	{HWHASH_OFFLINE_ID, 42, read_offline_id, false},
	{HWHASH_UUID, 16, read_uuid, false},
	{HWHASH_EK, 1, read_ek, false},
	{HWHASH_VIDEO, 2, read_video, true},
};

// True when it is a text element. The first of several counts, so that appending an element cannot
// replace a serial number.
static bool
read_text(struct reader *r, unsigned type, struct slice data, struct error *e, bool *failed)
{
	for (size_t i = 0; i < hwhash_text_count; i++) {
		if (hwhash_texts[i].type != type)
			continue;
		const char **field =
			(const char **)(void *)((char *)r->out + hwhash_texts[i].offset);
		if (data.len > TEXT_MAX)
			*failed = !error_set(e, ERR_INVALID,
				"hardware hash: element %u is a text of %zu bytes", type, data.len);
		else if (*field)
			warn(r, "element %u: repeated", type);
		else
			*field = clean_text(r, data, type);
		return true;
	}
	return false;
}

static bool
read_element(struct reader *r, unsigned type, struct slice data, uint64_t *seen, struct error *e)
{
	bool failed = false;

	if (read_text(r, type, data, e, &failed))
		return !failed;
	for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++) {
		if (binaries[i].type != type)
			continue;
		if (!binaries[i].repeats && *seen >> type & 1) {
			warn(r, "element %u: repeated", type);
		} else if (data.len < binaries[i].min) {
			warn(r, "element %u: too short", type);
		} else {
			binaries[i].read(r, data);
			*seen |= 1ull << type;
		}
		return true;
	}
	r->out->unknown++;
	return true;
}

static void
check_sum(struct reader *r, struct slice bytes, size_t total)
{
	uint8_t digest[SHA256_LEN];
	const uint8_t *at = bytes.data + total;

	if (bytes.len - total < CHECKSUM_LEN || at[0] != 'C' || at[1] != 'S' ||
		u16(at + 2) != CHECKSUM_LEN) {
		warn(r, "no checksum after %u bytes", (unsigned)total);
		return;
	}
	sha256(slice_of(bytes.data, total), digest);
	r->out->checksum_ok = memcmp(digest, at + HEAD, SHA256_LEN) == 0;
	if (!r->out->checksum_ok)
		warn(r, "the checksum over %u bytes is wrong", (unsigned)total);
}

static void
check_offline_id(struct reader *r)
{
	uint8_t digest[SHA256_LEN];

	if (!r->out->ek_modulus.len || !r->out->offline_id.len)
		return;
	sha256(r->out->ek_modulus, digest);
	if (!slice_eq(r->out->offline_id, slice_of(digest, sizeof digest)))
		warn(r, "element %u: not derived from the TPM's key", HWHASH_OFFLINE_ID);
}

bool
hwhash_decode(struct arena *arena, struct slice bytes, struct hwhash *out, struct error *e)
{
	struct hwhash got = {0};
	struct reader r = {.arena = arena, .out = &got};
	uint64_t seen = 0;
	size_t at = HEAD;

	if (bytes.len > HWHASH_MAX)
		return error_set(e, ERR_LIMIT, "hardware hash of %zu bytes", bytes.len);
	if (bytes.len < HEAD || bytes.data[0] != 'O' || bytes.data[1] != 'A')
		return error_set(e, ERR_INVALID, "not a hardware hash");
	size_t total = u16(bytes.data + 2);
	if (total < HEAD || total > bytes.len)
		return error_set(e, ERR_INVALID,
			"hardware hash: %zu bytes stated, %zu present: cut short", total,
			bytes.len);
	while (at < total) {
		size_t len = total - at >= HEAD ? u16(bytes.data + at + 2) : 0;
		if (len < HEAD || len > total - at)
			return error_set(
				e, ERR_INVALID, "hardware hash: broken element at byte %zu", at);
		if (!read_element(&r, u16(bytes.data + at),
			    slice_of(bytes.data + at + HEAD, len - HEAD), &seen, e))
			return false;
		at += len;
	}
	check_sum(&r, bytes, total);
	check_offline_id(&r);
	*out = got;
	return true;
}

static struct slice
trim(struct slice text)
{
	while (text.len && memchr(" \t\r\n", text.data[text.len - 1], 4))
		text.len--;
	while (text.len && memchr(" \t\r\n", text.data[0], 4)) {
		text.data++;
		text.len--;
	}
	return text;
}

bool
hwhash_from_text(struct arena *arena, struct slice text, struct slice *bytes, struct error *e)
{
	const unsigned flags = BASE64_LENIENT_BITS | BASE64_WHITESPACE;
	struct error inner;

	text = trim(text);
	if (text.len == 0 || text.len > HWHASH_MAX / 3 * 4 + 64)
		return error_set(e, text.len ? ERR_LIMIT : ERR_INVALID,
			"hardware hash of %zu characters", text.len);
	char *work = arena_alloc(arena, text.len + REPAIRS + 1);
	size_t len = text.len;
	memcpy(work, text.data, len);
	for (int i = 0; i < REPAIRS; i++) {
		if (base64_decode(arena, slice_of(work, len), flags, HWHASH_MAX, bytes, &inner))
			return true;
		if (inner.code == ERR_LIMIT)
			break;
		if (len >= 2 && memcmp(work + len - 2, "==", 2) == 0)
			work[--len - 1] = 'A';
		else
			work[len++] = '=';
	}
	*e = inner;
	return error_wrap(e, "hardware hash");
}
