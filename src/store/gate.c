// SPDX-License-Identifier: Apache-2.0
#include "store/gate.h"

#include "base/str.h"
#include "store/corporate.h"
#include "store/policy.h"
#include "store/queries.h"

struct gate_ctx {
	const struct work *w;
	const struct device *device;
	const struct gate_device *says;
	struct gate_policies policies;
	struct gate_verdict verdict;
};

struct document {
	const char *id;
	int64_t priority;
	const struct json *json;
};

static bool
load_documents(struct db *db, const struct work *w, const char *collection, struct document **out,
	size_t *count, struct error *e)
{
	size_t room = 0;
	autorows r = NULL;

	*out = NULL;
	*count = 0;
	if (!db_query(db, Q_POLICY_OBJECTS, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(collection)), &r,
		    e))
		return false;
	while (db_next(r)) {
		const char *text = db_text(w->arena, r, "document");
		const struct json *json = json_parse(w->arena, slice_str(text), NULL, e);
		if (!json)
			return error_wrap(e, "%s", collection);
		*out = arena_more(w->arena, *out, *count, &room, sizeof **out);
		(*out)[(*count)++] = (struct document){.id = db_text(w->arena, r, "object_id"),
			.priority = db_int(r, "priority"),
			.json = json};
	}
	return true;
}

// The groups of people that a restriction is assigned to (E10).
static bool
load_targets(struct db *db, const struct work *w, struct gate_restriction *x, struct error *e)
{
	struct id_list groups = {0};
	autorows r = NULL;

	if (!db_query(db, Q_ASSIGNMENT_OF_OBJECT, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(x->id)), &r,
		    e))
		return false;
	while (db_next(r))
		if (!db_is_null(r, "group_id") && str_eq(db_text(w->arena, r, "target"), "group"))
			ids_add(w->arena, &groups, db_text(w->arena, r, "group_id"));
	x->groups = groups.ids;
	x->group_count = groups.count;
	return true;
}

static bool
load_restrictions(struct db *db, struct gate_ctx *c, struct error *e)
{
	const struct work *w = c->w;
	struct document *documents;
	struct gate_restriction *list;
	size_t count, n = 0;

	if (!load_documents(db, w, "deviceManagement/deviceEnrollmentConfigurations", &documents,
		    &count, e))
		return false;
	list = arena_array(w->arena, count + 1, sizeof *list);
	for (size_t i = 0; i < count; i++) {
		if (!gate_read_restriction(w->arena, documents[i].json, &list[n]))
			continue;
		list[n].id = documents[i].id;
		if (!json_get(documents[i].json, "priority"))
			list[n].priority = documents[i].priority;
		if (!load_targets(db, w, &list[n++], e))
			return false;
	}
	c->policies.restrictions = list;
	c->policies.restriction_count = n;
	return true;
}

static bool
load_policies(struct db *db, struct gate_ctx *c, struct error *e)
{
	struct document *documents;
	size_t count;

	c->policies = (struct gate_policies){0};
	if (!load_documents(
		    db, c->w, "policies/mobileDeviceManagementPolicies", &documents, &count, e))
		return false;
	if (count)
		gate_read_management(c->w->arena, documents[0].json, &c->policies);
	if (!load_documents(db, c->w, "policies/deviceRegistrationPolicy", &documents, &count, e))
		return false;
	if (count)
		gate_read_registration(c->w->arena, documents[0].json, &c->policies);
	return load_restrictions(db, c, e);
}

// Most tenants let everybody in: then nothing has to be known of the person.
static bool
asks_for_person(const struct gate_policies *p, const struct gate_request *request)
{
	bool asks = p->management.scope == GATE_SELECTED;

	if (!request->hybrid && !request->userless)
		asks |= p->join.scope == GATE_SELECTED || p->quota > 0;
	for (size_t i = 0; i < p->restriction_count; i++)
		asks |= p->restrictions[i].group_count > 0;
	return request->upn && asks;
}

