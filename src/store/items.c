// SPDX-License-Identifier: Apache-2.0
#include "store/items.h"

#include "base/str.h"
#include "domain/esp.h"
#include "domain/setting.h"
#include "store/cohort.h"
#include "store/deployments.h"
#include "store/queries.h"

enum { MAX_REPORTS = 500 };

struct item_ctx {
	const struct work *w;
	const char *device_id, *deployment_id, *text;
	struct item *items;
	size_t count;
	const struct item_state *states;
	const struct report *reports;
	struct report *read;
	struct compliance compliance;
	bool flag;
};

// Ids of the items that assignments give to the device.
static bool
assigned_ids(
	struct db *db, const struct item_ctx *c, const char ***out, size_t *count, struct error *e)
{
	struct arena *a = c->w->arena;
	const char **groups = NULL;
	struct assignment_row *rows = NULL;
	size_t group_count = 0, group_room = 0, row_count = 0, row_room = 0;

	{
		autorows r = NULL;
		if (!db_query(db, Q_GROUP_OF_DEVICE,
			    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id)), &r, e))
			return false;
		while (group_count < COHORT_MAX_GROUPS && db_next(r)) {
			groups = arena_more(a, groups, group_count, &group_room, sizeof *groups);
			groups[group_count++] = db_text(a, r, "group_id");
		}
	}
	{
		// What is assigned to a group of the device's user reaches the device too (W12).
		autorows r = NULL;
		if (!db_query(db, Q_GROUP_OF_DEVICE_USER,
			    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id)), &r, e))
			return false;
		while (group_count < COHORT_MAX_GROUPS && db_next(r)) {
			groups = arena_more(a, groups, group_count, &group_room, sizeof *groups);
			groups[group_count++] = db_text(a, r, "group_id");
		}
	}
	autorows r = NULL;
	if (!db_query(db, Q_ASSIGNMENT_ITEMS, PARAMS(DB_TEXT(c->w->tenant_id)), &r, e))
		return false;
	while (row_count < COHORT_MAX_ROWS && db_next(r)) {
		rows = arena_more(a, rows, row_count, &row_room, sizeof *rows);
		rows[row_count++] = (struct assignment_row){
			.object_id = db_text(a, r, "object_id"),
			.target = assignment_target(db_text(a, r, "target")),
			.group_id = db_text(a, r, "group_id"),
		};
	}
	*out = arena_array(a, row_count, sizeof **out);
	*count = assignment_all(rows, row_count, groups, group_count, *out);
	return true;
}

static struct item
read_item(struct arena *a, struct db_rows *r)
{
	struct item item = {
		.item_id = db_text(a, r, "item_id"),
		.kind = db_text(a, r, "kind"),
		.scope = db_text(a, r, "scope"),
		.name = db_text(a, r, "name"),
		.loc_uri = db_text(a, r, "loc_uri"),
		.format = db_text(a, r, "format"),
		.data = db_text(a, r, "data"),
		.content_sha256 = db_text(a, r, "content_sha256"),
		.content_size = db_int(r, "content_size"),
		.content_name = db_text(a, r, "content_name"),
		.version = db_int(r, "version"),
		.state = db_text(a, r, "state"),
		.sent_version = db_int(r, "sent_version"),
		.fault = db_text(a, r, "fault"),
		.reason = db_text(a, r, "reason"),
	};

	if (item.sent_version < item.version)
		item.state = "pending";
	return item;
}

// Two items may set one node to different values: the newer waits until the other is gone.
static void
find_conflicts(struct arena *arena, struct item *items, size_t count)
{
	struct setting *list = arena_array(arena, count + 1, sizeof *list);

	for (size_t i = 0; i < count; i++)
		list[i] = (struct setting){.id = items[i].item_id,
			.name = items[i].name,
			.loc_uri = items[i].loc_uri,
			.format = items[i].format,
			.data = items[i].data};
	for (size_t i = 0; i < count; i++) {
		const struct setting *winner = setting_winner(list, count, i);
		bool was = str_eq(items[i].state, "conflict");
		if (winner) {
			const char *why = setting_conflict(arena, winner, &list[i]);
			items[i].noted = was && str_eq(items[i].reason, why);
			items[i].state = "conflict";
			items[i].fault = "policy_conflict";
			items[i].reason = why;
		} else if (was) {
			items[i].state = "pending";
			items[i].fault = NULL;
			items[i].reason = "";
		}
	}
}

