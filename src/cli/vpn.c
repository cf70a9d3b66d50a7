// SPDX-License-Identifier: Apache-2.0
// Tunnels: what devices are told, and what their gateway has to know.
#include "base/str.h"
#include "cli/configuration.h"
#include "domain/vpn_profile.h"

const struct option_spec vpn_options[] = {
	{"endpoint", "HOST:PORT", "Where the gateway is (needed)"},
	{"gateway-key", "KEY", "The gateway's public key (needed)"},
	{"allowed", "NETWORKS",
		"What goes through the tunnel, as 10.0.0.0/8, with commas (needed)"},
	{"pool", "NETWORK", "Where devices get their addresses from, as 10.99.0.0/24 (needed)"},
	{"dns", "ADDRESS", "The DNS server behind the tunnel"},
	{"search", "DOMAIN", "The domain that short names are looked for in"},
	{0},
};

bool
vpn_add(struct cli *cli, struct error *e)
{
	const char *name = cli->operands[0];
	struct vpn_profile p = {.dns = cli_option(cli, "dns"), .search = cli_option(cli, "search")},
			   again;

	if (!cli_need_option(cli, "endpoint", &p.endpoint, e) ||
		!cli_need_option(cli, "gateway-key", &p.gateway_key, e) ||
		!cli_need_option(cli, "allowed", &p.allowed, e) ||
		!cli_need_option(cli, "pool", &p.pool, e))
		return false;
	if (!vpn_name_usable(name))
		return error_set(e, ERR_INVALID,
			"\"%.60s\" names no interface: at most %d letters, digits and _=+.-", name,
			VPN_NAME_MAX);
	const char *text = vpn_profile_write(cli->arena, &p);
	return vpn_profile_read(cli->arena, text, &again, e) &&
		configuration_add(cli, name,
			arena_printf(cli->arena, "./Device/" VPN_NODE "%s/Config", name), "chr",
			text, e);
}

// A serial number is what a firmware says: nothing of it may begin a line.
static void
print_peer(const struct json *peer)
{
	const char *serial = json_str(peer, "serialNumber");

	printf("[Peer]\n# ");
	for (; serial && *serial; serial++)
		putchar((unsigned char)*serial < ' ' || *serial == 0x7f ? '?' : *serial);
	printf("\nPublicKey = %s\nAllowedIPs = %s/32\n\n", json_str(peer, "publicKey"),
		json_str(peer, "address"));
}

bool
vpn_peers(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Name", "displayName"}, {"Interface", "interface"}, {0}};
	const struct json *item, *answer, *list;

	if (!resource_find(cli, &resource_policy, cli->operands[0], &item, e) ||
		!api_send(cli, "GET",
			arena_printf(cli->arena, "/ferry/v1/vpn/%s/peers", json_str(item, "id")),
			NULL, &answer, e))
		return false;
	if (cli->format != OUTPUT_TABLE)
		return output_object(cli, columns, answer, e);
	list = json_get(answer, "peers");
	for (const struct json *peer = list ? list->first : NULL; peer; peer = peer->next) {
		const char *key = json_str(peer, "publicKey"), *address = json_str(peer, "address");
		if (key && address && vpn_key_usable(key))
			print_peer(peer);
	}
	return fflush(stdout) == 0 || error_errno(e, "standard output");
}