static bool
load_person(struct db *db, struct gate_ctx *c, struct gate_request *request, struct error *e)
{
	const struct work *w = c->w;
	const char *upn = str_lower(w->arena, request->upn);
	struct id_list groups;

	if (!user_groups(db, w, upn, &groups, e))
		return false;
	request->user_groups = groups.ids;
	request->user_group_count = groups.count;
	{
		autorows r = NULL;
		if (!db_query(db, Q_POLICY_USER_ID, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(upn)), &r,
			    e))
			return false;
		if (db_next(r))
			request->user_id = db_text(w->arena, r, "user_id");
	}
	if (c->policies.quota <= 0 || request->hybrid || request->userless)
		return true;
	autorows r = NULL;
	if (!db_one(db, Q_USER_DEVICE_COUNT,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(upn), DB_TEXT(c->device->device_id)), &r,
		    e))
		return false;
	request->devices_of_user = db_int(r, "devices");
	return true;
}

// R15, E12: registered by an administrator, or named by an identifier before it came.
static bool
is_corporate(
	struct db *db, const struct work *w, const struct device *d, bool *out, struct error *e)
{
	const char *all = arena_printf(w->arena, "%s,%s,%s", d->manufacturer, d->model, d->serial);
	const struct {
		const char *type, *identifier;
	} named[] = {{"serialNumber", d->serial}, {"manufacturerModelSerial", all}};

	*out = !str_eq(d->source, "offline") && !str_eq(d->source, "preparation");
	// An associated device is the organization's: somebody said so (Z15).
	if (!*out && !str_empty(d->device_id)) {
		autorows r = NULL;
		if (!db_query(db, Q_ASSOCIATION_OF_DEVICE,
			    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(d->device_id)), &r, e))
			return false;
		*out = db_next(r) && !str_eq(db_text(w->arena, r, "state"), "removing");
	}
	for (size_t i = 0; i < 2 && !*out; i++) {
		const char *key = corporate_key(w->arena, named[i].type, named[i].identifier);
		autorows r = NULL;
		if (!key)
			continue;
		if (!db_query(db, Q_CORPORATE_FIND,
			    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(named[i].type), DB_TEXT(key)), &r,
			    e))
			return false;
		*out = db_next(r);
	}
	return true;
}

bool
gate_in(struct db *db, const struct work *w, const struct device *d, const struct gate_device *says,
	struct gate_verdict *out, struct error *e)
{
	struct gate_ctx c = {.w = w, .device = d, .says = says};
	struct gate_request request = {
		.hybrid = str_eq(d->join_type, "hybrid"),
		.userless = says->userless,
		.upn = str_empty(d->assigned_upn) ? NULL : d->assigned_upn,
		.os_version = says->os_version,
		.edition = says->edition,
		.manufacturer = d->manufacturer,
	};

	if (!is_corporate(db, w, d, &request.corporate, e) || !load_policies(db, &c, e) ||
		(asks_for_person(&c.policies, &request) && !load_person(db, &c, &request, e)))
		return false;
	*out = enrollment_gate(w->arena, &c.policies, &request);
	return true;
}

static bool
gate_tx(struct db *db, void *ctx, struct error *e)
{
	struct gate_ctx *c = ctx;

	return gate_in(db, c->w, c->device, c->says, &c->verdict, e);
}

bool
store_gate(const struct work *w, const struct device *device, const struct gate_device *says,
	struct gate_verdict *out, struct error *e)
{
	struct gate_ctx c = {.w = w, .device = device, .says = says};

	if (!store_read(w->session, gate_tx, &c, e))
		return false;
	*out = c.verdict;
	return true;
}

struct corporate_of {
	const struct work *w;
	const struct device *device;
	bool out;
};

static bool
corporate_tx(struct db *db, void *ctx, struct error *e)
{
	struct corporate_of *c = ctx;

	return is_corporate(db, c->w, c->device, &c->out, e);
}

bool
store_is_corporate(const struct work *w, const struct device *device, bool *out, struct error *e)
{
	struct corporate_of c = {.w = w, .device = device};

	if (!store_read(w->session, corporate_tx, &c, e))
		return false;
	*out = c.out;
	return true;
}
