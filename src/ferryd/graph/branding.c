// SPDX-License-Identifier: Apache-2.0
// The organization's branding: there is one, or none (behaviour P10, E16).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"

#define KEY "branding"

static const struct graph_default branding_defaults[] = {{KEY, &graph_branding, "{}"}, {0}};
const struct graph_collection graph_brandings = {
	.path = "organization/branding",
	.type = &graph_branding,
	.noun = "OrganizationalBranding",
	.category = "Directory",
	.defaults = branding_defaults,
	.default_ids_are_keys = true,
};

struct branding_ctx {
	struct call *c;
	const struct json *sent; // NULL: it goes away
	struct object object;
};

// The tenant's own organization only.
static bool
check_organization(struct call *c, struct error *e)
{
	return str_ieq(http_param(c->req, "id"), c->work.tenant_id) ||
		error_set(e, ERR_NOT_FOUND, "there is no such organization");
}

static bool
find(struct branding_ctx *x, struct error *e)
{
	if (!graph_find(x->c, &graph_brandings, KEY, &x->object, e))
		return false;
	return x->object.version > 0 ||
		error_set(e, ERR_NOT_FOUND, "the organization has no branding");
}

static bool
send(struct branding_ctx *x, struct error *e)
{
	const struct json *json = graph_object(x->c, &graph_brandings, &x->object).whole;
	struct graph_answer answer = {.path = graph_brandings.path,
		.type = &graph_branding,
		.objects = &json,
		.count = 1};

	return graph_send_object(x->c, 200, &answer, x->object.version, e);
}

bool
graph_branding_get(struct call *c, struct error *e)
{
	struct branding_ctx x = {.c = c};

	return check_organization(c, e) && find(&x, e) && send(&x, e);
}

static bool
patch_tx(void *ctx, struct error *e)
{
	struct branding_ctx *x = ctx;
	struct call *c = x->c;
	struct graph_change change = {.collection = &graph_brandings, .type = &graph_branding};
	struct odata_body body;

	if (!graph_find(c, &graph_brandings, KEY, &change.object, e) ||
		!graph_if_match(c, change.object.version, e) ||
		!odata_validate(c->arena, &graph_branding, x->sent, ODATA_PATCH, &body, e))
		return false;
	change.sent = body.document;
	change.before = change.object.document;
	change.object.document =
		odata_merge(c->arena, &graph_branding, change.before, body.document);
	if (!graph_store(c, &change, e))
		return false;
	x->object = change.object;
	return true;
}

bool
graph_branding_patch(struct call *c, struct error *e)
{
	struct branding_ctx x = {.c = c};

	return check_organization(c, e) && graph_body(c, &x.sent, e) &&
		store_together(c->work.session, patch_tx, &x, e) && send(&x, e);
}

static bool
delete_tx(void *ctx, struct error *e)
{
	struct branding_ctx *x = ctx;
	struct call *c = x->c;
	struct graph_note note = {.operation = "Delete",
		.noun = graph_brandings.noun,
		.category = graph_brandings.category,
		.resource_id = KEY,
		.resource_name = "",
		.type = &graph_branding};

	if (!find(x, e))
		return false;
	note.before = x->object.document;
	return store_object_delete(&c->work, graph_brandings.path, x->object.id, NULL, e) &&
		graph_note(c, &note, e);
}

bool
graph_branding_delete(struct call *c, struct error *e)
{
	struct branding_ctx x = {.c = c};

	return check_organization(c, e) && store_together(c->work.session, delete_tx, &x, e) &&
		call_done(c);
}
