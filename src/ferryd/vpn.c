// SPDX-License-Identifier: Apache-2.0
#include "ferryd/vpn.h"

#include "base/str.h"
#include "domain/vpn_profile.h"
#include "ferryd/handlers.h"
#include "store/vpn.h"

static bool
mark_failed(struct call *c, struct item *item, const struct error *why, struct error *e)
{
	const struct item_state state = {.item_id = item->item_id,
		.version = item->version,
		.state = "failed",
		.fault = why->fault,
		.reason = arena_strdup(c->arena, why->message)};

	item->state = "failed";
	return store_items_set(
		&c->work, c->enrollment.device_id, c->enrollment.deployment_id, &state, 1, e);
}

static bool
prepare(struct call *c, struct item *item, struct error *e)
{
	struct vpn_profile profile;
	uint32_t address;

	if (!vpn_profile_read(c->arena, item->data, &profile, e))
		return error_wrap(e, "tunnel %s", item->name);
	if (store_vpn_address(&c->work, item->item_id, c->enrollment.device_id, profile.first,
		    profile.last, &address, e)) {
		profile.address = vpn_address_text(c->arena, address);
		item->data = vpn_profile_write(c->arena, &profile);
		return true;
	}
	struct error why = *e;
	return str_eq(why.fault, "vpn_pool_empty") && mark_failed(c, item, &why, e);
}

bool
vpn_prepare_items(struct call *c, struct item *items, size_t count, struct error *e)
{
	for (size_t i = 0; i < count; i++)
		if (vpn_name(c->arena, items[i].loc_uri) && !str_eq(items[i].state, "done") &&
			!str_eq(items[i].state, "failed") && !str_eq(items[i].state, "conflict") &&
			!prepare(c, &items[i], e))
			return false;
	return true;
}

// A key comes from a device and goes into a gateway's configuration: what is no key is left out.
static void
write_peers(struct call *c, struct jsonw *w, const struct vpn_peer *peers, size_t count)
{
	jsonw_array(w, "peers");
	for (size_t i = 0; i < count; i++) {
		if (!vpn_key_usable(peers[i].public_key))
			continue;
		jsonw_object(w, NULL);
		jsonw_str(w, "publicKey", peers[i].public_key);
		jsonw_str(w, "address", vpn_address_text(c->arena, peers[i].address));
		jsonw_str(w, "serialNumber", peers[i].serial);
		jsonw_str(w, "deviceId", peers[i].device_id);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

// GET /ferry/v1/vpn/{id}/peers: what the gateway of a tunnel has to know.
bool
vpn_peers(struct call *c, struct error *e)
{
	const char *id = str_lower(c->arena, http_param(c->req, "id")), *name;
	struct vpn_peer *peers;
	struct vpn_item item;
	struct buf body;
	size_t count;

	if (!store_vpn_item(&c->work, id, &item, e))
		return false;
	name = vpn_name(c->arena, item.loc_uri);
	if (!name)
		return error_set(e, ERR_NOT_FOUND, "\"%.100s\" is no tunnel", item.name);
	const char *node = arena_printf(c->arena, "./Device/" VPN_NODE "%s/PublicKey", name);
	if (!store_vpn_peers(&c->work, id, node, &peers, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "id", id);
	jsonw_str(&w, "displayName", item.name);
	jsonw_str(&w, "interface", name);
	write_peers(c, &w, peers, count);
	return call_send(c, 200, &w, &body, e);
}
