// SPDX-License-Identifier: Apache-2.0
// The report of device preparation (behaviour Z13), and devices that are associated with it (Z15).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "domain/registration.h"
#include "store/preparation.h"

enum { STALE_DAYS = 360 }; // Z15

const struct graph_collection graph_preparation_deployments = {
	.path = "deviceManagement/devicePreparationDeployments",
	.type = &graph_preparation_deployment,
	.view = &view_preparation_deployments,
	.noun = "DevicePreparationDeployment",
	.category = "Enrollment",
};

// GET …/{id}/items: what was set up, in order.
bool
graph_preparation_items(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id");
	const struct json *deployment;

	return graph_view_object(c, c->collection, id, &deployment, e) &&
		graph_list_view(c, &view_preparation_items,
			arena_printf(c->arena, "%s('%s')/items", c->collection->path, id), id, e);
}

static void
association_params(struct call *c, struct db_param *out, size_t *count)
{
	out[(*count)++] = DB_INT(c->work.now - STALE_DAYS * US_PER_DAY);
}

const struct graph_collection graph_preparation_associations = {
	.path = "deviceManagement/devicePreparationAssociations",
	.type = &graph_preparation_association,
	.view = &view_associations,
	.noun = "DevicePreparationAssociation",
	.category = "Enrollment",
	.params = association_params,
};

// --- association ---

struct association_ctx {
	struct call *c;
	const struct json *body;
	const char *id, *policy_id;
	struct registration_line line;
	struct association made;
	const struct json *after;
};

static const char *
member(const struct json *body, const char *name)
{
	const char *text = json_str(body, name);

	return text ? text : "";
}

// By a hardware hash, which a device exports ("Export device information"), or by what its label
// says.
static bool
read_device(struct association_ctx *x, struct error *e)
{
	struct arena *arena = x->c->arena;
	const char *hash = member(x->body, "hardwareHash"),
		   *serial = member(x->body, "serialNumber");

	if (*hash)
		return registration_decode(arena, slice_str(hash), serial, &x->line, e);
	x->line = (struct registration_line){.serial = serial,
		.manufacturer = member(x->body, "manufacturer"),
		.model = member(x->body, "model"),
		.product_key = "",
		.sku_number = "",
		.system_family = ""};
	if (!*serial || registration_placeholder(serial))
		return error_fault(e, ERR_INVALID, "import_serial_placeholder",
			"\"%.40s\" is no serial number", serial);
	return (*x->line.manufacturer && *x->line.model) ||
		error_set(e, ERR_INVALID,
			"a hardwareHash is needed, or manufacturer, model and serialNumber");
}

// A device that is known already is associated as it is; another is known from now on, for device
// preparation only.
static bool
find_or_make(struct association_ctx *x, const char **device_id, struct error *e)
{
	struct call *c = x->c;
	struct registration in = {.serial = x->line.serial,
		.manufacturer = x->line.manufacturer,
		.model = x->line.model,
		.product_key = x->line.product_key ? x->line.product_key : "",
		.ek_id = x->line.ek_id,
		.hardware_hash = x->line.hash,
		.group_tag = "",
		.assigned_upn = "",
		.source = "preparation",
		.sku_number = x->line.sku_number,
		.system_family = x->line.system_family};
	struct registration_result result;

	if (!store_register(&c->work, &in, 1, false, &result, e))
		return false;
	if (!result.created && !str_eq(result.fault, "ztd_already_assigned"))
		return error_fault(e, ERR_CONFLICT, result.fault,
			"the serial number %.40s is another device's", in.serial);
	*device_id = result.device_id;
	return true;
}

static bool
create_tx(void *ctx, struct error *e)
{
	struct association_ctx *x = ctx;
	struct call *c = x->c;
	struct object policy;
	const char *device_id;

	if (*x->policy_id &&
		!store_object(&c->work, graph_preparation_policies.path, x->policy_id, &policy, e))
		return error_set(e, ERR_INVALID, "there is no device preparation policy %.40s",
			x->policy_id);
	if (!find_or_make(x, &device_id, e) ||
		!store_associate(&c->work, device_id, x->policy_id, c->actor, &x->made, e) ||
		!graph_view_object(
			c, &graph_preparation_associations, x->made.association_id, &x->after, e))
		return false;
	struct graph_note note = {.operation = "Create",
		.noun = graph_preparation_associations.noun,
		.category = graph_preparation_associations.category,
		.resource_id = x->made.association_id,
		.resource_name = x->made.serial,
		.type = &graph_preparation_association,
		.after = x->after};
	return graph_note(c, &note, e);
}

// POST {"hardwareHash"} or {"manufacturer","model","serialNumber"}, with "policyId" or without.
bool
graph_association_create(struct call *c, struct error *e)
{
	struct association_ctx x = {.c = c};

	if (!graph_body(c, &x.body, e) || !read_device(&x, e))
		return false;
	x.policy_id = str_lower(c->arena, member(x.body, "policyId"));
	if (!store_together(c->work.session, create_tx, &x, e))
		return false;
	struct graph_answer answer = {.path = graph_preparation_associations.path,
		.type = &graph_preparation_association,
		.objects = &x.after,
		.count = 1};
	return graph_send_object(c, 201, &answer, 0, e);
}

static bool
delete_tx(void *ctx, struct error *e)
{
	struct association_ctx *x = ctx;
	struct call *c = x->c;
	const struct json *before;
	const char *state;

	if (!graph_view_object(c, &graph_preparation_associations, x->id, &before, e) ||
		!store_dissociate(&c->work, x->id, c->actor, &state, e))
		return false;
	struct graph_note note = {.operation = "Delete",
		.noun = graph_preparation_associations.noun,
		.category = graph_preparation_associations.category,
		.resource_id = x->id,
		.resource_name = json_str(before, "serialNumber"),
		.type = &graph_preparation_association,
		.before = before};
	return graph_note(c, &note, e);
}

bool
graph_association_delete(struct call *c, struct error *e)
{
	struct association_ctx x = {.c = c, .id = str_lower(c->arena, http_param(c->req, "id"))};

	return store_together(c->work.session, delete_tx, &x, e) && call_done(c);
}
