// SPDX-License-Identifier: Apache-2.0
// Vendor/Ferry/WireGuard/{name}/Config: a tunnel that is opened before anybody signs in;
// …/PublicKey: the public half of the key that this device made for it.
#include "agent/csp/csp.h"
#include "agent/tunnel.h"
#include "base/str.h"

static bool
install(struct csp_call *call, const char *name, struct error *e)
{
	struct vpn_profile profile;

	return vpn_profile_read(call->arena, call->data, &profile, e) &&
		(profile.address || error_set(e, ERR_INVALID, "the service gave no address")) &&
		tunnel_save(call->agent, name, &profile, e);
}

static int
config(struct csp_call *call, const char *name)
{
	if ((call->type != SYNCML_ADD && call->type != SYNCML_REPLACE) || !call->data)
		return 405;
	return install(call, name, &call->why) ? 200 : csp_failed(call, "network_profile_failed");
}

int
csp_wireguard(struct csp_call *call)
{
	const char *rest = call->path + strlen(VPN_NODE);
	const char *name = arena_strndup(call->arena, rest, strcspn(rest, "/"));
	const char *leaf = rest + strlen(name);

	if (!vpn_name_usable(name) || call->user)
		return 404;
	if (str_eq(leaf, "/Config"))
		return config(call, name);
	if (!str_eq(leaf, "/PublicKey"))
		return 404;
	if (call->type != SYNCML_GET)
		return 405;
	return tunnel_public_key(call->agent, name, &call->result, &call->why) ? 200 : 404;
}
