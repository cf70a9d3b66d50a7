// SPDX-License-Identifier: Apache-2.0
#include "store/audit.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "pki/hash.h"
#include "store/queries.h"

enum { PAGE = 500, TEXT_MAX = 1 << 20 };

static const char no_hash[] = "0000000000000000000000000000000000000000000000000000000000000000";

// What a row consists of, in the order in which it is hashed.
struct row {
	int64_t seq, at;
	const char *event_id;
	struct audit_event event;
};

static const char *
text_or_empty(const char *text)
{
	return text ? text : "";
}

// Canonical: one JSON list of every column, so that no two rows have the same text.
static bool
canonical(struct arena *arena, const struct work *w, const struct row *row, const char **out,
	struct error *e)
{
	const struct audit_event *v = &row->event;
	const char *const texts[] = {w->tenant_id, row->event_id, v->name, v->component,
		v->category, v->activity, v->activity_type, v->operation, v->result,
		v->correlation_id, v->actor_name, v->actor, v->resource_id, v->resources};
	struct buf text;

	buf_init(&text, arena, TEXT_MAX);
	struct jsonw json = jsonw_on(&text);
	jsonw_array(&json, NULL);
	jsonw_int(&json, NULL, row->seq);
	jsonw_int(&json, NULL, row->at);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		jsonw_str(&json, NULL, text_or_empty(texts[i]));
	jsonw_end_array(&json);
	if (!buf_ok(&text, e))
		return false;
	*out = buf_text(&text);
	return true;
}

static const char *
link_hash(struct arena *arena, const char *before, const char *text)
{
	return sha256_hex(arena, slice_str(arena_printf(arena, "%s\n%s", before, text)));
}

static bool
read_head(struct db *db, const struct work *w, int64_t *seq, const char **sha256, struct error *e)
{
	autorows rows = NULL;

	*seq = 0;
	*sha256 = no_hash;
	if (!db_query(db, Q_AUDIT_HEAD, PARAMS(DB_TEXT(w->tenant_id)), &rows, e))
		return false;
	if (!db_next(rows))
		return true;
	*seq = db_int(rows, "seq");
	*sha256 = db_text(w->arena, rows, "sha256");
	return true;
}

static bool
next_link(struct db *db, const struct work *w, int64_t *seq, const char **before, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, Q_AUDIT_HEAD_NEXT, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(no_hash)), &rows,
		    e))
		return false;
	*seq = db_int(rows, "seq");
	*before = db_text(w->arena, rows, "sha256");
	return true;
}

bool
store_audit(struct db *db, const struct work *w, const struct audit_event *event, struct error *e)
{
	struct row row = {.at = w->now, .event_id = uuid_new(w->arena), .event = *event};
	const struct audit_event *v = &row.event;
	const char *before, *text;

	if (w->noted)
		*w->noted = true;
	if (!row.event.result)
		row.event.result = "Success";
	if (!next_link(db, w, &row.seq, &before, e))
		return false;
	if (!canonical(w->arena, w, &row, &text, e))
		return false;
	const char *hash = link_hash(w->arena, before, text);
#define TEXT(member) DB_TEXT(text_or_empty(v->member))
	return db_run(db, Q_AUDIT_INSERT,
		       PARAMS(DB_TEXT(w->tenant_id), DB_INT(row.seq), DB_TEXT(row.event_id),
			       DB_INT(row.at), TEXT(name), TEXT(component), TEXT(category),
			       TEXT(activity), TEXT(activity_type), TEXT(operation), TEXT(result),
			       TEXT(correlation_id), TEXT(actor_name), TEXT(actor),
			       TEXT(resource_id), TEXT(resources), DB_TEXT(hash)),
		       NULL, e) &&
		db_run(db, Q_AUDIT_HEAD_SET, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(hash)), NULL, e);
#undef TEXT
}

struct note_ctx {
	const struct work *w;
	const struct audit_event *event;
};

static bool
note_tx(struct db *db, void *ctx, struct error *e)
{
	struct note_ctx *c = ctx;

	return store_audit(db, c->w, c->event, e);
}

bool
store_audit_note(const struct work *w, const struct audit_event *event, struct error *e)
{
	struct note_ctx c = {.w = w, .event = event};

	return store_write(w->session, note_tx, &c, e);
}

