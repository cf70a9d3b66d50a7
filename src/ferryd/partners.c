// SPDX-License-Identifier: Apache-2.0
// Manufacturers and resellers: asking for consent, agreeing, and registering for a customer
// (behaviour R7, R11, R13, R22).
#include "store/partners.h"
#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "domain/fault.h"
#include "domain/registration.h"
#include "ferryd/handlers.h"
#include "pki/hash.h"

enum { CODE_BYTES = 32, CODE_MAX = 2 * CODE_BYTES, MAX_ROWS = 1000, ID_MAX = 36 };

static const char *
actor(const struct call *c)
{
	return c->actor ? c->actor : "";
}

// POST /ferry/v1/partner/consents: a code that an administrator of the customer can use once.
bool
partner_consent_offer(struct call *c, struct error *e)
{
	uint8_t bytes[CODE_BYTES];
	const char *id;
	struct buf body;

	random_bytes(bytes, sizeof bytes);
	const char *code = hex_encode(c->arena, slice_of(bytes, sizeof bytes));
	if (!store_consent_offer(&c->work, sha256_hex(c->arena, slice_str(code)), actor(c), &id, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "id", id);
	jsonw_str(&w, "code", code);
	jsonw_str(&w, "expiresDateTime",
		clock_rfc3339(c->arena, c->work.now + CONSENT_DAYS * US_PER_DAY));
	return call_send(c, 201, &w, &body, e);
}

static void
write_consent(struct call *c, struct jsonw *w, const struct partner_consent *p)
{
	jsonw_str(w, "id", p->consent_id);
	jsonw_str(w, "partner", p->partner);
	jsonw_str(w, "partnerTenantId", p->partner_tenant_id);
	jsonw_str(w, "state", p->state);
	jsonw_str(w, "grantedBy", p->granted_by);
	jsonw_str(w, "grantedDateTime",
		p->granted_at ? clock_rfc3339(c->arena, p->granted_at) : NULL);
	jsonw_str(w, "revokedBy", str_empty(p->revoked_by) ? NULL : p->revoked_by);
	jsonw_str(w, "revokedDateTime",
		p->revoked_at ? clock_rfc3339(c->arena, p->revoked_at) : NULL);
}

// POST /ferry/v1/consents {"code"}: agree.
bool
consent_grant(struct call *c, struct error *e)
{
	struct partner_consent consent;
	const struct json *body;
	const char *code;
	struct buf reply;

	if (!call_json(c, &body, e) || !json_need_str(body, "code", CODE_MAX, &code, e) ||
		!store_consent_grant(
			&c->work, sha256_hex(c->arena, slice_str(code)), actor(c), &consent, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	write_consent(c, &w, &consent);
	return call_send(c, 201, &w, &reply, e);
}

bool
consent_list(struct call *c, struct error *e)
{
	struct partner_consent *list;
	struct buf body;
	size_t count;

	if (!store_consent_list(&c->work, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		write_consent(c, &w, &list[i]);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

bool
consent_revoke(struct call *c, struct error *e)
{
	return store_consent_revoke(&c->work, http_param(c->req, "id"), actor(c), e) &&
		call_done(c);
}

// --- registration ---

static const char *
text_of(const struct json *in, const char *name)
{
	const char *text = json_str(in, name);

	return text && strlen(text) <= REGISTRATION_CELL_MAX ? text : "";
}

// A tuple, a product key id, or a hash (R7). What is wrong with it goes into *fault.
static struct registration
read_row(struct call *c, const struct json *in, const char **fault)
{
	struct registration_line line = {0};
	struct registration r = {.serial = text_of(in, "serialNumber"),
		.manufacturer = text_of(in, "manufacturer"),
		.model = text_of(in, "model"),
		.product_key = text_of(in, "productKey"),
		.group_tag = text_of(in, "groupTag"),
		.purchase_order = text_of(in, "purchaseOrderIdentifier"),
		.assigned_upn = ""};
	const char *hash = json_str(in, "hardwareIdentifier");
	struct error why;

	*fault = NULL;
	if (!str_empty(hash)) {
		if (!registration_decode(c->arena, slice_str(hash), r.serial, &line, &why))
			*fault = why.fault ? why.fault : "ztd_hash_invalid";
		r.serial = line.serial;
		r.manufacturer = line.manufacturer;
		r.model = line.model;
		r.ek_id = line.ek_id;
		r.hardware_hash = line.hash;
	} else if (!*r.serial && !*r.product_key) {
		*fault = "import_cell_invalid";
	} else if (*r.serial && (!*r.manufacturer || !*r.model)) {
		*fault = "import_cell_invalid";
	} else if (*r.serial && registration_placeholder(r.serial)) {
		*fault = "import_serial_placeholder";
	}
	return r;
}

static void
write_row(struct jsonw *w, const char *serial, const struct registration_result *r)
{
	int64_t code;
	const char *name = registration_graph_error(r->fault, &code);
	const struct fault *fault = fault_find(r->fault);

	jsonw_object(w, NULL);
	jsonw_str(w, "serialNumber", serial);
	jsonw_str(w, "deviceRegistrationId", r->device_id ? r->device_id : "");
	jsonw_str(w, "deviceImportStatus", r->fault ? "error" : "complete");
	jsonw_int(w, "deviceErrorCode", code);
	jsonw_str(w, "deviceErrorName", name);
	jsonw_str(w, "fix", fault ? fault->fix : NULL);
	jsonw_end_object(w);
}

// POST /ferry/v1/partner/registrations {"tenant","devices":[…]}: each row for itself.
bool
partner_register(struct call *c, struct error *e)
{
	const struct json *body, *list;
	const char *customer;
	struct buf reply;
	size_t count = 0, good = 0;

	if (!call_json(c, &body, e) || !json_need_str(body, "tenant", ID_MAX, &customer, e))
		return false;
	list = json_get(body, "devices");
	if (!list || list->type != JSON_ARRAY || !list->count || list->count > MAX_ROWS)
		return error_set(
			e, ERR_INVALID, "\"devices\" must be a list of 1 to %d (R4)", MAX_ROWS);
	struct registration *rows = arena_array(c->arena, list->count, sizeof *rows);
	struct registration_result *done = arena_array(c->arena, list->count, sizeof *done);
	const char **faults = arena_array(c->arena, list->count, sizeof *faults);
	for (const struct json *in = list->first; in; in = in->next, count++) {
		rows[good] = read_row(c, in, &faults[count]);
		good += !faults[count];
	}
	if (!store_partner_register(
		    &c->work, str_lower(c->arena, customer), rows, good, actor(c), done, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_array(&w, "value");
	count = good = 0;
	for (const struct json *in = list->first; in; in = in->next, count++) {
		struct registration_result bad = {.fault = faults[count]};
		write_row(&w, text_of(in, "serialNumber"), faults[count] ? &bad : &done[good++]);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &reply, e);
}
