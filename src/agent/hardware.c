// SPDX-License-Identifier: Apache-2.0
#include "agent/hardware.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/str.h"
#include <ctype.h>
#include <dirent.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/utsname.h>

// Texts of SMBIOS as the kernel shows them, and where they go in the hash.
static const struct {
	const char *file;
	size_t offset;
} dmi_texts[] = {
	{"product_serial", offsetof(struct hwhash, serial)},
	{"sys_vendor", offsetof(struct hwhash, manufacturer)},
	{"product_name", offsetof(struct hwhash, product)},
	{"product_sku", offsetof(struct hwhash, sku)},
	{"product_family", offsetof(struct hwhash, family)},
	{"product_version", offsetof(struct hwhash, system_version)},
	{"bios_vendor", offsetof(struct hwhash, firmware_vendor)},
	{"bios_version", offsetof(struct hwhash, bios_version)},
	{"board_name", offsetof(struct hwhash, board_product)},
	{"board_version", offsetof(struct hwhash, board_version)},
};

static const char *
read_text(struct arena *arena, const char *path)
{
	struct error e;
	char *text;

	return fs_read_line(arena, path, &text, &e) && *text ? text : NULL;
}

static void
collect_dmi(struct arena *arena, const char *sysfs, struct hwhash *out)
{
	for (size_t i = 0; i < sizeof dmi_texts / sizeof *dmi_texts; i++)
		*(const char **)(void *)((char *)out + dmi_texts[i].offset) = read_text(
			arena, arena_printf(arena, "%s/class/dmi/id/%s", sysfs, dmi_texts[i].file));
	const char *uuid =
		read_text(arena, arena_printf(arena, "%s/class/dmi/id/product_uuid", sysfs));
	if (uuid && uuid_valid(uuid))
		snprintf(out->uuid, sizeof out->uuid, "%s", str_lower(arena, uuid));
	const char *chassis =
		read_text(arena, arena_printf(arena, "%s/class/dmi/id/chassis_type", sysfs));
	uint64_t number;
	if (chassis && str_to_u64(chassis, 255, &number))
		out->chassis = (uint8_t)number;
}

static bool
is_disk(const char *name)
{
	static const char *const others[] = {"loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (str_starts(name, others[i]))
			return false;
	return name[0] != '.';
}

static void
collect_disk(struct arena *arena, const char *sysfs, const char *name, struct hwhash *out)
{
	const char *size = read_text(arena, arena_printf(arena, "%s/block/%s/size", sysfs, name));
	const char *serial =
		read_text(arena, arena_printf(arena, "%s/block/%s/serial", sysfs, name));
	uint64_t sectors = 0;

	if (!serial)
		serial = read_text(
			arena, arena_printf(arena, "%s/block/%s/device/serial", sysfs, name));
	if (size && !str_to_u64(size, UINT64_MAX, &sectors))
		sectors = 0;
	out->disks[out->disk_count++] = (struct hwhash_disk){
		.gib = (uint32_t)(sectors >> 21), .bus = str_starts(name, "nvme") ? 17 : 11};
	if (serial)
		out->disk_serials[out->disk_serial_count++] = serial;
}

static bool
parse_mac(const char *text, uint8_t out[6])
{
	unsigned m[6];

	if (!text ||
		sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", m, m + 1, m + 2, m + 3, m + 4, m + 5) != 6)
		return false;
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)m[i];
	return true;
}

static void
collect_nic(struct arena *arena, const char *sysfs, const char *name, struct hwhash *out)
{
	struct hwhash_nic nic = {.medium = 14, .bus = "PCI"};

	if (name[0] == '.' || str_eq(name, "lo") ||
		!parse_mac(read_text(arena,
				   arena_printf(arena, "%s/class/net/%s/address", sysfs, name)),
			nic.mac))
		return;
	if (fs_exists(arena_printf(arena, "%s/class/net/%s/wireless", sysfs, name)))
		nic.medium = 9;
	out->nics[out->nic_count++] = nic;
}

static void
collect_folder(struct arena *arena, const char *sysfs, const char *folder, size_t max,
	const size_t *count, bool (*wanted)(const char *),
	void (*collect)(struct arena *, const char *, const char *, struct hwhash *),
	struct hwhash *out)
{
	DIR *dir = opendir(arena_printf(arena, "%s/%s", sysfs, folder));
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (*count < max && (!wanted || wanted(entry->d_name)))
			collect(arena, sysfs, entry->d_name, out);
	if (dir)
		closedir(dir);
}

static void
collect_cpu(struct arena *arena, struct hwhash *out)
{
	struct error e;
	struct slice text;
	long count = sysconf(_SC_NPROCESSORS_CONF);
	long long bytes = (long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);

	out->cpu_arch = 9;
	out->cpu.arch = 9;
	out->cpu.packages = 1;
	out->cpu.cores = out->cpu.threads = (uint16_t)count;
	out->ram_gib = (uint32_t)((bytes + (1LL << 29)) >> 30);
	if (!fs_read(arena, "/proc/cpuinfo", 4 << 20, &text, &e))
		return;
	const char *vendor = strstr((const char *)text.data, "vendor_id\t: ");
	const char *model = strstr((const char *)text.data, "model name\t: ");
	if (vendor)
		out->cpu_vendor = arena_strndup(arena, vendor + 12, strcspn(vendor + 12, "\n"));
	if (model)
		out->cpu_model = arena_strndup(arena, model + 13, strcspn(model + 13, "\n"));
}

static void
collect_os(struct hwhash *out)
{
	struct utsname u;
	unsigned major = 0, minor = 0, revision = 0;

	if (uname(&u) == 0)
		sscanf(u.release, "%u.%u.%u", &major, &minor, &revision);
	out->tool = (struct hwhash_version){.major = 1, .revision = 1};
	out->os = (struct hwhash_version){
		.major = (uint16_t)major, .minor = (uint16_t)minor, .revision = (uint16_t)revision};
	out->created = clock_now();
	out->os_type = 2;
	out->tool_format = 8;
}

bool
hardware_collect(struct arena *arena, const char *sysfs, const struct tpm_device_identity *identity,
	struct hwhash *out, struct error *e)
{
	struct hwhash *hash = arena_new(arena, struct hwhash);

	collect_os(hash);
	collect_cpu(arena, hash);
	collect_dmi(arena, sysfs, hash);
	collect_folder(arena, sysfs, "block", HWHASH_DISKS, &hash->disk_count, is_disk,
		collect_disk, hash);
	collect_folder(
		arena, sysfs, "class/net", HWHASH_NICS, &hash->nic_count, NULL, collect_nic, hash);
	if (identity) {
		hash->ek_modulus = identity->modulus;
		hash->tpm_version = identity->description;
	}
	if (str_empty(hash->serial) || str_empty(hash->manufacturer))
		return error_fault(e, ERR_NOT_FOUND, "ztd_hash_invalid",
			"the firmware names no serial number or manufacturer (%s/class/dmi/id)",
			sysfs);
	*out = *hash;
	return true;
}

bool
hardware_csv(struct arena *arena, const struct hwhash *hash, struct slice *out, struct error *e)
{
	const char *text;
	struct buf csv;

	if (!hwhash_to_text(arena, hash, &text, e))
		return false;
	buf_init(&csv, arena, 64 << 10);
	buf_printf(&csv, "Device Serial Number,Windows Product ID,Hardware Hash\r\n%s,,%s\r\n",
		hash->serial, text);
	if (!buf_ok(&csv, e))
		return false;
	*out = buf_slice(&csv);
	return true;
}
