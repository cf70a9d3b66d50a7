// SPDX-License-Identifier: Apache-2.0
// A registration file of any length, with hardware hashes of the size that devices emit and a TPM
// key of its own in each: `bench_hashes LINES > FILE.csv`. Serial numbers come in no order, as a
// fleet's do.
#include "base/buf.h"
#include "codec/base64.h"
#include "wire/hwhash/hwhash.h"
#include <stdio.h>
#include <stdlib.h>

enum { MODULUS = 256, KINDS = 8 };

static uint64_t state = 88172645463325252u;

static uint64_t
next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void
fill_random(uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(next_random() >> 32);
}

static void
make(struct arena *arena, uint64_t n, struct hwhash *h, uint8_t modulus[MODULUS])
{
	static const char *const models[KINDS] = {"Latitude 7440", "OptiPlex 7010",
		"Precision 3680", "Latitude 5550", "XPS 13 9340", "Latitude 3550", "Precision 5690",
		"OptiPlex 3000"};
	uint8_t uuid[16];

	fill_random(modulus, MODULUS);
	modulus[0] |= 0x80;
	fill_random(uuid, sizeof uuid);
	*h = (struct hwhash){
		.tool = {3, 2, 1, 0},
		.os = {10, 0, 22631, 3880},
		.created = (time_us)(1767225600 + n) * US_PER_S,
		.os_type = 4,
		.cpu_arch = 9,
		.cpu = {9, 1, 10, 12},
		.cpu_vendor = "GenuineIntel",
		.cpu_model = "13th Gen Intel(R) Core(TM) i7-1365U",
		.ram_gib = 16,
		.ram_max = 64,
		.ram_slots = 2,
		.disks = {{.gib = 476, .bus = 17}},
		.disk_count = 1,
		.disk_serials = {arena_printf(arena, "S7H%011llX", (unsigned long long)n)},
		.disk_serial_count = 1,
		.nics = {{.medium = 14, .bus = "PCI"}, {.medium = 9, .bus = "PCI"}},
		.nic_count = 2,
		.chassis = 10,
		.tpm_version =
			"TPM-Version:2.0 -Level:0-Revision:1.59-VendorID:'INTC'-Firmware:600.18",
		.serial = arena_printf(
			arena, "%08llX", (unsigned long long)(n * 2654435761u & 0xffffffff)),
		.firmware_vendor = "Dell Inc.",
		.manufacturer = "Dell Inc.",
		.product = models[n % KINDS],
		.sku = "0C3D",
		.family = "Latitude",
		.bios_version = "1.18.1",
		.board_product = "0X1Y2Z",
		.board_version = "A00",
		.video = "Intel(R) Iris(R) Xe Graphics",
		.ek_modulus = slice_of(modulus, MODULUS),
	};
	uuid_format(uuid, h->uuid);
	fill_random(h->nics[0].mac, 6);
	fill_random(h->nics[1].mac, 6);
}

int
main(int argc, char **argv)
{
	unsigned long long lines = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
	autoarena(arena, ARENA_SMALL);

	if (!lines)
		return 2;
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	puts("Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User");
	for (uint64_t n = 0; n < lines; n++) {
		uint8_t modulus[MODULUS];
		struct hwhash hash;
		const char *text;
		struct error e;
		make(&arena, n, &hash, modulus);
		if (!hwhash_to_text(&arena, &hash, &text, &e)) {
			fprintf(stderr, "%s\n", e.message);
			return 1;
		}
		printf("%s,,%s,%s,\n", hash.serial, text, n % 3 ? "Sales" : "Kiosk");
		arena_reset(&arena);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
