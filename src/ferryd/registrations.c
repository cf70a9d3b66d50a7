// SPDX-License-Identifier: Apache-2.0
// How registrations end and change hands (behaviour D1-D7, R24, B1-B4; threats rows 1 and 20).
#include "base/str.h"
#include "domain/fault.h"
#include "domain/registration.h"
#include "ferryd/deletions.h"
#include "ferryd/handlers.h"
#include "store/registration.h"

enum { MAX_KEYS = 10000, KEY_MAX = 512, HASH_TEXT_MAX = 16 << 10 };

static const char *
actor(const struct call *c)
{
	return c->actor ? c->actor : "";
}

static struct principal
principal(const struct call *c)
{
	const char *id = c->user_id ? c->user_id : c->client_id;

	return (struct principal){.id = id ? id : "", .name = actor(c)};
}

static bool
read_keys(struct call *c, const struct json *body, const char *const **out, size_t *count,
	struct error *e)
{
	const struct json *list = json_get(body, "devices");
	const char **keys;
	size_t n = 0;

	if (!list || list->type != JSON_ARRAY || !list->count || list->count > MAX_KEYS)
		return error_set(e, ERR_INVALID,
			"\"devices\" must be a list of 1 to %d ids or serial numbers", MAX_KEYS);
	keys = arena_array(c->arena, list->count, sizeof *keys);
	for (const struct json *item = list->first; item; item = item->next) {
		if (item->type != JSON_STRING || !item->len || item->len > KEY_MAX)
			return error_set(e, ERR_INVALID, "\"devices\" must hold texts");
		keys[n++] = item->text;
	}
	*out = keys;
	*count = n;
	return true;
}

// --- deregistration ---

static void
write_account(struct jsonw *w, const struct deregistration *d)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "kind", "computerAccount");
	jsonw_str(w, "name", d->computer_name);
	jsonw_str(w, "dn", d->dn);
	jsonw_str(w, "domain", d->domain);
	jsonw_end_object(w);
}

// What goes (or would go), and what stays for somebody else to remove.
static void
write_end(struct jsonw *w, const struct deregistration *d)
{
	const struct fault *fault = fault_find(d->fault);

	jsonw_object(w, NULL);
	jsonw_str(w, "serialNumber", d->serial);
	jsonw_str(w, "registrationId", str_empty(d->device_id) ? NULL : d->device_id);
	jsonw_bool(w, "removed", d->done);
	jsonw_str(w, "fault", d->fault);
	jsonw_str(w, "fix", fault ? fault->fix : NULL);
	if (!d->fault) {
		jsonw_str(w, "directoryDeviceId",
			str_empty(d->directory_id) ? NULL : d->directory_id);
		jsonw_str(w, "managedDeviceId", str_empty(d->managed_id) ? NULL : d->managed_id);
		jsonw_str(w, "assignedUser", str_empty(d->user) ? NULL : d->user);
		jsonw_int(w, "enrollments", d->enrollments);
		jsonw_int(w, "certificates", d->certificates);
		jsonw_int(w, "deployments", d->deployments);
		jsonw_array(w, "stays");
		if (!str_empty(d->computer_name))
			write_account(w, d);
		jsonw_end_array(w);
	}
	jsonw_end_object(w);
}

static void
write_request(struct call *c, struct jsonw *w, const struct deletion_request *r)
{
	jsonw_str(w, "id", r->request_id);
	jsonw_str(w, "state", r->state);
	jsonw_str(w, "requestedBy", r->requested_by);
	jsonw_str(w, "decidedBy", str_empty(r->decided_by) ? NULL : r->decided_by);
	jsonw_int(w, "devices", r->count);
	jsonw_int(w, "removed", r->removed);
	jsonw_str(w, "createdDateTime", clock_rfc3339(c->arena, r->created_at));
	jsonw_str(w, "expiresDateTime", clock_rfc3339(c->arena, r->expires_at));
}

static bool
send_request(struct call *c, int status, const struct deletion_request *r, struct error *e)
{
	struct buf body;
	struct jsonw w = call_object(c, &body);

	write_request(c, &w, r);
	// Who is to agree sees to what.
	jsonw_raw(&w, "keys", r->items);
	return call_send(c, status, &w, &body, e);
}

