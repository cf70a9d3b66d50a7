// SPDX-License-Identifier: Apache-2.0
// Test helper: the device's side of a job, on a software TPM.
//
//   connector_tpm_tool claim TCTI              EK certificate and AK as "key=hexadecimal" lines
//   connector_tpm_tool open TCTI SEALED TEXT BLOB
//                                              open the file SEALED, bound to TEXT, into the ODJ
//                                              file BLOB
//
// Exit 0, or 1 after "fault=…" and "message=…".
#include "base/fs.h"
#include "base/str.h"
#include "codec/base64.h"
#include "tpm/device.h"
#include "wire/odj/odj.h"
#include <stdio.h>

static bool
claim(struct arena *arena, struct tpm_device *device, struct error *e)
{
	struct slice ek, ak;

	if (!tpm_device_ek_certificate(arena, device, &ek, e) ||
		!tpm_device_ak_public(arena, device, &ak, e))
		return false;
	printf("ek=%s\nak=%s\n", hex_encode(arena, ek), hex_encode(arena, ak));
	return true;
}

static bool
open_blob(struct arena *arena, struct tpm_device *device, char **argv, struct error *e)
{
	struct slice sealed, blob;

	return fs_read(arena, argv[0], 1 << 20, &sealed, e) &&
		tpm_device_unseal(arena, device, sealed, slice_str(argv[1]), &blob, e) &&
		fs_write(argv[2], odj_to_file(arena, blob), 0600, e);
}

int
main(int argc, char **argv)
{
	autoarena(arena, (size_t)16 << 20);
	autotpm *device = NULL;
	struct error e = {0};
	bool ok = false;

	if (argc < 3 || !tpm_device_open(argv[2], &device, &e))
		error_wrap(&e, "TPM");
	else if (str_eq(argv[1], "claim"))
		ok = claim(&arena, device, &e);
	else if (str_eq(argv[1], "open") && argc == 6)
		ok = open_blob(&arena, device, argv + 3, &e);
	if (!ok)
		printf("fault=%s\nmessage=%s\n", e.fault ? e.fault : "-", e.message);
	return ok ? 0 : 1;
}