static bool
items_tx(struct db *db, void *ctx, struct error *e)
{
	struct item_ctx *c = ctx;
	const char **ids;
	size_t id_count;
	autorows r = NULL;

	if (!assigned_ids(db, c, &ids, &id_count, e) ||
		!db_query(db, Q_ITEM_STATE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id)),
			&r, e))
		return false;
	c->items = arena_array(c->w->arena, id_count + 1, sizeof *c->items);
	c->count = 0;
	while (db_next(r)) {
		struct item item = read_item(c->w->arena, r);
		for (size_t i = 0; i < id_count; i++)
			if (str_eq(ids[i], item.item_id))
				c->items[c->count++] = item;
	}
	find_conflicts(c->w->arena, c->items, c->count);
	return true;
}

bool
store_items(const struct work *w, const char *device_id, struct item **out, size_t *count,
	struct error *e)
{
	struct item_ctx c = {.w = w, .device_id = device_id};

	if (!store_read(w->session, items_tx, &c, e))
		return false;
	*out = c.items;
	*count = c.count;
	return true;
}

// Kind, scope and name of an item for its event.
static bool
item_event(struct db *db, const struct item_ctx *c, const struct item_state *s, struct error *e)
{
	struct arena *a = c->w->arena;
	struct event event = {.source = "device", .fault = s->aside ? NULL : s->fault};
	autorows r = NULL;

	if (!db_query(db, Q_ITEM_STATE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id)), &r,
		    e))
		return false;
	while (db_next(r)) {
		struct item item = read_item(a, r);
		if (!str_eq(item.item_id, s->item_id))
			continue;
		enum esp_row row = esp_row_of_item(item.kind, item.scope);
		bool script = str_eq(item.kind, "script"); // no page has a row for them (X36)
		if (row == ESP_ROWS && !script)
			continue;
		event.phase = script ? esp_phase_key(ESP_DEVICE_SETUP)
				     : esp_phase_key(esp_row_info(row)->phase);
		event.row_name = script ? "scripts" : esp_row_info(row)->key;
		event.state = s->fault ? s->aside ? "skipped" : "error" : s->state;
		event.reason = arena_printf(a, "%s%s%s", item.name,
			str_empty(s->reason) ? "" : ": ", s->reason ? s->reason : "");
	}
	db_rows_close(r);
	r = NULL;
	if (!event.phase)
		return true;
	if (!event_add(db, c->w, c->deployment_id, &event, e))
		return false;
	return !event.fault ||
		db_run(db, Q_DEPLOYMENT_FAIL,
			PARAMS(DB_TEXT(c->deployment_id), DB_TEXT(s->fault), DB_TEXT(event.reason)),
			NULL, e);
}

static bool
set_tx(struct db *db, void *ctx, struct error *e)
{
	struct item_ctx *c = ctx;

	for (size_t i = 0; i < c->count; i++) {
		const struct item_state *s = &c->states[i];
		if (!db_run(db, Q_ITEM_SET_STATE,
			    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id),
				    DB_TEXT(s->item_id), DB_TEXT(c->deployment_id),
				    DB_INT(s->version), DB_TEXT(s->state), DB_TEXT(s->fault),
				    DB_TEXT(s->reason ? s->reason : ""), DB_INT(c->w->now)),
			    NULL, e))
			return false;
		if (s->output &&
			!db_run(db, Q_PREPARATION_SCRIPT_RESULT,
				PARAMS(DB_TEXT(c->device_id), DB_TEXT(s->item_id),
					DB_INT(s->exit_code), DB_TEXT(s->output)),
				NULL, e))
			return false;
		if ((str_eq(s->state, "done") || s->fault) && !item_event(db, c, s, e))
			return false;
	}
	return true;
}

bool
store_items_set(const struct work *w, const char *device_id, const char *deployment_id,
	const struct item_state *states, size_t count, struct error *e)
{
	struct item_ctx c = {.w = w,
		.device_id = device_id,
		.deployment_id = deployment_id,
		.states = states,
		.count = count};

	return count == 0 || store_write(w->session, set_tx, &c, e);
}