// GET /ferry/v1/deregistrations: the last requests and what was decided.
bool
deregistration_list(struct call *c, struct error *e)
{
	struct deletion_request *list;
	struct buf body;
	size_t count;

	if (!store_deletions(&c->work, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		write_request(c, &w, &list[i]);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

// POST /ferry/v1/deregistrations {"devices":[id or serial number …],"dryRun"}. More than 50 at once
// wait for a second person: 202.
bool
deregistration_create(struct call *c, struct error *e)
{
	const struct json *body;
	const char *const *keys;
	struct principal who = principal(c);
	struct deletion_request request;
	struct buf reply;
	size_t count, gone = 0;

	if (!call_json(c, &body, e) || !read_keys(c, body, &keys, &count, e))
		return false;
	bool dry_run = json_bool(body, "dryRun", false);
	c->noted = dry_run; // then it is a question
	if (!dry_run && count > DEREGISTER_ALONE)
		return store_deletion_request(&c->work, &who, keys, count, &request, e) &&
			send_request(c, 202, &request, e);
	struct deregistration *out = arena_array(c->arena, count, sizeof *out);
	if (!store_deregister(&c->work, keys, count, dry_run, actor(c), out, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_bool(&w, "dryRun", dry_run);
	jsonw_bool(&w, "needsSecondPerson", count > DEREGISTER_ALONE);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		write_end(&w, &out[i]);
		gone += out[i].done;
	}
	jsonw_end_array(&w);
	deletions_done(c, gone);
	return call_send(c, 200, &w, &reply, e);
}

bool
deregistration_get(struct call *c, struct error *e)
{
	struct deletion_request request;

	return store_deletion_get(&c->work, http_param(c->req, "id"), &request, e) &&
		send_request(c, 200, &request, e);
}

static bool
decide_deregistration(struct call *c, bool approve, struct error *e)
{
	struct principal who = principal(c);
	struct deletion_request request;

	return store_deletion_decide(
		       &c->work, http_param(c->req, "id"), &who, approve, &request, e) &&
		send_request(c, 200, &request, e);
}

bool
deregistration_approve(struct call *c, struct error *e)
{
	return decide_deregistration(c, true, e);
}

bool
deregistration_refuse(struct call *c, struct error *e)
{
	return decide_deregistration(c, false, e);
}

// GET /ferry/v1/orphanAccounts: accounts in Active Directory whose device is gone (D5).
bool
orphan_accounts(struct call *c, struct error *e)
{
	struct orphan_account *list;
	struct buf body;
	size_t count;

	if (!store_orphan_accounts(&c->work, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "id", list[i].object_guid);
		jsonw_str(&w, "computerName", list[i].computer_name);
		jsonw_str(&w, "domain", list[i].domain);
		jsonw_str(&w, "dn", list[i].dn);
		jsonw_str(&w, "serialNumber", list[i].serial);
		jsonw_str(&w, "createdDateTime", clock_rfc3339(c->arena, list[i].created_at));
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

bool
orphan_account_done(struct call *c, struct error *e)
{
	return store_orphan_done(&c->work, http_param(c->req, "id"), actor(c), e) && call_done(c);
}

// GET /ferry/v1/registrations/{id}/events: what happened to a registration, also after its end.
bool
registration_events(struct call *c, struct error *e)
{
	struct registration_event *list;
	struct buf body;
	size_t count;

	if (!store_registration_events(&c->work, http_param(c->req, "id"), &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "at", clock_rfc3339_us(c->arena, list[i].at));
		jsonw_str(&w, "kind", list[i].kind);
		jsonw_str(&w, "actor", list[i].actor);
		jsonw_str(&w, "detail", list[i].detail);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

// POST /ferry/v1/registrations/{id}/block {"reason"}: as it stands after a deployment without a
// person (behaviour B1); allowNextEnrollment ends it.
bool
registration_block(struct call *c, struct error *e)
{
	const struct json *body;
	const char *reason;

	return call_json(c, &body, e) && json_need_str(body, "reason", KEY_MAX, &reason, e) &&
		store_device_block(&c->work, http_param(c->req, "id"), actor(c), reason, e) &&
		call_done(c);
}

// --- transfer ---

// POST /ferry/v1/transfers {"hardwareHash","serialNumber"}: ask the organization that has
// registered this hardware.
bool
transfer_request(struct call *c, struct error *e)
{
	struct registration_line line = {0};
	const char *text, *id;
	const struct json *body;
	struct buf reply;

	if (!call_json(c, &body, e) ||
		!json_need_str(body, "hardwareHash", HASH_TEXT_MAX, &text, e))
		return false;
	const char *serial = json_str(body, "serialNumber");
	if (!registration_decode(c->arena, slice_str(text), serial ? serial : "", &line, e))
		return false;
	struct transfer_claim claim = {.ek_id = line.ek_id,
		.manufacturer = line.manufacturer,
		.model = line.model,
		.serial_key = registration_key(c->arena, line.serial, line.ek_id)};
	if (!store_transfer_request(&c->work, &claim, actor(c), &id, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "id", id);
	jsonw_str(&w, "state", "waiting");
	return call_send(c, 201, &w, &reply, e);
}

// GET /ferry/v1/transfers: what this organization has asked for, and what it was asked for.
bool
transfer_list(struct call *c, struct error *e)
{
	struct device_transfer *list;
	struct buf body;
	size_t count;

	if (!store_transfers(&c->work, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		const struct device_transfer *t = &list[i];
		jsonw_object(&w, NULL);
		jsonw_str(&w, "id", t->transfer_id);
		jsonw_str(&w, "serialNumber", t->serial);
		jsonw_str(&w, "direction", t->ours ? "in" : "out");
		jsonw_str(&w, "organization", t->organization);
		jsonw_str(&w, "state", t->state);
		jsonw_str(&w, "requestedBy", t->requested_by);
		jsonw_str(&w, "decidedBy", str_empty(t->decided_by) ? NULL : t->decided_by);
		jsonw_str(&w, "createdDateTime", clock_rfc3339(c->arena, t->created_at));
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

bool
transfer_approve(struct call *c, struct error *e)
{
	return store_transfer_decide(&c->work, http_param(c->req, "id"), actor(c), true, e) &&
		call_done(c);
}

bool
transfer_refuse(struct call *c, struct error *e)
{
	return store_transfer_decide(&c->work, http_param(c->req, "id"), actor(c), false, e) &&
		call_done(c);
}
