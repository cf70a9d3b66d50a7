// SPDX-License-Identifier: Apache-2.0
#include "store/naming.h"

#include "base/str.h"
#include "domain/naming.h"
#include "store/devices.h"
#include "store/queries.h"

struct naming_ctx {
	const struct work *w;
	struct naming_view *view;
	const char *device_id;
};

static bool
count_devices(struct db *db, const struct naming_ctx *c, struct error *e)
{
	autorows r = NULL;

	if (!db_one(db, Q_NAME_WANTED,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->view->object_id)), &r, e))
		return false;
	c->view->devices = db_int(r, "devices");
	return true;
}

static bool
naming_tx(struct db *db, void *ctx, struct error *e)
{
	static const unsigned char random[NAME_RANDOM_DIGITS] = {0};
	struct naming_ctx *c = ctx;
	struct naming_view *view = c->view;
	struct error why;
	char *name;

	view->name = view->holder = NULL;
	if (!count_devices(db, c, e))
		return false;
	if (!view->serial || !naming_check(view->template_text, &why) ||
		naming_is_random(view->template_text) ||
		!naming_expand(c->w->arena, view->template_text, view->serial, random, &name, &why))
		return true;
	view->name = name;
	autorows r = NULL;
	if (!db_query(db, Q_NAME_HOLDER,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(str_lower(c->w->arena, name)),
			    DB_TEXT(c->device_id)),
		    &r, e))
		return false;
	if (db_next(r))
		view->holder = db_text(c->w->arena, r, "serial");
	return true;
}

bool
store_naming_view(const struct work *w, struct naming_view *view, struct error *e)
{
	struct naming_ctx c = {.w = w, .view = view, .device_id = ""};
	struct device device;

	if (!str_empty(view->serial)) {
		if (!store_device_by_serial(w, view->serial, &device, e))
			return false;
		c.device_id = device.device_id;
	} else {
		view->serial = NULL;
	}
	return store_read(w->session, naming_tx, &c, e);
}
