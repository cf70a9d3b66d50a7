// SPDX-License-Identifier: Apache-2.0
// The keytab file format of MIT Kerberos (version 0x0502), written by ourselves so that replacing
// the file is atomic.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdint.h>

struct keytab_key {
	int32_t enctype;
	struct slice bytes;
};

// Write every key under every principal ("host/pc-1.corp.example.com", without realm) with one key
// version number. The old or the new file is there after a power cut; mode 0600. `now` is written
// as time of change, in seconds since 1970.
bool keytab_file_write(const char *path, const char *realm, const char *const *principals,
	size_t principal_count, const struct keytab_key *keys, size_t key_count, uint32_t kvno,
	int64_t now, struct error *e) MUST_CHECK;
