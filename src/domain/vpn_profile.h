// SPDX-License-Identifier: Apache-2.0
// A tunnel that a device opens before anybody signs in (pains row 3): what an administrator says of
// it, and what one device is told. Both are JSON; what is not safe in a configuration file of
// WireGuard is refused here.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

// Ferry's own node; Windows has VPNv2, which knows no WireGuard.
#define VPN_NODE "Vendor/Ferry/WireGuard/"

enum { VPN_NAME_MAX = 15, VPN_KEY_TEXT = 44 };

struct vpn_profile {
	const char *endpoint;	 // "vpn.example.com:51820"
	const char *gateway_key; // base64 of the gateway's public key
	const char *allowed;	 // "10.0.0.0/8,192.168.1.0/24": what goes through the tunnel
	const char *dns;	 // address, or NULL
	const char *search;	 // domain, or NULL
	const char *pool;	 // of an administrator's: "10.99.0.0/24"
	uint32_t first, last; // addresses of the pool that devices get; its first is the gateway's
	const char *address;  // of one device's: "10.99.0.2"
};

// The name in "./Device/Vendor/Ferry/WireGuard/NAME/Config", which also names the interface; NULL:
// another node, or no name for an interface.
const char *vpn_name(struct arena *arena, const char *loc_uri);
bool vpn_name_usable(const char *name);

// Base64 of 32 bytes, as WireGuard writes keys.
bool vpn_key_usable(const char *text);

// Read what an administrator says (with `pool`) or what a device is told (with `address`).
// ERR_INVALID says which member is wrong.
bool vpn_profile_read(
	struct arena *arena, const char *text, struct vpn_profile *out, struct error *e) MUST_CHECK;

// The reverse: with `pool` or with `address`, whichever is set.
const char *vpn_profile_write(struct arena *arena, const struct vpn_profile *profile);

// "10.99.0.2"
char *vpn_address_text(struct arena *arena, uint32_t address);
