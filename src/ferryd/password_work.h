// SPDX-License-Identifier: Apache-2.0
// How much of the machine goes into hashing passwords at once: as many as there are processors, the
// rest waits, and too many are turned away.
#pragma once

#include "ferryd/service.h"
#include "pki/password_hash.h"

// As in pki/password_hash.h, one at a time per processor. ERR_UNAVAILABLE with fault sign_in_busy.
bool password_work_check(struct call *c, const char *hash, const char *password, bool *matches,
	struct error *e) MUST_CHECK;
bool password_work_hash(
	struct call *c, const char *password, const char **hash, struct error *e) MUST_CHECK;