struct links_ctx {
	const struct work *w;
	struct arena *arena; // of the page
	int64_t after, limit;
	struct audit_link *links;
	size_t count;
	int64_t head_seq;
	const char *head_hash;
};

static bool
read_link(struct links_ctx *c, struct db_rows *rows, struct audit_link *out, struct error *e)
{
	struct arena *a = c->arena;
	struct row row = {
		.seq = db_int(rows, "seq"),
		.event_id = db_text(a, rows, "event_id"),
		.at = db_int(rows, "at"),
		.event =
			{
				.name = db_text(a, rows, "name"),
				.component = db_text(a, rows, "component"),
				.category = db_text(a, rows, "category"),
				.activity = db_text(a, rows, "activity"),
				.activity_type = db_text(a, rows, "activity_type"),
				.operation = db_text(a, rows, "operation"),
				.result = db_text(a, rows, "result"),
				.correlation_id = db_text(a, rows, "correlation_id"),
				.actor_name = db_text(a, rows, "actor_name"),
				.actor = db_text(a, rows, "actor"),
				.resource_id = db_text(a, rows, "resource_id"),
				.resources = db_text(a, rows, "resources"),
			},
	};

	out->seq = row.seq;
	out->sha256 = db_text(a, rows, "sha256");
	return canonical(a, c->w, &row, &out->text, e);
}

static bool
links_tx(struct db *db, void *ctx, struct error *e)
{
	struct links_ctx *c = ctx;
	autorows rows = NULL;

	c->count = 0;
	if (!read_head(db, c->w, &c->head_seq, &c->head_hash, e))
		return false;
	if (!db_query(db, Q_AUDIT_PAGE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_INT(c->after), DB_INT(c->limit)), &rows, e))
		return false;
	while (c->count < (size_t)c->limit && db_next(rows))
		if (!read_link(c, rows, &c->links[c->count++], e))
			return false;
	return true;
}

static bool
read_links(struct links_ctx *c, struct error *e)
{
	c->links = arena_array(c->arena, (size_t)c->limit, sizeof *c->links);
	return store_read(c->w->session, links_tx, c, e);
}

bool
store_audit_links(const struct work *w, int64_t seq, int64_t limit, struct audit_link **out,
	size_t *count, struct error *e)
{
	struct links_ctx c = {.w = w, .arena = w->arena, .after = seq, .limit = limit};

	if (!read_links(&c, e))
		return false;
	*out = c.links;
	*count = c.count;
	return true;
}

bool
store_audit_head(const struct work *w, int64_t *seq, const char **sha256, struct error *e)
{
	struct links_ctx c = {.w = w, .arena = w->arena, .limit = 1};

	if (!read_links(&c, e))
		return false;
	*seq = c.head_seq;
	*sha256 = c.head_hash;
	return true;
}

static bool
broken(struct audit_verdict *verdict, int64_t seq, const char *finding)
{
	verdict->intact = false;
	verdict->broken_seq = seq;
	verdict->finding = finding;
	return true;
}

bool
store_audit_verify(const struct work *w, struct audit_verdict *out, struct error *e)
{
	char before[sizeof no_hash];

	memcpy(before, no_hash, sizeof before);
	*out = (struct audit_verdict){.intact = true};
	for (int64_t seq = 0;;) {
		autoarena(page, ARENA_REQUEST);
		struct links_ctx c = {.w = w, .arena = &page, .after = seq, .limit = PAGE};
		if (!read_links(&c, e))
			return false;
		for (size_t i = 0; i < c.count; i++) {
			const struct audit_link *link = &c.links[i];
			if (link->seq != ++seq)
				return broken(out, seq, "a row is missing");
			if (!str_eq(link->sha256, link_hash(&page, before, link->text)))
				return broken(
					out, seq, "the row was altered, or the one before it");
			snprintf(before, sizeof before, "%s", link->sha256);
			out->events++;
		}
		if (c.count == PAGE)
			continue;
		if (c.head_seq > seq)
			return broken(out, seq + 1, "rows at the end are missing");
		if (c.head_seq < seq || !str_eq(before, c.head_hash))
			return broken(out, seq, "the end of the chain was altered");
		return true;
	}
}
