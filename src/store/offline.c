// SPDX-License-Identifier: Apache-2.0
#include "store/offline.h"

#include "base/str.h"
#include "store/assign.h"
#include "store/queries.h"
#include "store/registration.h"

struct offline_ctx {
	const struct work *w;
	const struct registration *claim;
	const char *profile_id, *profile_name, *device_id;
	struct device *out;
};

static bool
find_tx(struct db *db, void *ctx, struct error *e)
{
	struct offline_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_PROFILE_OFFLINE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->profile_id)),
		    &r, e))
		return e->code == ERR_NOT_FOUND
			? error_fault(e, ERR_NOT_FOUND, "offline_profile_unknown",
				  "there is no profile %s", c->profile_id)
			: false;
	*c->out = (struct device){
		.tenant_id = c->w->tenant_id,
		.serial = c->claim->serial,
		.manufacturer = c->claim->manufacturer,
		.model = c->claim->model,
		.ek_id = c->claim->ek_id,
		.group_tag = "",
		.assigned_upn = "",
		.source = "offline",
		.profile_id = db_text(a, r, "profile_id"),
		.profile_name = db_text(a, r, "name"),
		.join_type = db_text(a, r, "join_type"),
		.preprovisioning = db_bool(r, "preprovisioning"),
		.trust_store = db_text(a, r, "trust_store"),
		.timeout_minutes = 60,
		.hybrid_extra_minutes = 40,
	};
	return true;
}

bool
store_offline_device(const struct work *w, const struct registration *claim, const char *profile_id,
	struct device *out, struct error *e)
{
	struct offline_ctx c = {.w = w, .claim = claim, .profile_id = profile_id, .out = out};

	return store_read(w->session, find_tx, &c, e);
}

static bool
register_tx(struct db *db, void *ctx, struct error *e)
{
	struct offline_ctx *c = ctx;
	const struct work *w = c->w;
	struct registration_result result = {0};
	struct assigner *assigner;
	static const struct register_options options = {.update = false};

	if (!registration_insert(db, w, c->claim, 1, &options, &result, e))
		return false;
	if (!result.device_id || (result.fault && !str_eq(result.fault, "ztd_already_assigned")))
		return error_fault(e, ERR_CONFLICT,
			result.fault ? result.fault : "hardware_mismatch",
			"%s is registered already", c->claim->serial);
	c->device_id = result.device_id;
	return db_run(db, Q_DEVICE_OFFLINE,
		       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->device_id), DB_TEXT(c->profile_id)),
		       NULL, e) &&
		db_run(db, Q_DIRECTORY_PROFILE_NAME,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->device_id),
				DB_TEXT(c->profile_name)),
			NULL, e) &&
		assigner_open(db, w, &assigner, e) && assigner_apply(assigner, db, c->device_id, e);
}

bool
store_offline_register(const struct work *w, const struct registration *claim,
	const char *profile_id, const char *profile_name, const char **device_id, struct error *e)
{
	struct offline_ctx c = {
		.w = w, .claim = claim, .profile_id = profile_id, .profile_name = profile_name};

	if (!store_write(w->session, register_tx, &c, e))
		return false;
	*device_id = c.device_id;
	return true;
}
