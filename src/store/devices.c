// SPDX-License-Identifier: Apache-2.0
#include "store/devices.h"

#include "base/str.h"
#include "store/assign.h"
#include "store/queries.h"

bool
device_load(struct db *db, const struct work *w, const char *device_id, struct device *out,
	struct error *e)
{
	autorows r = NULL;
	struct arena *a = w->arena;

	if (!db_one(db, Q_DEVICE_BY_ID, PARAMS(DB_TEXT(device_id)), &r, e)) {
		if (e->code == ERR_NOT_FOUND)
			error_fault(e, ERR_NOT_FOUND, "device_not_registered", "no such device");
		return false;
	}
	struct device d = {
		.device_id = db_text(a, r, "device_id"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.serial = db_text(a, r, "serial"),
		.manufacturer = db_text(a, r, "manufacturer"),
		.model = db_text(a, r, "model"),
		.product_key = db_text(a, r, "product_key"),
		.ek_id = db_text(a, r, "ek_id"),
		.group_tag = db_text(a, r, "group_tag"),
		.assigned_upn = db_text(a, r, "assigned_upn"),
		.friendly_name = db_text(a, r, "friendly_name"),
		.state = db_text(a, r, "state"),
		.attestation_store = db_text(a, r, "attestation_store"),
		.attested_at = db_int(r, "attested_at"),
		.enrollment_state = db_text(a, r, "enrollment_state"),
		.remediation = db_text(a, r, "remediation"),
		.reuse_blocked = db_bool(r, "reuse_blocked"),
		.last_contact_at = db_int(r, "last_contact_at"),
		.created_at = db_int(r, "created_at"),
		.profile_id = db_text(a, r, "profile_id"),
		.esp_id = db_text(a, r, "esp_id"),
		.domain_join_id = db_text(a, r, "domain_join_id"),
		.assigned_at = db_int(r, "assigned_at"),
		.profile_name = db_text(a, r, "profile_name"),
		.join_type = db_text(a, r, "join_type"),
		.preprovisioning = db_bool(r, "preprovisioning"),
		.trust_store = db_text(a, r, "trust_store"),
		.esp_name = db_text(a, r, "esp_name"),
		.domain_join_name = db_text(a, r, "domain_join_name"),
		.domain = db_text(a, r, "domain"),
		.ou = db_text(a, r, "ou"),
		.name_template = db_text(a, r, "name_template"),
		.timeout_minutes = db_int(r, "timeout_minutes"),
		.hybrid_extra_minutes = db_int(r, "hybrid_extra_minutes"),
		.directory_id = db_text(a, r, "directory_id"),
		.trust_type = db_text(a, r, "trust_type"),
		.source = db_text(a, r, "source"),
		.preparation_id = db_text(a, r, "preparation_id"),
	};
	*out = d;
	return true;
}

struct find_ctx {
	const struct work *w;
	const char *id, *ek_id, *manufacturer, *model, *serial;
	struct device *out;
};

static bool
by_id_tx(struct db *db, void *ctx, struct error *e)
{
	struct find_ctx *c = ctx;

	if (!device_load(db, c->w, c->id, c->out, e))
		return false;
	if (c->w->tenant_id && !str_eq(c->out->tenant_id, c->w->tenant_id))
		return error_fault(e, ERR_NOT_FOUND, "device_not_registered", "no such device");
	return true;
}

bool
store_device_by_id(const struct work *w, const char *device_id, struct device *out, struct error *e)
{
	struct find_ctx c = {.w = w, .id = device_id, .out = out};

	return store_read(w->session, by_id_tx, &c, e);
}

// The first device_id of a query, or NULL.
static bool
first_id(struct db *db, const struct work *w, int query, struct db_params params, const char **out,
	struct error *e)
{
	autorows rows = NULL;

	if (!db_query(db, query, params, &rows, e))
		return false;
	*out = db_next(rows) ? db_text(w->arena, rows, "device_id") : NULL;
	return true;
}

static bool
by_serial_tx(struct db *db, void *ctx, struct error *e)
{
	struct find_ctx *c = ctx;
	const char *id;

	if (!first_id(db, c->w, Q_DEVICE_ID_BY_SERIAL,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(str_upper(c->w->arena, c->serial))),
		    &id, e))
		return false;
	if (!id)
		return error_fault(e, ERR_NOT_FOUND, "device_not_registered",
			"no device has the serial number \"%.64s\"", c->serial);
	return device_load(db, c->w, id, c->out, e);
}

bool
store_device_by_serial(
	const struct work *w, const char *serial, struct device *out, struct error *e)
{
	struct find_ctx c = {.w = w, .serial = serial, .out = out};

	return store_read(w->session, by_serial_tx, &c, e);
}

static bool
match_tx(struct db *db, void *ctx, struct error *e)
{
	struct find_ctx *c = ctx;
	const char *id = NULL;

	if (c->ek_id && !first_id(db, c->w, Q_DEVICE_ID_BY_EK, PARAMS(DB_TEXT(c->ek_id)), &id, e))
		return false;
	if (id)
		return device_load(db, c->w, id, c->out, e);
	if (!first_id(db, c->w, Q_DEVICE_ID_BY_HARDWARE,
		    PARAMS(DB_TEXT(c->manufacturer), DB_TEXT(c->model),
			    DB_TEXT(str_upper(c->w->arena, c->serial))),
		    &id, e))
		return false;
	if (!id)
		return error_fault(e, ERR_NOT_FOUND, "device_not_registered",
			"no registration matches %.40s %.40s %.40s", c->manufacturer, c->model,
			c->serial);
	if (!device_load(db, c->w, id, c->out, e))
		return false;
	if (c->ek_id && !str_empty(c->out->ek_id))
		return error_fault(e, ERR_CONFLICT, "hardware_mismatch",
			"serial number %.40s is registered with another TPM", c->serial);
	return true;
}

bool
store_device_match(const struct work *w, const char *ek_id, const char *manufacturer,
	const char *model, const char *serial, struct device *out, struct error *e)
{
	struct find_ctx c = {.w = w,
		.ek_id = ek_id,
		.manufacturer = manufacturer,
		.model = model,
		.serial = serial,
		.out = out};

	return store_read(w->session, match_tx, &c, e);
}
