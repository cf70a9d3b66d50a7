// SPDX-License-Identifier: Apache-2.0
// Changes as entries of the audit log: who, what, and which values were before and are now.
#include "ferryd/graph/note.h"

#include "ferryd/graph/edge.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/audit.h"
#include <ctype.h>

enum { NOTE_MAX = 512 << 10, VALUE_MAX = 2000 };

static const char *
actor_json(struct call *c)
{
	struct buf text;

	buf_init(&text, c->arena, NOTE_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "type", c->user_id ? "ItPro" : "Application");
	jsonw_str(&w, "auditActorType", c->user_id ? "ItPro" : "Application");
	jsonw_array(&w, "userPermissions");
	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
		if (c->scopes & SCOPE_BIT(scope))
			jsonw_str(&w, NULL, scope_name(scope));
	jsonw_end_array(&w);
	jsonw_str(&w, "applicationId", c->client_id);
	jsonw_str(&w, "applicationDisplayName", c->user_id ? NULL : c->actor);
	jsonw_str(&w, "userPrincipalName", c->user_id ? c->actor : NULL);
	jsonw_str(&w, "servicePrincipalName", NULL);
	jsonw_str(&w, "ipAddress", c->req->peer_address);
	jsonw_str(&w, "userId", c->user_id);
	jsonw_end_object(&w);
	return buf_text(&text);
}

// A secret anywhere below a property keeps the whole of it out of the log.
static bool
holds_secret(const struct odata_property *p, int depth)
{
	if (p->flags & OD_SECRET)
		return true;
	if (p->kind != OD_COMPLEX || (p->flags & OD_NAV) || depth > 4)
		return false;
	const struct odata_property *inner;
	for (size_t i = 0; (inner = odata_property_at(p->complex, i)); i++)
		if (holds_secret(inner, depth + 1))
			return true;
	return false;
}

// A value for people, cut when it is long; NULL for none.
static const char *
value_text(struct call *c, const struct json *value)
{
	struct error ignored;
	const char *text;

	if (!value || value->type == JSON_NULL)
		return NULL;
	if (value->type == JSON_STRING)
		text = value->text;
	else if (!json_text(c->arena, value, NOTE_MAX, &text, &ignored))
		text = "";
	if (strlen(text) <= VALUE_MAX)
		return text;
	size_t len = VALUE_MAX;
	while (len && !utf8_valid(slice_of(text, len)))
		len--;
	return arena_strndup(c->arena, text, len);
}

static void
put_difference(struct call *c, struct jsonw *w, const struct graph_note *note,
	const struct odata_property *p)
{
	const struct json *was = json_get(note->before, p->name);
	const struct json *is = json_get(note->after, p->name);
	const char *before = value_text(c, was), *after = value_text(c, is);

	if ((!before && !after) || str_eq(before, after))
		return;
	if (holds_secret(p, 0)) {
		before = before ? "(secret)" : NULL;
		after = after ? "(secret)" : NULL;
	}
	jsonw_object(w, NULL);
	jsonw_str(w, "displayName", p->name);
	jsonw_str(w, "oldValue", before);
	jsonw_str(w, "newValue", after);
	jsonw_end_object(w);
}

static const char *
resources_json(struct call *c, const struct graph_note *note)
{
	const struct odata_property *p;
	struct buf text;

	buf_init(&text, c->arena, NOTE_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_array(&w, NULL);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "displayName", note->resource_name);
	jsonw_str(&w, "type", note->noun);
	jsonw_str(&w, "auditResourceType", note->noun);
	jsonw_str(&w, "resourceId", note->resource_id);
	jsonw_array(&w, "modifiedProperties");
	for (size_t i = 0; note->type && (p = odata_property_at(note->type, i)); i++)
		put_difference(c, &w, note, p);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	return text.overflow ? "[]" : buf_text(&text);
}

bool
graph_note(struct call *c, const struct graph_note *note, struct error *e)
{
	const char *verb = note->action ? note->action : note->operation;
	const char *activity = arena_printf(c->arena, "%s %s", verb, note->noun);
	struct audit_event event = {
		.name = activity,
		.component = "DeviceManagement",
		.category = note->category,
		.activity = activity,
		.activity_type = activity,
		.operation = note->operation,
		.correlation_id = c->request_id,
		.actor_name = c->actor,
		.actor = actor_json(c),
		.resource_id = note->resource_id,
		.resources = resources_json(c, note),
	};

	return store_audit_note(&c->work, &event, e);
}

static const char *
capital(struct arena *arena, const char *text, size_t len)
{
	char *word = arena_strndup(arena, text, len);

	word[0] = (char)toupper((unsigned char)word[0]);
	return word;
}

bool
note_route(struct call *c, const char *pattern, struct error *e)
{
	static const char root[] = "/ferry/v1/";
	static const struct {
		const char *method, *operation;
	} operations[] = {
		{"POST", "Create"}, {"PUT", "Patch"}, {"PATCH", "Patch"}, {"DELETE", "Delete"}};
	const char *noun = pattern + sizeof root - 1, *last = strrchr(pattern, '/') + 1;
	const char *id = c->req->param_count ? c->req->params[0].value : "";
	struct graph_note note = {
		.noun = capital(c->arena, noun, strcspn(noun, "/")),
		.category = "Other",
		.resource_id = id,
		.resource_name = id,
	};

	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
		if (str_eq(c->req->method, operations[i].method))
			note.operation = operations[i].operation;
	// Something done with an object that is there.
	if (last != noun && *last != '{') {
		note.operation = "Action";
		note.action = capital(c->arena, last, strlen(last));
	}
	return graph_note(c, &note, e);
}
