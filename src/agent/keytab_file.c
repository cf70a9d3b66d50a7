// SPDX-License-Identifier: Apache-2.0
#include "agent/keytab_file.h"

#include "base/buf.h"
#include "base/fs.h"

enum {
	NAME_TYPE_PRINCIPAL = 1, // KRB5_NT_PRINCIPAL
	KEYTAB_MAX = 64 * 1024,
};

static void
put_u16(struct buf *b, size_t value)
{
	const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	buf_put(b, bytes, sizeof bytes);
}

static void
put_u32(struct buf *b, uint32_t value)
{
	put_u16(b, value >> 16);
	put_u16(b, value & 0xFFFF);
}

static void
put_counted(struct buf *b, struct slice bytes)
{
	put_u16(b, bytes.len);
	buf_put(b, bytes.data, bytes.len);
}

// Components are separated by '/'.
static void
put_principal(struct buf *b, const char *realm, const char *principal)
{
	const char *slash = strchr(principal, '/');

	put_u16(b, slash ? 2 : 1);
	put_counted(b, slice_str(realm));
	if (slash) {
		put_counted(b, slice_of(principal, (size_t)(slash - principal)));
		principal = slash + 1;
	}
	put_counted(b, slice_str(principal));
	put_u32(b, NAME_TYPE_PRINCIPAL);
}

static void
put_entry(struct buf *file, struct arena *arena, const char *realm, const char *principal,
	const struct keytab_key *key, uint32_t kvno, int64_t now)
{
	struct buf entry;

	buf_init(&entry, arena, KEYTAB_MAX);
	put_principal(&entry, realm, principal);
	put_u32(&entry, (uint32_t)now);
	buf_putc(&entry, (char)(kvno & 0xFF));
	put_u16(&entry, (uint16_t)key->enctype);
	put_counted(&entry, key->bytes);
	put_u32(&entry, kvno); // the whole number behind the short one
	put_u32(file, (uint32_t)entry.len);
	buf_put(file, entry.data, entry.len);
}

bool
keytab_file_write(const char *path, const char *realm, const char *const *principals,
	size_t principal_count, const struct keytab_key *keys, size_t key_count, uint32_t kvno,
	int64_t now, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct buf file;

	buf_init(&file, &arena, KEYTAB_MAX);
	put_u16(&file, 0x0502);
	for (size_t p = 0; p < principal_count; p++)
		for (size_t k = 0; k < key_count; k++)
			put_entry(&file, &arena, realm, principals[p], &keys[k], kvno, now);
	return buf_ok(&file, e) && fs_write(path, buf_slice(&file), 0600, e);
}
