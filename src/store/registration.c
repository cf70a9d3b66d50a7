// SPDX-License-Identifier: Apache-2.0
#include "store/registration.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "domain/registration.h"
#include "store/assign.h"
#include "store/audit.h"
#include "store/hardware.h"
#include "store/queries.h"

// How many rows are put into one table before the next one's turn.
enum { PORTION = 256, DEVICE_PARAMS = 16, HASH_PARAMS = 3, DIRECTORY_PARAMS = 5, MEMO = 256 };
// From here on a registration is a bulk write.
enum { BULK = 100 };

// The cohort of the last devices that looked alike: a file has few kinds.
struct memo {
	const char *manufacturer, *model, *group_tag, *purchase_order;
	bool unregistered;
	struct placement place;
};

struct batch {
	const struct work *w;
	const struct register_options *options;
	struct assigner *assigner;
	time_us at;
	struct memo memo[MEMO];
	const struct registration *in;
	struct registration_result *out;
	// Of the portion in progress.
	struct placement places[PORTION];
	const char *ids[PORTION];
	struct db_param device[PORTION][DEVICE_PARAMS], hash[PORTION][HASH_PARAMS];
	struct db_param directory[PORTION][DIRECTORY_PARAMS];
	struct db_params sets[PORTION];
	int64_t added[PORTION];
};

static const char *
or_empty(const char *text)
{
	return text ? text : "";
}

static size_t
memo_slot(const struct registration *r)
{
	const char *const parts[] = {r->manufacturer, r->model, r->group_tag, r->purchase_order};
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		for (const char *c = or_empty(parts[i]); *c; c++)
			hash = (hash ^ (uint8_t)*c) * 16777619u;
	return hash % MEMO;
}

static bool
is_preparation(const struct registration *r)
{
	return str_eq(r->source, "preparation");
}

static bool
place(struct batch *b, struct db *db, const struct registration *r, struct placement *out,
	struct error *e)
{
	struct memo *m = &b->memo[memo_slot(r)];
	const char *order = or_empty(r->purchase_order);
	bool unregistered = is_preparation(r);

	if (!m->manufacturer || !str_eq(m->manufacturer, r->manufacturer) ||
		!str_eq(m->model, r->model) || !str_eq(m->group_tag, r->group_tag) ||
		!str_eq(m->purchase_order, order) || m->unregistered != unregistered) {
		struct device_facts facts =
			facts_at_registration(r->manufacturer, r->model, r->group_tag, order);
		facts.unregistered = unregistered;
		m->manufacturer = NULL;
		if (!assigner_place(b->assigner, db, &facts, &m->place, e))
			return false;
		m->manufacturer = r->manufacturer;
		m->model = r->model;
		m->group_tag = r->group_tag;
		m->purchase_order = order;
		m->unregistered = unregistered;
	}
	*out = m->place;
	return true;
}

static const char *
key_of(const struct batch *b, const struct registration *r)
{
	return r->serial_key ? r->serial_key : registration_key(b->w->arena, r->serial, r->ek_id);
}

static void
bind_device(struct batch *b, size_t i, const struct registration *r)
{
	const struct db_param params[DEVICE_PARAMS] = {DB_TEXT(b->ids[i]), DB_TEXT(b->w->tenant_id),
		DB_TEXT(r->serial), DB_TEXT(key_of(b, r)), DB_TEXT(r->manufacturer),
		DB_TEXT(r->model), DB_TEXT(r->product_key), DB_TEXT(r->ek_id),
		DB_TEXT(r->group_tag), DB_TEXT(or_empty(r->purchase_order)),
		DB_TEXT(r->assigned_upn), DB_TEXT(r->source ? r->source : "hash"), DB_INT(b->at),
		DB_TEXT(b->places[i].cohort_id), DB_TEXT(or_empty(r->sku_number)),
		DB_TEXT(or_empty(r->system_family))};

	memcpy(b->device[i], params, sizeof params);
	b->sets[i] = (struct db_params){b->device[i], DEVICE_PARAMS};
}

