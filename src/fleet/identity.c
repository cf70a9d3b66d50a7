// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include "base/fs.h"
#include "base/str.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include "wire/hwhash/hwhash.h"
#include <unistd.h>

enum { PEM_MAX = 16 << 10 };

static char *
path_of(struct arena *arena, const struct fleet_options *options, const char *name)
{
	return arena_printf(arena, "%s/%s", options->dir, name);
}

// --- the maker ---

static bool
write_ca(struct arena *arena, const struct fleet_options *o, EVP_PKEY *key, X509 *ca,
	struct error *e)
{
	const char *manifest = tpm_soft_manifest(arena, o->store, ca, e);
	char *store = arena_printf(arena, "%s/store/%s", o->dir, o->store);
	struct slice pem, key_pem;

	return manifest && cert_pem(arena, ca, &pem, e) && key_save_pem(arena, key, &key_pem, e) &&
		fs_mkdirs(store, 0755, e) && fs_mkdirs(path_of(arena, o, "primes"), 0700, e) &&
		fs_write(arena_printf(arena, "%s/manifest", store), slice_str(manifest), 0644, e) &&
		fs_write(arena_printf(arena, "%s/roots.pem", store), pem, 0644, e) &&
		fs_write(path_of(arena, o, "ca.pem"), pem, 0644, e) &&
		fs_write(path_of(arena, o, "ca.key"), key_pem, 0600, e);
}

bool
fleet_init(const struct fleet_options *o, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	autopkey *key = NULL;
	autox509 *ca = NULL;
	char *store = arena_printf(&arena, "%s/store/%s", o->dir, o->store);

	if (str_eq(o->store, "hardware"))
		return error_set(e, ERR_INVALID, "no store called hardware trusts a simulation");
	if (access(path_of(&arena, o, "ca.key"), F_OK) < 0 &&
		(!key_generate(KEY_P256, &key, e) || !tpm_soft_ca(key, clock_now(), &ca, e) ||
			!write_ca(&arena, o, key, ca, e)))
		return false;
	printf("%s\n", store);
	return true;
}

bool
fleet_open(const struct fleet_options *o, struct fleet *out, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct slice pem, key_pem;

	*out = (struct fleet){.options = o};
	if (!fs_read(&arena, path_of(&arena, o, "ca.pem"), PEM_MAX, &pem, e) ||
		!fs_read(&arena, path_of(&arena, o, "ca.key"), PEM_MAX, &key_pem, e)) {
		error_hint(e, "ferry-fleet --init makes the folder");
		return false;
	}
	if (cert_load_pem(pem, &out->ca, e) && key_load_pem(key_pem, &out->ca_key, e))
		return true;
	fleet_close(out);
	return false;
}

void
fleet_close(struct fleet *fleet)
{
	X509_free(fleet->ca);
	EVP_PKEY_free(fleet->ca_key);
}

// --- devices ---

// As a device would emit it; every number in it follows from the device's.
static bool
make_hash(struct fleet_device *d, unsigned number, struct slice modulus, struct error *e)
{
	struct hwhash hash = {
		.tool = {3, 2, 1, 0},
		.os = {10, 0, 26100, 1},
		.created = clock_now(),
		.os_type = 4,
		.cpu_arch = 9,
		.cpu = {9, 1, 2, 4},
		.cpu_vendor = "Simulated",
		.cpu_model = "Simulated",
		.ram_gib = 8,
		.ram_max = 8,
		.ram_slots = 1,
		.disks = {{.gib = 128, .bus = 17}},
		.disk_count = 1,
		.disk_serials = {arena_printf(d->arena, "SIM%09u", number)},
		.disk_serial_count = 1,
		.nics = {{.medium = 14,
			.bus = "PCI",
			.mac = {2, 0x46, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
				(uint8_t)(number >> 8), (uint8_t)number}}},
		.nic_count = 1,
		.chassis = 3,
		.tpm_version =
			"TPM-Version:2.0 -Level:0-Revision:1.59-VendorID:'FLET'-Firmware:1.0",
		.serial = d->serial,
		.firmware_vendor = "Ferry",
		.manufacturer = "Ferry",
		.product = "Simulated",
		.family = "Fleet",
		.bios_version = "1.0",
		.ek_modulus = modulus,
	};

	snprintf(hash.uuid, sizeof hash.uuid, "46455252-5900-4000-8000-%012x", number);
	return hwhash_to_text(d->arena, &hash, &d->hash, e);
}

bool
fleet_identity(struct fleet_device *d, unsigned number, struct error *e)
{
	const struct fleet_options *o = d->fleet->options;
	autopkey *ek = NULL;
	struct slice modulus;

	d->serial = arena_printf(d->arena, "%s%06u", o->prefix, number);
	return fleet_rsa_key(d->arena, arena_printf(d->arena, "%s/primes/%s", o->dir, o->prefix),
		       number, &ek, e) &&
		key_rsa_modulus(d->arena, ek, &modulus, e) && tpm_soft_make(ek, &d->soft, e) &&
		tpm_soft_ek_certificate(d->arena, ek, d->fleet->ca, d->fleet->ca_key, clock_now(),
			&d->ek_certificate, e) &&
		make_hash(d, number, modulus, e);
}
