// SPDX-License-Identifier: Apache-2.0
// The hardware hash of a device that was registered without one: asked from the device itself once
// it is managed (behaviour R21, "convert all targeted devices").
#include "base/str.h"
#include "codec/json.h"
#include "domain/registration.h"
#include "store/assign.h"
#include "store/hardware.h"
#include "store/queries.h"
#include "store/registration.h"

struct report_ctx {
	const struct work *w;
	const char *device_id, *text;
	bool wanted;
};

// A registration that is "Fix pending" is mended by what its device says (behaviour R32).
static bool
is_pending(struct db *db, const struct report_ctx *c, bool *out, struct error *e)
{
	autorows rows = NULL;

	if (!db_query(db, Q_HASH_UNPROVEN, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id)),
		    &rows, e))
		return false;
	*out = db_next(rows);
	return true;
}

static bool
wanted_tx(struct db *db, void *ctx, struct error *e)
{
	struct report_ctx *c = ctx;
	autorows rows = NULL;
	struct error ignored;

	if (!is_pending(db, c, &c->wanted, e))
		return false;
	if (c->wanted)
		return true;
	if (!db_query(db, Q_HASH_WANTED, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id)),
		    &rows, e))
		return false;
	if (!db_next(rows))
		return true;
	const struct json *profile = json_parse(
		c->w->arena, slice_str(db_text(c->w->arena, rows, "document")), NULL, &ignored);
	c->wanted = profile && json_bool(profile, "hardwareHashExtractionEnabled", false);
	return true;
}

bool
store_hash_wanted(const struct work *w, const char *device_id, bool *out, struct error *e)
{
	struct report_ctx c = {.w = w, .device_id = device_id};

	if (!store_read(w->session, wanted_tx, &c, e))
		return false;
	*out = c.wanted;
	return true;
}

static bool
is_same(const struct work *w, const struct device *d, const struct registration_line *line)
{
	if (!str_empty(d->ek_id))
		return line->ek_id && str_ieq(d->ek_id, line->ek_id);
	return str_eq(registration_key(w->arena, d->serial, NULL),
		registration_key(w->arena, line->serial, NULL));
}

static bool
has_hash(struct db *db, const struct report_ctx *c, bool *out, struct error *e)
{
	autorows rows = NULL;

	if (!db_query(db, Q_DEVICE_HASH_GET,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id)), &rows, e))
		return false;
	*out = db_next(rows);
	return true;
}

static bool
reported_tx(struct db *db, void *ctx, struct error *e)
{
	struct report_ctx *c = ctx;
	const struct work *w = c->w;
	struct registration_line line = {0};
	struct error why;
	struct device d;
	bool there;

	if (!device_load(db, w, c->device_id, &d, e) || !has_hash(db, c, &there, e))
		return false;
	// What cannot be read was asked for in vain; the next session asks again.
	if (!registration_decode(w->arena, slice_str(c->text), "", &line, &why))
		return true;
	if (!is_same(w, &d, &line))
		return db_run(db, Q_DEVICE_ATTENTION,
			       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->device_id), DB_INT(w->now)),
			       NULL, e) &&
			registration_event_add(db, w, c->device_id, "hardware_changed", NULL,
				"the device reports a hash of other hardware", e);
	if (there)
		return hardware_reported(db, w, c->device_id, line.hash, e);
	return db_run(db, Q_DEVICE_HASH_INSERT,
		       PARAMS(DB_TEXT(c->device_id), DB_TEXT(w->tenant_id), DB_BLOB(line.hash)),
		       NULL, e) &&
		registration_event_add(db, w, c->device_id, "converted", NULL,
			"the device's own hash was taken", e);
}

bool
store_hash_reported(const struct work *w, const char *device_id, const char *text, struct error *e)
{
	struct report_ctx c = {.w = w, .device_id = device_id, .text = text};

	return store_write(w->session, reported_tx, &c, e);
}
