// SPDX-License-Identifier: Apache-2.0
// Who is an administrator of this device by itself, without directory, domain or network (behaviour
// A5): root, and members of the groups sudo and admin, by the password that the system has.
#pragma once

#include "base/arena.h"
#include "base/error.h"

// ERR_DENIED with fault reset_credentials_wrong, whatever was wrong.
bool local_admin_check(const char *user, const char *password, struct error *e) MUST_CHECK;
