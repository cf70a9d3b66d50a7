// SPDX-License-Identifier: Apache-2.0
// The layout of a hardware hash ("4K hash"), which its maker never documented: bytes <-> struct.
//
// tpm-and-hardware.md "Hardware hash layout". A hash is a claim, not proof: only a TPM proves
// (threats-and-faults.md, finding 1).
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/uuid.h"

enum { HWHASH_BYTES = 3000, HWHASH_TEXT = 4000 }; // as devices emit it
enum { HWHASH_MAX = 8192 };			  // what we read at most, decoded
enum { HWHASH_DISKS = 16, HWHASH_NICS = 32, HWHASH_WARNINGS = 16 };

struct hwhash_version {
	uint16_t major, minor, build, revision;
};

struct hwhash_disk {
	uint32_t gib;
	uint16_t bus; // 10 SAS, 11 SATA, 17 NVMe
};

struct hwhash_nic {
	uint32_t medium; // 0 unspecified, 9 Wi-Fi, 14 Ethernet
	uint8_t mac[6];
	const char *bus; // "PCI", or NULL
};

// Texts are UTF-8 without control characters, trimmed; NULL when absent or empty.
struct hwhash {
	struct hwhash_version tool, os; // element 1
	time_us created;		// 0: not stated
	uint8_t os_type, cpu_arch, tool_format;
	struct {
		uint16_t arch, packages, cores, threads; // arch 9: x64
	} cpu;
	const char *cpu_vendor, *cpu_model;
	uint32_t ram_gib, ram_max;
	uint16_t ram_slots;
	struct hwhash_disk disks[HWHASH_DISKS];
	size_t disk_count;
	const char *disk_serials[HWHASH_DISKS];
	size_t disk_serial_count;
	struct hwhash_nic nics[HWHASH_NICS];
	size_t nic_count;
	uint8_t chassis;      // SMBIOS type; 0: not stated
	char uuid[UUID_TEXT]; // "" when absent
	const char *tpm_version, *serial, *firmware_vendor, *manufacturer, *product, *sku, *family;
	const char *bios_version, *board_product, *board_version, *system_version;
	const char *product_key_id, *pkpn, *disk_serial_kernel, *video;
	struct slice ek_modulus;  // RSA, big-endian; empty when absent
	uint16_t offline_id_kind; // 1: derived from the TPM
	struct slice offline_id;  // 32 bytes; empty when absent
	const char *ek_id;	  // SHA-256 of ek_modulus as 64 hexadecimal digits, or NULL
	bool checksum_ok;	  // false is a warning only: never confirmed on real data
	size_t unknown;		  // elements of types that nobody has decoded
	const char *warnings[HWHASH_WARNINGS]; // what was odd, in words; NULL-terminated
};

// Read a hash. Elements come in any order and repeat; types that are not known are skipped.
// ERR_INVALID for a wrong magic, an element shorter than its head or past the end, or text cut
// short. The slices point into `bytes`.
bool hwhash_decode(
	struct arena *arena, struct slice bytes, struct hwhash *out, struct error *e) MUST_CHECK;

// Base64 to bytes, with or without padding and with white space around it, repaired as behaviour R8
// does: add '=' (at most two), else turn "==" into "A" and try again. ERR_INVALID, ERR_LIMIT.
bool hwhash_from_text(
	struct arena *arena, struct slice text, struct slice *bytes, struct error *e) MUST_CHECK;

// Write a hash of 3000 bytes with a valid checksum. `checksum_ok`, `unknown`, `warnings`, `ek_id`
// are not read; the OfflineDeviceId is SHA-256 of ek_modulus unless one is given. ERR_LIMIT when it
// does not fit, ERR_INVALID for a malformed UUID.
bool hwhash_encode(struct arena *arena, const struct hwhash *hash, struct slice *out,
	struct error *e) MUST_CHECK;

// The same as one line of 4000 base64 characters.
bool hwhash_to_text(struct arena *arena, const struct hwhash *hash, const char **out,
	struct error *e) MUST_CHECK;

// Which element holds which text: what reading and writing share.
struct hwhash_text {
	uint16_t type;
	uint16_t offset; // of the const char * in struct hwhash
};

extern const struct hwhash_text hwhash_texts[];
extern const size_t hwhash_text_count;

enum hwhash_type {
	HWHASH_VERSIONS = 1,
	HWHASH_CPU = 2,
	HWHASH_RAM = 5,
	HWHASH_DISK = 6,
	HWHASH_DISK_SERIAL = 7,
	HWHASH_NIC = 8,
	HWHASH_CHASSIS = 10,
	HWHASH_OFFLINE_ID = 11,
	HWHASH_UUID = 12,
	HWHASH_EK = 25,
	HWHASH_VIDEO = 30
};

// Seconds from 1970 to 2000, where the creation time begins.
#define HWHASH_EPOCH_S 946684800LL