static bool
insert_hashes(struct batch *b, struct db *db, const struct registration *in, size_t count,
	struct error *e)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (!b->added[i] || !in[i].hardware_hash.data)
			continue;
		const struct db_param params[HASH_PARAMS] = {
			DB_TEXT(b->ids[i]), DB_TEXT(b->w->tenant_id), DB_BLOB(in[i].hardware_hash)};
		memcpy(b->hash[n], params, sizeof params);
		b->sets[n] = (struct db_params){b->hash[n], HASH_PARAMS};
		n++;
	}
	return db_run_many(db, Q_DEVICE_HASH_INSERT, b->sets, n, NULL, e);
}

// The directory device identifies the PC before anybody signs in (behaviour R14).
static bool
insert_directory(struct batch *b, struct db *db, const struct registration *in, size_t count,
	struct error *e)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (!b->added[i])
			continue;
		const struct db_param params[DIRECTORY_PARAMS] = {
			DB_TEXT(uuid_ordered(b->w->arena)), DB_TEXT(b->w->tenant_id),
			DB_TEXT(b->ids[i]), DB_TEXT(in[i].serial), DB_INT(b->at)};
		memcpy(b->directory[n], params, sizeof params);
		b->sets[n] = (struct db_params){b->directory[n], DIRECTORY_PARAMS};
		n++;
	}
	return db_run_many(db, Q_DIRECTORY_INSERT, b->sets, n, NULL, e);
}

// The same serial number with another TPM.
static bool
other_tpm(const struct batch *b, struct db_rows *rows, const struct registration *r)
{
	const char *ek_id = db_text(b->w->arena, rows, "ek_id");

	return r->ek_id && !str_empty(ek_id) && !str_ieq(ek_id, r->ek_id);
}

// The registration that is there already: the same tenant's keeps its id (806), another tenant's is
// refused (808). *found is false when there is none.
static bool
look_up(struct batch *b, struct db *db, const struct registration *r,
	struct registration_result *out, bool *found, struct error *e)
{
	autorows rows = NULL;
	const struct work *w = b->w;

	if (!db_query(db, Q_DEVICE_CONFLICT,
		    PARAMS(DB_TEXT(r->ek_id), DB_TEXT(w->tenant_id), DB_TEXT(key_of(b, r)),
			    DB_TEXT(r->manufacturer), DB_TEXT(r->model)),
		    &rows, e))
		return false;
	*found = db_next(rows);
	if (!*found)
		return true;
	bool ours = str_eq(db_text(w->arena, rows, "tenant_id"), w->tenant_id);
	bool of_this_import = ours && b->options->at && db_int(rows, "created_at") == b->at;
	*out = (struct registration_result){
		.device_id = ours ? db_text(w->arena, rows, "device_id") : "",
		.fault = of_this_import		? "ztd_duplicated"
			: !ours			? "ztd_assigned_to_other_tenant"
			: other_tpm(b, rows, r) ? "hardware_mismatch"
						: "ztd_already_assigned",
	};
	// The same TPM with another serial number is the same device, and a sign of another board.
	out->changed = ours && !of_this_import &&
		(other_tpm(b, rows, r) ||
			!str_eq(db_text(w->arena, rows, "serial_key"), key_of(b, r)));
	// Device preparation knew it, and nobody has registered it: this import does.
	out->created = ours && !of_this_import && !out->changed && !is_preparation(r) &&
		str_eq(db_text(w->arena, rows, "source"), "preparation");
	if (out->created)
		out->fault = NULL;
	return true;
}

// In words: how much of what identifies a device still agrees, and what does not.
static const char *
describe_change(const struct batch *b, struct slice known_bytes, const struct registration *r)
{
	struct arena *arena = b->w->arena;
	struct hwhash known, seen;
	struct error ignored;

	if (!known_bytes.len || !r->hardware_hash.len ||
		!hwhash_decode(arena, known_bytes, &known, &ignored) ||
		!hwhash_decode(arena, r->hardware_hash, &seen, &ignored))
		return "an imported hash has another TPM or another serial number";
	struct registration_verdict v = registration_compare(arena, &known, &seen);
	return arena_printf(arena, "an imported hash agrees to %d of 100; changed: %s", v.score,
		*v.changed ? v.changed : "nothing that identifies");
}

