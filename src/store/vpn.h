// SPDX-License-Identifier: Apache-2.0
// Which address each device has in a tunnel's pool, and who the gateway's peers are.
#pragma once

#include "store/work.h"

struct vpn_peer {
	uint32_t address; // IPv4
	const char *device_id, *serial;
	const char *public_key; // as the device reported it: not checked
};

struct vpn_item {
	const char *name, *loc_uri, *data;
};

// The device's address in the item's pool from `first` to `last`: the one that it has, or the
// lowest that nobody has. ERR_LIMIT with fault vpn_pool_empty.
bool store_vpn_address(const struct work *w, const char *item_id, const char *device_id,
	uint32_t first, uint32_t last, uint32_t *out, struct error *e) MUST_CHECK;

// The configuration item. ERR_NOT_FOUND.
bool store_vpn_item(const struct work *w, const char *item_id, struct vpn_item *out,
	struct error *e) MUST_CHECK;

// The name of another item of the tenant that sets this node, or NULL. Inside the transaction that
// writes the tunnel.
bool store_vpn_taken(const struct work *w, const char *loc_uri, const char *item_id,
	const char **name, struct error *e) MUST_CHECK;

// Devices that have an address and reported their key at this node, by address.
bool store_vpn_peers(const struct work *w, const char *item_id, const char *key_node,
	struct vpn_peer **out, size_t *count, struct error *e) MUST_CHECK;
