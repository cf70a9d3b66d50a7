// SPDX-License-Identifier: Apache-2.0
// Test helper: prints a hardware hash for `SERIAL MAKER MODEL SEED [PARTS]`; the seed stands for
// the TPM's endorsement key, the parts for a disk and a network card.
#include "base/str.h"
#include "pki/hash.h"
#include "wire/hwhash/hwhash.h"

int
main(int argc, char **argv)
{
	autoarena(arena, ARENA_SMALL);
	uint8_t modulus[256];
	const char *text;
	struct error e;

	if (argc != 5 && argc != 6) {
		fprintf(stderr, "usage: %s SERIAL MAKER MODEL SEED [PARTS]\n", argv[0]);
		return 64;
	}
	for (size_t i = 0; i < sizeof modulus / SHA256_LEN; i++)
		sha256(slice_str(arena_printf(&arena, "%s/%zu", argv[4], i)),
			modulus + i * SHA256_LEN);
	modulus[0] |= 0x80;
	modulus[sizeof modulus - 1] |= 1;
	struct hwhash hash = {
		.tool = {10, 0, 22621, 1},
		.os = {10, 0, 22621, 1},
		.tpm_version = "TPM-Version:2.0 -Level:0-Revision:1.59",
		.serial = argv[1],
		.manufacturer = argv[2],
		.product = argv[3],
		.ek_modulus = slice_of(modulus, str_empty(argv[4]) ? 0 : sizeof modulus),
	};
	if (argc == 6) {
		uint8_t digest[SHA256_LEN];
		sha256(slice_str(argv[5]), digest);
		hash.disk_serials[hash.disk_serial_count++] = argv[5];
		hash.nics[hash.nic_count] = (struct hwhash_nic){.medium = 14, .bus = "PCI"};
		memcpy(hash.nics[hash.nic_count++].mac, digest, sizeof hash.nics[0].mac);
	}
	if (!hwhash_to_text(&arena, &hash, &text, &e)) {
		fprintf(stderr, "%s\n", e.message);
		return 1;
	}
	puts(text);
	return 0;
}
