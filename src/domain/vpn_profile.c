// SPDX-License-Identifier: Apache-2.0
#include "domain/vpn_profile.h"

#include "base/str.h"
#include "codec/base64.h"
#include "codec/json.h"
#include <arpa/inet.h>

enum { TEXT_MAX = 8 << 10, HOST_MAX = 253, LIST_MAX = 2000, KEY_BYTES = 32, POOL_MIN_BITS = 8 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

bool
vpn_name_usable(const char *name)
{
	// What wg-quick(8) takes; a leading '.' would hide the file, a '-' would be an option.
	return !str_empty(name) && strlen(name) <= VPN_NAME_MAX && !strchr(".-", name[0]) &&
		strspn(name, LETTERS DIGITS "_=+.-") == strlen(name);
}

const char *
vpn_name(struct arena *arena, const char *loc_uri)
{
	const char *at = strstr(loc_uri, "/" VPN_NODE);

	if (!at || !str_ends(loc_uri, "/Config"))
		return NULL;
	at += strlen("/" VPN_NODE);
	size_t len = strcspn(at, "/");
	const char *name = arena_strndup(arena, at, len);
	return str_eq(at + len, "/Config") && vpn_name_usable(name) ? name : NULL;
}

bool
vpn_key_usable(const char *text)
{
	autoarena(arena, ARENA_SMALL);
	struct slice bytes;
	struct error ignored;

	return text && strlen(text) == VPN_KEY_TEXT &&
		base64_decode(
			&arena, slice_str(text), BASE64_STRICT, KEY_BYTES, &bytes, &ignored) &&
		bytes.len == KEY_BYTES;
}

static bool
is_host(struct arena *arena, const char *text, size_t len)
{
	const char *host = arena_strndup(arena, text, len);
	struct in6_addr ip6;

	if (len > 2 && host[0] == '[' && host[len - 1] == ']')
		return inet_pton(AF_INET6, arena_strndup(arena, host + 1, len - 2), &ip6) == 1;
	return len && len <= HOST_MAX && host[0] != '-' && strspn(host, LETTERS DIGITS ".-") == len;
}

static bool
is_endpoint(struct arena *arena, const char *text)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	uint64_t port;

	return colon && is_host(arena, text, (size_t)(colon - text)) &&
		str_to_u64(colon + 1, 65535, &port) && port;
}

static bool
is_address(const char *text)
{
	struct in_addr ip4;
	struct in6_addr ip6;

	return text &&
		(inet_pton(AF_INET, text, &ip4) == 1 || inet_pton(AF_INET6, text, &ip6) == 1);
}

// One network "ADDRESS/BITS".
static bool
is_network(struct arena *arena, const char *text, size_t len)
{
	const char *network = arena_strndup(arena, text, len), *slash = strchr(network, '/');
	uint64_t bits;

	if (!slash)
		return false;
	const char *address = arena_strndup(arena, network, (size_t)(slash - network));
	return is_address(address) && str_to_u64(slash + 1, strchr(address, ':') ? 128 : 32, &bits);
}

static bool
are_networks(struct arena *arena, const char *text)
{
	if (str_empty(text) || strlen(text) > LIST_MAX)
		return false;
	for (;;) {
		size_t len = strcspn(text, ",");
		if (!is_network(arena, text, len))
			return false;
		if (!text[len])
			return true;
		text += len + 1;
	}
}

// The network's own address and the broadcast are nobody's, the first is the gateway's.
static bool
read_pool(struct arena *arena, struct vpn_profile *p)
{
	const char *slash = strchr(p->pool, '/');
	struct in_addr address;
	uint64_t bits;

	if (!slash || !str_to_u64(slash + 1, 32, &bits) || bits < POOL_MIN_BITS || bits > 30 ||
		inet_pton(AF_INET, arena_strndup(arena, p->pool, (size_t)(slash - p->pool)),
			&address) != 1)
		return false;
	uint32_t size = UINT32_C(1) << (32 - bits), base = ntohl(address.s_addr) & ~(size - 1);
	p->first = base + 2;
	p->last = base + size - 2;
	return base == ntohl(address.s_addr);
}

static bool
is_domain(const char *text)
{
	return strlen(text) <= HOST_MAX && text[0] != '-' &&
		strspn(text, LETTERS DIGITS ".-") == strlen(text);
}

static bool
check(struct arena *arena, struct vpn_profile *p, struct error *e)
{
	struct in_addr ip4;

	if (!is_endpoint(arena, p->endpoint))
		return error_set(e, ERR_INVALID, "endpoint must be HOST:PORT");
	if (!vpn_key_usable(p->gateway_key))
		return error_set(
			e, ERR_INVALID, "gatewayKey must be a public key: base64 of 32 bytes");
	if (!are_networks(arena, p->allowed))
		return error_set(
			e, ERR_INVALID, "allowed must be networks as 10.0.0.0/8, with commas");
	if (p->dns && !is_address(p->dns))
		return error_set(e, ERR_INVALID, "dns must be an address");
	if (p->search && (!*p->search || !is_domain(p->search)))
		return error_set(e, ERR_INVALID, "search must be a domain");
	if (!p->pool == !p->address)
		return error_set(e, ERR_INVALID, "pool is missing");
	if (p->pool && !read_pool(arena, p))
		return error_set(e, ERR_INVALID,
			"pool must be a network as 10.99.0.0/24 (/%d to /30)", POOL_MIN_BITS);
	if (p->address && inet_pton(AF_INET, p->address, &ip4) != 1)
		return error_set(e, ERR_INVALID, "address must be an IPv4 address");
	return true;
}

bool
vpn_profile_read(struct arena *arena, const char *text, struct vpn_profile *out, struct error *e)
{
	static const struct json_limits limits = {.max_bytes = TEXT_MAX, .max_depth = 2};
	const struct json *json = json_parse(arena, slice_str(text), &limits, e);

	if (!json)
		return false;
	*out = (struct vpn_profile){
		.endpoint = json_str(json, "endpoint"),
		.gateway_key = json_str(json, "gatewayKey"),
		.allowed = json_str(json, "allowed"),
		.dns = json_str(json, "dns"),
		.search = json_str(json, "search"),
		.pool = json_str(json, "pool"),
		.address = json_str(json, "address"),
	};
	return check(arena, out, e);
}

const char *
vpn_profile_write(struct arena *arena, const struct vpn_profile *p)
{
	struct buf out;

	buf_init(&out, arena, 2 * TEXT_MAX);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "endpoint", p->endpoint);
	jsonw_str(&w, "gatewayKey", p->gateway_key);
	jsonw_str(&w, "allowed", p->allowed);
	if (p->dns)
		jsonw_str(&w, "dns", p->dns);
	if (p->search)
		jsonw_str(&w, "search", p->search);
	jsonw_str(&w, p->address ? "address" : "pool", p->address ? p->address : p->pool);
	jsonw_end_object(&w);
	return buf_text(&out);
}

char *
vpn_address_text(struct arena *arena, uint32_t address)
{
	return arena_printf(arena, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
		address >> 8 & 255, address & 255);
}
