// SPDX-License-Identifier: Apache-2.0
// What the organization is called that a call belongs to: on pages, on devices, in authenticator
// apps.
#pragma once

#include "ferryd/service.h"

// The name of the call's tenant. While none is known: what the configuration calls the service.
const char *organization_name(struct call *c);
