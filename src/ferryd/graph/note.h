// SPDX-License-Identifier: Apache-2.0
// How a change that is no Graph resource's shows in the audit log.
#pragma once

#include "ferryd/service.h"

// "POST /ferry/v1/users/{id}/password" becomes the activity "Password Users" of the object that
// the path names. In a transaction of its own.
bool note_route(struct call *c, const char *pattern, struct error *e) MUST_CHECK;