static bool
reports_tx(struct db *db, void *ctx, struct error *e)
{
	struct item_ctx *c = ctx;

	for (size_t i = 0; i < c->count; i++)
		if (!db_run(db, Q_REPORT_SET,
			    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id),
				    DB_TEXT(c->reports[i].loc_uri), DB_TEXT(c->reports[i].value),
				    DB_INT(c->w->now)),
			    NULL, e))
			return false;
	return true;
}

bool
store_reports(const struct work *w, const char *device_id, const struct report *reports,
	size_t count, struct error *e)
{
	struct item_ctx c = {.w = w, .device_id = device_id, .reports = reports, .count = count};

	return count == 0 || store_write(w->session, reports_tx, &c, e);
}

static bool
report_list_tx(struct db *db, void *ctx, struct error *e)
{
	struct item_ctx *c = ctx;
	autorows r = NULL;

	size_t room = 0;

	c->read = NULL;
	if (!db_query(db, Q_REPORT_LIST, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id)),
		    &r, e))
		return false;
	for (c->count = 0; c->count < MAX_REPORTS && db_next(r); c->count++) {
		c->read = arena_more(c->w->arena, c->read, c->count, &room, sizeof *c->read);
		c->read[c->count] = (struct report){
			.loc_uri = db_text(c->w->arena, r, "loc_uri"),
			.value = db_text(c->w->arena, r, "value"),
		};
	}
	return true;
}

bool
store_report_list(const struct work *w, const char *device_id, struct report **out, size_t *count,
	struct error *e)
{
	struct item_ctx c = {.w = w, .device_id = device_id};

	if (!store_read(w->session, report_list_tx, &c, e))
		return false;
	*out = c.read;
	*count = c.count;
	return true;
}

static bool
compliance_set_tx(struct db *db, void *ctx, struct error *e)
{
	struct item_ctx *c = ctx;

	return db_run(db, Q_COMPLIANCE_SET,
		PARAMS(DB_TEXT(c->device_id), DB_TEXT(c->w->tenant_id), DB_BOOL(c->flag),
			DB_TEXT(c->text), DB_INT(c->w->now)),
		NULL, e);
}

bool
store_compliance_set(const struct work *w, const char *device_id, bool compliant,
	const char *reasons, struct error *e)
{
	struct item_ctx c = {.w = w, .device_id = device_id, .flag = compliant, .text = reasons};

	return store_write(w->session, compliance_set_tx, &c, e);
}

static bool
compliance_forget_tx(struct db *db, void *ctx, struct error *e)
{
	struct item_ctx *c = ctx;
	struct db_params one = PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id));

	c->compliance = (struct compliance){0};
	{
		autorows r = NULL;
		if (!db_query(db, Q_COMPLIANCE_GET, one, &r, e))
			return false;
		if (db_next(r))
			c->compliance = (struct compliance){.evaluated = true,
				.compliant = db_int(r, "compliant") != 0,
				.reasons = db_text(c->w->arena, r, "reasons")};
	}
	return db_run(db, Q_COMPLIANCE_FORGET, one, NULL, e);
}

bool
store_compliance_forget(
	const struct work *w, const char *device_id, struct compliance *before, struct error *e)
{
	struct item_ctx c = {.w = w, .device_id = device_id};

	if (!store_write(w->session, compliance_forget_tx, &c, e))
		return false;
	*before = c.compliance;
	return true;
}

const char *
report_value(const struct report *reports, size_t count, const char *loc_uri)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(reports[i].loc_uri, loc_uri))
			return reports[i].value;
	return NULL;
}

static bool
seen_tx(struct db *db, void *ctx, struct error *e)
{
	struct item_ctx *c = ctx;

	return db_run(db, Q_ENROLLMENT_SESSION, PARAMS(DB_TEXT(c->text), DB_INT(c->w->now)), NULL,
		       e) &&
		db_run(db, Q_DEVICE_CONTACT,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id), DB_INT(c->w->now),
				DB_TEXT("enrolled")),
			NULL, e);
}

bool
store_session_seen(
	const struct work *w, const char *enrollment_id, const char *device_id, struct error *e)
{
	struct item_ctx c = {.w = w, .text = enrollment_id, .device_id = device_id};

	return store_write(w->session, seen_tx, &c, e);
}
