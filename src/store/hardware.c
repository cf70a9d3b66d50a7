// SPDX-License-Identifier: Apache-2.0
#include "store/hardware.h"

#include "base/str.h"
#include "domain/registration.h"
#include "store/devices.h"
#include "store/queries.h"
#include "store/registration.h"

enum said { SAID_BY_ANYBODY, SAID_BY_ADMINISTRATOR };

// How a hash stands to the one that is stored.
struct change {
	enum {
		CHANGE_NONE,	// nothing to compare, or nothing that matters
		CHANGE_PARTS,	// disks or network cards
		CHANGE_IDENTITY // it cannot be told any more that this is the device
	} kind;
	const char *parts; // in words
};

// Firmware pads a hash with zeros to its full length; what is stored has none.
static struct slice
without_padding(struct slice hash)
{
	while (hash.len && hash.data[hash.len - 1] == 0)
		hash.len--;
	return hash;
}

static bool
get_hash(struct db *db, const struct work *w, const char *device_id, int query, struct slice *out,
	struct error *e)
{
	autorows rows = NULL;

	*out = (struct slice){0};
	if (!db_query(db, query, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id)), &rows, e))
		return false;
	if (db_next(rows))
		*out = db_blob(w->arena, rows, "hardware_hash");
	return true;
}

// What cannot be read changes nothing: the import has said so where it matters.
static struct change
judge(const struct work *w, struct slice known_bytes, struct slice seen_bytes)
{
	struct hwhash known, seen;
	struct error ignored;

	if (!known_bytes.len || slice_eq(known_bytes, seen_bytes) ||
		!hwhash_decode(w->arena, known_bytes, &known, &ignored) ||
		!hwhash_decode(w->arena, seen_bytes, &seen, &ignored))
		return (struct change){CHANGE_NONE, ""};
	struct registration_verdict v = registration_compare(w->arena, &known, &seen);
	return (struct change){v.match != MATCH_SAME ? CHANGE_IDENTITY
			: *v.changed		     ? CHANGE_PARTS
						     : CHANGE_NONE,
		v.changed};
}

static bool
compare_stored(struct db *db, const struct work *w, const char *device_id, struct slice hash,
	struct change *out, struct error *e)
{
	struct slice known;

	if (!get_hash(db, w, device_id, Q_DEVICE_HASH_GET, &known, e))
		return false;
	*out = judge(w, known, hash);
	return true;
}

static bool
keep(struct db *db, const struct work *w, const char *device_id, struct slice hash, enum said said,
	struct error *e)
{
	return db_run(db, Q_DEVICE_HASH_SEEN_PUT,
		PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id), DB_BLOB(hash), DB_INT(said)),
		NULL, e);
}

bool
hardware_imported(struct db *db, const struct work *w, const char *device_id, struct slice hash,
	const char *actor, bool *attention, struct error *e)
{
	struct change change;
	struct slice before;

	hash = without_padding(hash);
	*attention = false;
	if (!hash.len || !compare_stored(db, w, device_id, hash, &change, e))
		return hash.len == 0;
	*attention = change.kind == CHANGE_IDENTITY;
	if (change.kind != CHANGE_PARTS)
		return true;
	if (!get_hash(db, w, device_id, Q_DEVICE_HASH_SEEN_GET, &before, e))
		return false;
	// The same file again says nothing new.
	if (slice_eq(before, hash))
		return db_run(db, Q_DEVICE_FIX_PENDING,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id), DB_INT(w->now)), NULL, e);
	return keep(db, w, device_id, hash, SAID_BY_ADMINISTRATOR, e) &&
		db_run(db, Q_DEVICE_FIX_PENDING,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id), DB_INT(w->now)), NULL,
			e) &&
		registration_event_add(db, w, device_id, "hardware_changed", actor,
			arena_printf(
				w->arena, "an imported hash has other parts: %s", change.parts),
			e);
}

struct claim_ctx {
	const struct work *w;
	const char *device_id;
	struct slice hash;
};

static bool
claimed_tx(struct db *db, void *ctx, struct error *e)
{
	struct claim_ctx *c = ctx;
	struct change change;

	return compare_stored(db, c->w, c->device_id, c->hash, &change, e) &&
		(change.kind != CHANGE_PARTS ||
			keep(db, c->w, c->device_id, c->hash, SAID_BY_ANYBODY, e));
}

bool
store_hardware_claimed(
	const struct work *w, const char *device_id, struct slice hash, struct error *e)
{
	struct claim_ctx c = {.w = w, .device_id = device_id, .hash = without_padding(hash)};

	return store_write(w->session, claimed_tx, &c, e);
}

// --- repaired ---

static bool
forget(struct db *db, const struct work *w, const char *device_id, struct error *e)
{
	return db_run(db, Q_DEVICE_HASH_SEEN_DELETE,
		       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id)), NULL, e) &&
		db_run(db, Q_DEVICE_FIXED, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id)), NULL,
			e);
}

static bool
refresh(struct db *db, const struct work *w, const char *device_id, struct slice hash,
	const char *parts, struct error *e)
{
	return db_run(db, Q_DEVICE_HASH_REPLACE,
		       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id), DB_BLOB(hash)), NULL, e) &&
		registration_event_add(db, w, device_id, "hardware_refreshed", NULL,
			arena_printf(
				w->arena, "the stored hash is that of the new parts: %s", parts),
			e);
}

bool
hardware_proven(struct db *db, const struct work *w, const char *device_id, struct error *e)
{
	struct change change;
	struct slice seen;

	if (!get_hash(db, w, device_id, Q_DEVICE_HASH_SEEN_GET, &seen, e))
		return false;
	if (!seen.len)
		return forget(db, w, device_id, e);
	return compare_stored(db, w, device_id, seen, &change, e) &&
		(change.kind != CHANGE_PARTS || refresh(db, w, device_id, seen, change.parts, e)) &&
		forget(db, w, device_id, e);
}

bool
hardware_reported(struct db *db, const struct work *w, const char *device_id, struct slice hash,
	struct error *e)
{
	struct change change;

	hash = without_padding(hash);
	return compare_stored(db, w, device_id, hash, &change, e) &&
		(change.kind != CHANGE_PARTS || refresh(db, w, device_id, hash, change.parts, e)) &&
		forget(db, w, device_id, e);
}
