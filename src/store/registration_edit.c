// SPDX-License-Identifier: Apache-2.0
#include "store/registration_edit.h"

#include "base/str.h"
#include "store/assign.h"
#include "store/queries.h"

struct edit_ctx {
	const struct work *w;
	const char *id, *text;
	const struct registration_edit *registration;
	const struct directory_edit *directory;
	const struct resource_account *account;
};

static bool
look_again(struct db *db, const struct work *w, const char *device_id, struct error *e)
{
	struct assigner *assigner;

	return assigner_open(db, w, &assigner, e) && assigner_apply(assigner, db, device_id, e);
}

static bool
registration_tx(struct db *db, void *ctx, struct error *e)
{
	struct edit_ctx *c = ctx;
	const struct registration_edit *in = c->registration;
	int64_t n;

	if (!db_run(db, Q_OBJECT_DEVICE_EDIT,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(in->group_tag),
			    DB_TEXT(in->assigned_upn), DB_TEXT(in->user_name),
			    DB_TEXT(in->friendly_name)),
		    &n, e))
		return false;
	if (n == 0)
		return error_fault(e, ERR_NOT_FOUND, "device_not_registered", "no such device");
	return !in->group_tag || look_again(db, c->w, c->id, e);
}

bool
store_registration_edit(const struct work *w, const char *device_id,
	const struct registration_edit *in, struct error *e)
{
	struct edit_ctx c = {.w = w, .id = device_id, .registration = in};

	return store_write(w->session, registration_tx, &c, e);
}

static bool
device_of(struct db *db, const struct edit_ctx *c, const char **out, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, Q_OBJECT_DEVICE_OF, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &rows,
		    e))
		return false;
	*out = db_text(c->w->arena, rows, "device_id");
	return true;
}

static bool
directory_tx(struct db *db, void *ctx, struct error *e)
{
	struct edit_ctx *c = ctx;
	const struct directory_edit *in = c->directory;
	const char *device_id;

	return device_of(db, c, &device_id, e) &&
		db_run(db, Q_OBJECT_DIRECTORY_EDIT,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(in->display_name),
				in->account_enabled < 0 ? DB_NULL_INT : DB_INT(in->account_enabled),
				DB_TEXT(in->ownership), DB_TEXT(in->category), DB_TEXT(in->os_type),
				DB_TEXT(in->os_version), DB_TEXT(in->extensions)),
			NULL, e) &&
		(!device_id || look_again(db, c->w, device_id, e));
}

bool
store_directory_edit(const struct work *w, const char *directory_id,
	const struct directory_edit *in, struct error *e)
{
	struct edit_ctx c = {.w = w, .id = directory_id, .directory = in};

	return store_write(w->session, directory_tx, &c, e);
}

static bool
prestage_tx(struct db *db, void *ctx, struct error *e)
{
	struct edit_ctx *c = ctx;
	const struct directory_edit *in = c->directory;
	int64_t n;

	if (!db_run(db, Q_OBJECT_DIRECTORY_PRESTAGE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(in->display_name),
			    DB_INT(in->account_enabled != 0),
			    DB_TEXT(in->ownership ? in->ownership : ""),
			    DB_TEXT(in->os_type ? in->os_type : ""),
			    DB_TEXT(in->os_version ? in->os_version : ""),
			    DB_TEXT(in->category ? in->category : ""),
			    DB_TEXT(in->extensions ? in->extensions : "{}"), DB_INT(c->w->now)),
		    &n, e))
		return false;
	return n == 1 ||
		error_set(e, ERR_CONFLICT,
			"Another object with the same value for property deviceId already exists.");
}

bool
store_directory_prestage(const struct work *w, const char *directory_id,
	const struct directory_edit *in, struct error *e)
{
	struct edit_ctx c = {.w = w, .id = directory_id, .directory = in};

	return store_write(w->session, prestage_tx, &c, e);
}

static bool
unstage_tx(struct db *db, void *ctx, struct error *e)
{
	struct edit_ctx *c = ctx;
	int64_t n;

	return db_run(db, Q_OBJECT_DIRECTORY_UNSTAGE,
		       PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n, e) &&
		(n == 1 || error_set(e, ERR_NOT_FOUND, "there is no such device"));
}

bool
store_directory_unstage(const struct work *w, const char *directory_id, struct error *e)
{
	struct edit_ctx c = {.w = w, .id = directory_id};

	return store_write(w->session, unstage_tx, &c, e);
}

static bool
account_tx(struct db *db, void *ctx, struct error *e)
{
	struct edit_ctx *c = ctx;
	const struct resource_account *in = c->account;
	struct db_param tenant = DB_TEXT(c->w->tenant_id), device = DB_TEXT(c->id);
	int64_t n;

	if (!in)
		return db_run(
			db, Q_OBJECT_RESOURCE_ACCOUNT_DELETE, PARAMS(tenant, device), NULL, e);
	return db_run(db, Q_OBJECT_RESOURCE_ACCOUNT_PUT,
		       PARAMS(tenant, device, DB_TEXT(in->resource_name), DB_TEXT(in->upn),
			       DB_TEXT(in->friendly_name)),
		       &n, e) &&
		(n == 1 ||
			error_fault(e, ERR_NOT_FOUND, "device_not_registered", "no such device"));
}

bool
store_resource_account(const struct work *w, const char *device_id,
	const struct resource_account *in, struct error *e)
{
	struct edit_ctx c = {.w = w, .id = device_id, .account = in};

	return store_write(w->session, account_tx, &c, e);
}

static bool
enrollment_note_tx(struct db *db, void *ctx, struct error *e)
{
	struct edit_ctx *c = ctx;
	int64_t n;

	return db_run(db, Q_OBJECT_ENROLLMENT_NOTE,
		       PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(c->text)), &n, e) &&
		(n == 1 || error_set(e, ERR_NOT_FOUND, "there is no such managed device"));
}

bool
store_enrollment_note(
	const struct work *w, const char *enrollment_id, const char *notes, struct error *e)
{
	struct edit_ctx c = {.w = w, .id = enrollment_id, .text = notes};

	return store_write(w->session, enrollment_note_tx, &c, e);
}

// Its certificate counts no more and nobody waits for what only it could do. A job that it has
// taken is given to another one when its minute is over, not before: it may be at work.
static bool
connector_end(struct db *db, const struct edit_ctx *c, struct error *e)
{
	static const int ends[] = {
		Q_OBJECT_CONNECTOR_REVOKE, Q_OBJECT_CONNECTOR_ORDERS, Q_OBJECT_CONNECTOR_SYNC};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (!db_run(db, ends[i],
			    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_INT(c->w->now)),
			    NULL, e))
			return false;
	return true;
}

static bool
connector_tx(struct db *db, void *ctx, struct error *e)
{
	struct edit_ctx *c = ctx;
	int64_t n;
	bool done = c->text
		? db_run(db, Q_OBJECT_CONNECTOR_RENAME,
			  PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(c->text)), &n, e)
		: connector_end(db, c, e) &&
			db_run(db, Q_OBJECT_CONNECTOR_DELETE,
				PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n, e);

	return done && (n == 1 || error_set(e, ERR_NOT_FOUND, "there is no such connector"));
}

bool
store_connector_rename(const struct work *w, const char *id, const char *name, struct error *e)
{
	struct edit_ctx c = {.w = w, .id = id, .text = name};

	return store_write(w->session, connector_tx, &c, e);
}

bool
store_connector_delete(const struct work *w, const char *id, struct error *e)
{
	struct edit_ctx c = {.w = w, .id = id};

	return store_write(w->session, connector_tx, &c, e);
}
