// SPDX-License-Identifier: Apache-2.0
#include "store/vpn.h"

#include "base/str.h"
#include "store/queries.h"

enum { TRIES = 100 };

struct vpn_ctx {
	const struct work *w;
	const char *item_id, *device_id, *node, *name;
	uint32_t first, last, address;
	struct vpn_item *item;
	struct vpn_peer *peers;
	size_t count;
};

static bool
known(struct db *db, struct vpn_ctx *c, bool *out, struct error *e)
{
	autorows r = NULL;

	if (!db_query(db, Q_VPN_ADDRESS_GET,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->item_id), DB_TEXT(c->device_id)),
		    &r, e))
		return false;
	*out = db_next(r);
	if (*out)
		c->address = (uint32_t)db_int(r, "address");
	return true;
}

// 0: the pool is used up.
static bool
find_free(struct db *db, struct vpn_ctx *c, struct error *e)
{
	autorows r = NULL;

	if (!db_query(db, Q_VPN_ADDRESS_FREE,
		    PARAMS(DB_TEXT(c->item_id), DB_INT(c->first), DB_INT(c->last)), &r, e))
		return false;
	c->address = db_next(r) ? (uint32_t)db_int(r, "address") : 0;
	return true;
}

// Another device may take the same address at the same time: then the next one is tried.
static bool
take(struct db *db, struct vpn_ctx *c, struct error *e)
{
	for (int i = 0; i < TRIES; i++) {
		int64_t n;
		if (!find_free(db, c, e))
			return false;
		if (!c->address)
			return error_fault(e, ERR_LIMIT, "vpn_pool_empty",
				"every address of the pool belongs to a device");
		if (!db_run(db, Q_VPN_ADDRESS_TAKE,
			    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->item_id),
				    DB_TEXT(c->device_id), DB_INT(c->address)),
			    &n, e))
			return false;
		if (n)
			return true;
	}
	return error_set(e, ERR_CONFLICT, "others take every address that is tried");
}

static bool
address_tx(struct db *db, void *ctx, struct error *e)
{
	struct vpn_ctx *c = ctx;
	bool has;

	if (!known(db, c, &has, e))
		return false;
	if (has && c->address >= c->first && c->address <= c->last)
		return true;
	// The pool was changed: an address outside of it is worth nothing.
	return (!has ||
		       db_run(db, Q_VPN_ADDRESS_DROP,
			       PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->item_id),
				       DB_TEXT(c->device_id)),
			       NULL, e)) &&
		take(db, c, e);
}

bool
store_vpn_address(const struct work *w, const char *item_id, const char *device_id, uint32_t first,
	uint32_t last, uint32_t *out, struct error *e)
{
	struct vpn_ctx c = {
		.w = w, .item_id = item_id, .device_id = device_id, .first = first, .last = last};

	if (!store_write(w->session, address_tx, &c, e))
		return false;
	*out = c.address;
	return true;
}

static bool
item_tx(struct db *db, void *ctx, struct error *e)
{
	struct vpn_ctx *c = ctx;
	struct arena *arena = c->w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_VPN_ITEM, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->item_id)), &r, e))
		return false;
	*c->item = (struct vpn_item){.name = db_text(arena, r, "name"),
		.loc_uri = db_text(arena, r, "loc_uri"),
		.data = db_text(arena, r, "data")};
	return true;
}

bool
store_vpn_item(const struct work *w, const char *item_id, struct vpn_item *out, struct error *e)
{
	struct vpn_ctx c = {.w = w, .item_id = item_id, .item = out};

	return store_read(w->session, item_tx, &c, e);
}

static bool
taken_tx(struct db *db, void *ctx, struct error *e)
{
	struct vpn_ctx *c = ctx;
	autorows r = NULL;

	if (!db_query(db, Q_VPN_SAME_NODE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->node), DB_TEXT(c->item_id)), &r, e))
		return false;
	c->name = db_next(r) ? db_text(c->w->arena, r, "name") : NULL;
	return true;
}

bool
store_vpn_taken(const struct work *w, const char *loc_uri, const char *item_id, const char **name,
	struct error *e)
{
	struct vpn_ctx c = {.w = w, .item_id = item_id, .node = loc_uri};

	if (!store_read(w->session, taken_tx, &c, e))
		return false;
	*name = c.name;
	return true;
}

static bool
peers_tx(struct db *db, void *ctx, struct error *e)
{
	struct vpn_ctx *c = ctx;
	struct arena *arena = c->w->arena;
	size_t room = 0;
	autorows r = NULL;

	c->peers = NULL;
	c->count = 0;
	if (!db_query(db, Q_VPN_PEERS,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->item_id), DB_TEXT(c->node)), &r, e))
		return false;
	while (db_next(r)) {
		c->peers = arena_more(arena, c->peers, c->count, &room, sizeof *c->peers);
		c->peers[c->count++] = (struct vpn_peer){
			.address = (uint32_t)db_int(r, "address"),
			.device_id = db_text(arena, r, "device_id"),
			.serial = db_text(arena, r, "serial"),
			.public_key = db_text(arena, r, "public_key"),
		};
	}
	return true;
}

bool
store_vpn_peers(const struct work *w, const char *item_id, const char *key_node,
	struct vpn_peer **out, size_t *count, struct error *e)
{
	struct vpn_ctx c = {.w = w, .item_id = item_id, .node = key_node};

	if (!store_read(w->session, peers_tx, &c, e))
		return false;
	*out = c.peers;
	*count = c.count;
	return true;
}
