// SPDX-License-Identifier: Apache-2.0
// Devices that are bound to device preparation before anybody signs in (behaviour Z15).
#include "store/preparation.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/queries.h"
#include "store/registration.h"

struct association_ctx {
	const struct work *w;
	const char *id, *device_id, *policy_id, *actor;
	struct association out;
	const char *source, *enrollment_state;
	const char *state;
};

static bool
load(struct db *db, struct association_ctx *c, struct error *e)
{
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_ASSOCIATION_GET, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &r, e))
		return e->code == ERR_NOT_FOUND
			? error_set(e, ERR_NOT_FOUND, "there is no association with this id")
			: false;
	c->out = (struct association){
		.association_id = db_text(a, r, "association_id"),
		.device_id = db_text(a, r, "device_id"),
		.serial = db_text(a, r, "serial"),
		.policy_id = db_text(a, r, "policy_id"),
		.state = db_text(a, r, "state"),
		.created_at = db_int(r, "created_at"),
		.associated_at = db_int(r, "associated_at"),
	};
	c->source = db_text(a, r, "source");
	c->enrollment_state = db_text(a, r, "enrollment_state");
	return true;
}

static bool
associate_tx(struct db *db, void *ctx, struct error *e)
{
	struct association_ctx *c = ctx;
	const struct work *w = c->w;

	if (!db_run(db, Q_ASSOCIATION_PUT,
		    PARAMS(DB_TEXT(uuid_ordered(w->arena)), DB_TEXT(w->tenant_id),
			    DB_TEXT(c->device_id), DB_TEXT(c->policy_id), DB_TEXT(c->actor),
			    DB_INT(w->now)),
		    NULL, e))
		return false;
	{
		autorows r = NULL;
		if (!db_one(db, Q_ASSOCIATION_OF_DEVICE,
			    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->device_id)), &r, e))
			return false;
		c->id = db_text(w->arena, r, "association_id");
	}
	return load(db, c, e) &&
		registration_event_add(db, w, c->device_id, "associated", c->actor,
			"the device is set up by device preparation", e);
}

bool
store_associate(const struct work *w, const char *device_id, const char *policy_id,
	const char *actor, struct association *out, struct error *e)
{
	struct association_ctx c = {
		.w = w, .device_id = device_id, .policy_id = policy_id, .actor = actor};

	if (!store_write(w->session, associate_tx, &c, e))
		return false;
	*out = c.out;
	return true;
}

static bool
dissociate_tx(struct db *db, void *ctx, struct error *e)
{
	struct association_ctx *c = ctx;
	const struct work *w = c->w;

	if (!load(db, c, e))
		return false;
	if (str_eq(c->out.state, "associated")) {
		c->state = "removing";
		return db_run(db, Q_ASSOCIATION_STATE,
			       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->out.device_id),
				       DB_TEXT(c->state), DB_NULL_INT),
			       NULL, e) &&
			registration_event_add(db, w, c->out.device_id, "dissociated", c->actor,
				"the association ends when the device is set up anew", e);
	}
	c->state = "";
	// A device that was only made known by its association has no other reason to stay.
	if (str_eq(c->source, "preparation") && str_eq(c->enrollment_state, "notContacted"))
		return registration_remove(db, w, c->out.device_id, c->actor, e);
	return db_run(db, Q_ASSOCIATION_DELETE, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->id)), NULL,
		       e) &&
		registration_event_add(db, w, c->out.device_id, "dissociated", c->actor,
			"its deployment profile decides again", e);
}

bool
store_dissociate(const struct work *w, const char *association_id, const char *actor,
	const char **state, struct error *e)
{
	struct association_ctx c = {.w = w, .id = association_id, .actor = actor};

	if (!store_write(w->session, dissociate_tx, &c, e))
		return false;
	*state = c.state;
	return true;
}
