// SPDX-License-Identifier: Apache-2.0
// What a device is told of a tunnel: the administrator's words with the device's own address.
#pragma once

#include "ferryd/service.h"
#include "store/items.h"

// Put the device's address into every tunnel among the items that it does not have yet. One whose
// pool is used up is marked failed, with the fault vpn_pool_empty, and not sent.
bool vpn_prepare_items(
	struct call *c, struct item *items, size_t count, struct error *e) MUST_CHECK;