// A part was replaced (behaviour R30-R32). The imported hash overwrites nothing: the administrator
// has to say what holds, until then "Attention required" (threats row 3).
static bool
quarantine(struct batch *b, struct db *db, const struct registration *r, const char *device_id,
	struct error *e)
{
	const struct work *w = b->w;
	struct slice known = {0};

	{
		autorows rows = NULL;
		if (!db_query(db, Q_DEVICE_HASH_GET,
			    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id)), &rows, e))
			return false;
		if (db_next(rows))
			known = db_blob(w->arena, rows, "hardware_hash");
	}
	return db_run(db, Q_DEVICE_ATTENTION,
		       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id), DB_INT(w->now)), NULL,
		       e) &&
		registration_event_add(db, w, device_id, "hardware_changed", b->options->actor,
			describe_change(b, known, r), e);
}

static bool
adopt(struct batch *b, struct db *db, const struct registration *r, const char *device_id,
	struct error *e)
{
	const struct work *w = b->w;

	return db_run(db, Q_DEVICE_ADOPT,
		       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id),
			       DB_TEXT(r->source ? r->source : "hash"), DB_TEXT(r->group_tag),
			       DB_TEXT(or_empty(r->purchase_order)), DB_TEXT(r->assigned_upn),
			       DB_TEXT(r->product_key)),
		       NULL, e) &&
		registration_event_add(db, w, device_id, "registered", b->options->actor,
			"known by device preparation until now", e) &&
		assigner_apply(b->assigner, db, device_id, e);
}

static bool
meet_existing(struct batch *b, struct db *db, const struct registration *r,
	struct registration_result *out, struct error *e)
{
	bool found;

	if (!look_up(b, db, r, out, &found, e))
		return false;
	if (!found)
		return error_set(e, ERR_INTERNAL, "registration conflicts with nothing");
	if (!out->changed && str_eq(out->fault, "ztd_already_assigned") &&
		!hardware_imported(db, b->w, out->device_id, r->hardware_hash, b->options->actor,
			&out->changed, e))
		return false;
	if (out->created)
		return adopt(b, db, r, out->device_id, e);
	if (out->changed && !quarantine(b, db, r, out->device_id, e))
		return false;
	if (!b->options->update || !str_eq(out->fault, "ztd_already_assigned") ||
		(str_empty(r->group_tag) && str_empty(r->assigned_upn)))
		return true;
	return db_run(db, Q_DEVICE_UPDATE_TAG,
		       PARAMS(DB_TEXT(b->w->tenant_id), DB_TEXT(out->device_id),
			       DB_TEXT(r->group_tag), DB_TEXT(r->assigned_upn)),
		       NULL, e) &&
		assigner_apply(b->assigner, db, out->device_id, e);
}

static bool
finish_portion(struct batch *b, struct db *db, const struct registration *in,
	struct registration_result *out, size_t count, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		if (!b->added[i]) {
			if (!meet_existing(b, db, &in[i], &out[i], e))
				return error_wrap(e, "device %s", in[i].serial);
			continue;
		}
		out[i] = (struct registration_result){.device_id = b->ids[i], .created = true};
		if (b->places[i].undecided && !assigner_apply(b->assigner, db, b->ids[i], e))
			return false;
	}
	return true;
}

static bool
insert_portion(struct batch *b, struct db *db, const struct registration *in,
	struct registration_result *out, size_t count, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		if (!place(b, db, &in[i], &b->places[i], e))
			return error_wrap(e, "device %s", in[i].serial);
		b->ids[i] = uuid_ordered(b->w->arena);
		bind_device(b, i, &in[i]);
	}
	return db_run_many(db, Q_DEVICE_INSERT, b->sets, count, b->added, e) &&
		insert_hashes(b, db, in, count, e) && insert_directory(b, db, in, count, e) &&
		finish_portion(b, db, in, out, count, e);
}

static bool
check_portion(struct batch *b, struct db *db, const struct registration *in,
	struct registration_result *out, size_t count, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		bool found;
		out[i] = (struct registration_result){.device_id = "", .created = true};
		if (!look_up(b, db, &in[i], &out[i], &found, e))
			return false;
	}
	return true;
}

bool
registration_insert(struct db *db, const struct work *w, const struct registration *in,
	size_t count, const struct register_options *options, struct registration_result *out,
	struct error *e)
{
	struct batch *b = arena_new(w->arena, struct batch);

