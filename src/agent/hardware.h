// SPDX-License-Identifier: Apache-2.0
// What this machine is made of, as sysfs, procfs and the TPM tell it: the content of its hardware
// hash (behaviour R9).
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "tpm/device.h"
#include "wire/hwhash/hwhash.h"

// Collect. `sysfs` is "/sys" or a copy of it for tests; `identity` is NULL when there is no TPM.
// Missing files are left out; only a missing serial number or manufacturer is an error
// (ztd_hash_invalid), since nothing could match it.
bool hardware_collect(struct arena *arena, const char *sysfs,
	const struct tpm_device_identity *identity, struct hwhash *out, struct error *e) MUST_CHECK;

// Registration CSV with one row, as Windows exports it (behaviour R1).
bool hardware_csv(struct arena *arena, const struct hwhash *hash, struct slice *out,
	struct error *e) MUST_CHECK;
