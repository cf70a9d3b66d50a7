// SPDX-License-Identifier: Apache-2.0
// What becomes of a registration around whose TPM disks or network cards were replaced (behaviour
// R10, R30-R32): "Fix pending" until the device itself has shown that it is so.
#pragma once

#include "base/slice.h"
#include "store/work.h"

// An administrator's file has another hash of a registered device, of the same TPM and the same
// serial number. Other disks or network cards: the hash is kept until the TPM proves itself, and
// until then the registration is "Fix pending". Another board cannot be repaired so: *attention is
// true. In a transaction of the caller.
bool hardware_imported(struct db *db, const struct work *w, const char *device_id,
	struct slice hash, const char *actor, bool *attention, struct error *e) MUST_CHECK;

// Anybody can have a copy of a hash and change it: what he says shows nowhere until the TPM proves
// itself (threats rows 1 and 3).
bool store_hardware_claimed(
	const struct work *w, const char *device_id, struct slice hash, struct error *e) MUST_CHECK;

// The registered TPM has proven itself: the kept hash, if there is one, becomes the registration's.
// In a transaction of the caller.
bool hardware_proven(
	struct db *db, const struct work *w, const char *device_id, struct error *e) MUST_CHECK;

// The managed device says its hash, over a connection with its own key: it is the registration's
// from now on. `hash` is of the registered TPM. In a transaction of the caller.
bool hardware_reported(struct db *db, const struct work *w, const char *device_id,
	struct slice hash, struct error *e) MUST_CHECK;