	b->w = w;
	b->options = options;
	b->at = options->at ? options->at : w->now;
	if (!options->check_only && !assigner_open(db, w, &b->assigner, e))
		return false;
	for (size_t at = 0; at < count; at += PORTION) {
		size_t n = count - at < PORTION ? count - at : PORTION;
		if (options->check_only ? !check_portion(b, db, in + at, out + at, n, e)
					: !insert_portion(b, db, in + at, out + at, n, e))
			return false;
	}
	return true;
}

struct register_ctx {
	const struct work *w;
	const struct registration *in;
	size_t count;
	struct register_options options;
	struct registration_result *out;
};

static bool
register_tx(struct db *db, void *ctx, struct error *e)
{
	struct register_ctx *c = ctx;

	return registration_insert(db, c->w, c->in, c->count, &c->options, c->out, e);
}

bool
store_register(const struct work *w, const struct registration *in, size_t count, bool update,
	struct registration_result *out, struct error *e)
{
	struct register_ctx c = {
		.w = w, .in = in, .count = count, .options = {.update = update}, .out = out};

	return count >= BULK ? store_write_bulk(w->session, register_tx, &c, e)
			     : store_write(w->session, register_tx, &c, e);
}

// --- events ---

bool
registration_event_add(struct db *db, const struct work *w, const char *device_id, const char *kind,
	const char *actor, const char *detail, struct error *e)
{
	return db_run(db, Q_REGISTRATION_EVENT_INSERT,
		PARAMS(DB_TEXT(uuid_ordered(w->arena)), DB_TEXT(w->tenant_id), DB_TEXT(device_id),
			DB_INT(w->now), DB_TEXT(kind), DB_TEXT(actor ? actor : "service"),
			DB_TEXT(detail)),
		NULL, e);
}

bool
registration_audit(struct db *db, const struct work *w, const char *actor, const char *operation,
	const char *activity, const char *resource_id, const char *resource_name, struct error *e)
{
	struct buf who, what;

	buf_init(&who, w->arena, 4096);
	struct jsonw json = jsonw_on(&who);
	jsonw_object(&json, NULL);
	jsonw_str(&json, "userPrincipalName", actor ? actor : "service");
	jsonw_end_object(&json);
	buf_init(&what, w->arena, 8192);
	json = jsonw_on(&what);
	jsonw_array(&json, NULL);
	jsonw_object(&json, NULL);
	jsonw_str(&json, "resourceId", resource_id);
	jsonw_str(&json, "displayName", resource_name);
	jsonw_end_object(&json);
	jsonw_end_array(&json);
	struct audit_event event = {.name = activity,
		.component = "Enrollment",
		.category = "Enrollment",
		.activity = activity,
		.activity_type = activity,
		.operation = operation,
		.actor_name = actor ? actor : "service",
		.actor = buf_text(&who),
		.resource_id = resource_id,
		.resources = buf_text(&what)};
	return buf_ok(&who, e) && buf_ok(&what, e) && store_audit(db, w, &event, e);
}

struct events_ctx {
	const struct work *w;
	const char *device_id;
	struct registration_event *out;
	size_t count, room;
};

static bool
events_tx(struct db *db, void *ctx, struct error *e)
{
	struct events_ctx *c = ctx;
	struct arena *arena = c->w->arena;
	autorows rows = NULL;

	c->count = c->room = 0;
	c->out = NULL;
	if (!db_query(db, Q_REGISTRATION_EVENT_LIST,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id)), &rows, e))
		return false;
	while (db_next(rows)) {
		c->out = arena_more(arena, c->out, c->count, &c->room, sizeof *c->out);
		c->out[c->count++] = (struct registration_event){
			.at = db_int(rows, "at"),
			.kind = db_text(arena, rows, "kind"),
			.actor = db_text(arena, rows, "actor"),
			.detail = db_text(arena, rows, "detail"),
		};
	}
	return true;
}

bool
store_registration_events(const struct work *w, const char *device_id,
	struct registration_event **out, size_t *count, struct error *e)
{
	struct events_ctx c = {.w = w, .device_id = device_id};

	if (!store_read(w->session, events_tx, &c, e))
		return false;
	*out = c.out;
	*count = c.count;
	return true;
}
