// SPDX-License-Identifier: Apache-2.0
// What stands for a tenant in a path: its id, its domain, or a word that means any.
#pragma once

#include "store/clients.h"

struct call;

// ERR_NOT_FOUND with fault tenant_unknown.
bool oauth_tenant_exists(struct call *c, const char *segment, struct error *e) MUST_CHECK;

// May this application be used under that tenant's path? ERR_INVALID with oauth_client_unknown.
bool oauth_tenant_is(struct call *c, const char *segment, const struct client *client,
	struct error *e) MUST_CHECK;
