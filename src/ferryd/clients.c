// SPDX-License-Identifier: Apache-2.0
// API clients: programs of their own, and applications that sign people in.
#include "store/clients.h"

#include "base/str.h"
#include "base/uuid.h"
#include "ferryd/handlers.h"
#include "ferryd/sign_in.h"

enum { PAGE = 100, NAME_LENGTH = 120, MOST_REDIRECTS = 32, SCOPES_MAX = 4096 };

static void
write_client(struct call *c, struct jsonw *w, const struct client *in)
{
	static const char *const members[REDIRECT_KINDS] = {
		"webRedirectUris", "spaRedirectUris", "nativeRedirectUris"};

	jsonw_str(w, "id", in->client_id);
	jsonw_str(w, "displayName", in->name);
	jsonw_bool(w, "public", in->is_public);
	jsonw_raw(w, "permissions", in->roles);
	jsonw_str(w, "scopes", in->scopes);
	jsonw_bool(w, "deviceCode", in->device_code);
	for (int kind = 0; kind < REDIRECT_KINDS; kind++) {
		jsonw_array(w, members[kind]);
		for (size_t i = 0; i < in->redirect_count; i++)
			if (in->redirects[i].kind == (enum redirect_kind)kind)
				jsonw_str(w, NULL, in->redirects[i].uri);
		jsonw_end_array(w);
	}
	jsonw_str(w, "createdDateTime", clock_rfc3339(c->arena, in->created_at));
}

bool
clients_list(struct call *c, struct error *e)
{
	const char *after = http_query(c->req, "$skiptoken");
	struct client *list;
	struct buf body;
	size_t count;

	if (!store_client_page(&c->work, after ? after : "", PAGE, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		write_client(c, &w, &list[i]);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	if (count == PAGE)
		jsonw_str(&w, "@odata.nextLink",
			arena_printf(c->arena, "%s%s?$skiptoken=%s", c->service->base_url,
				c->req->path, list[count - 1].client_id));
	return call_send(c, 200, &w, &body, e);
}

static bool
read_redirects(struct call *c, const struct json *json, struct client *out, struct error *e)
{
	static const char *const members[REDIRECT_KINDS] = {
		"webRedirectUris", "spaRedirectUris", "nativeRedirectUris"};
	struct redirect *list = arena_array(c->arena, MOST_REDIRECTS, sizeof *list);

	out->redirects = list;
	out->redirect_count = 0;
	for (int kind = 0; kind < REDIRECT_KINDS; kind++) {
		const struct json *uris = json_get(json, members[kind]);
		for (const struct json *u = uris && uris->type == JSON_ARRAY ? uris->first : NULL;
			u; u = u->next) {
			if (u->type != JSON_STRING)
				return error_set(e, ERR_INVALID, "a redirect URI must be a text");
			if (out->redirect_count == MOST_REDIRECTS)
				return error_set(
					e, ERR_LIMIT, "more than %d redirect URIs", MOST_REDIRECTS);
			if (!redirect_check((enum redirect_kind)kind, u->text, e))
				return false;
			list[out->redirect_count++] =
				(struct redirect){.kind = (enum redirect_kind)kind, .uri = u->text};
		}
	}
	return true;
}

// Nobody can make a program that may more than he himself.
static bool
read_permissions(struct call *c, const struct json *json, struct client *out, struct error *e)
{
	const struct json *list = json_get(json, "permissions");
	struct buf text;

	buf_init(&text, c->arena, 16 << 10);
	struct jsonw w = jsonw_on(&text);
	jsonw_array(&w, NULL);
	for (const struct json *p = list && list->type == JSON_ARRAY ? list->first : NULL; p;
		p = p->next) {
		enum scope scope =
			p->type == JSON_STRING ? scope_find(p->text, p->len) : SCOPE_COUNT;
		if (scope == SCOPE_COUNT)
			return error_set(e, ERR_INVALID, "there is no permission of that name");
		if (!(c->scopes & SCOPE_BIT(scope)))
			return error_set(e, ERR_DENIED,
				"you cannot give the permission %s, which you do not have",
				scope_name(scope));
		jsonw_str(&w, NULL, scope_name(scope));
	}
	jsonw_end_array(&w);
	out->roles = buf_text(&text);
	return buf_ok(&text, e);
}

static bool
read_client(struct call *c, struct client *out, struct error *e)
{
	const struct json *json;

	if (!call_json(c, &json, e) ||
		!json_need_str(json, "displayName", NAME_LENGTH, &out->name, e) ||
		!read_redirects(c, json, out, e) || !read_permissions(c, json, out, e))
		return false;
	out->is_public = json_bool(json, "public", false);
	out->device_code = json_bool(json, "deviceCode", false);
	out->scopes = json_str(json, "scopes") ? json_str(json, "scopes") : "";
	if (strlen(out->scopes) > SCOPES_MAX)
		return error_set(e, ERR_LIMIT, "scopes is too long");
	if (out->is_public && !str_eq(out->roles, "[]"))
		return error_set(e, ERR_INVALID,
			"a public client can keep no secret, and so has no permissions of its own");
	return true;
}

bool
clients_create(struct call *c, struct error *e)
{
	struct client client = {.client_id = uuid_new(c->arena), .created_at = c->work.now};
	const char *secret = NULL;
	struct buf body;

	if (!read_client(c, &client, e))
		return false;
	client.secret_sha256 = "";
	if (!client.is_public) {
		secret = secret_new(c->arena);
		client.secret_sha256 = secret_sha256(c->arena, secret);
	}
	if (!store_client_create(&c->work, &client, e))
		return false;
	struct jsonw w = call_object(c, &body);
	write_client(c, &w, &client);
	if (secret)
		jsonw_str(&w, "clientSecret", secret);
	http_response_header(c->resp, "Cache-Control", "no-store");
	return call_send(c, 201, &w, &body, e);
}

static bool
load(struct call *c, struct client *out, struct error *e)
{
	const char *tenant = c->work.tenant_id;

	if (!store_client_get(&c->work, http_param(c->req, "id"), out, e) ||
		!str_eq(out->tenant_id, tenant))
		return error_set(e, ERR_NOT_FOUND, "there is no such client");
	return true;
}

bool
clients_get(struct call *c, struct error *e)
{
	struct client client;
	struct buf body;

	if (!load(c, &client, e))
		return false;
	struct jsonw w = call_object(c, &body);
	write_client(c, &w, &client);
	return call_send(c, 200, &w, &body, e);
}

bool
clients_update(struct call *c, struct error *e)
{
	struct client old, client;
	struct buf body;

	if (!load(c, &old, e))
		return false;
	client = old;
	if (!read_client(c, &client, e))
		return false;
	if (client.is_public != old.is_public)
		return error_set(e, ERR_CONFLICT,
			"whether a client is public cannot be changed: make another");
	if (!store_client_update(&c->work, &client, e))
		return false;
	struct jsonw w = call_object(c, &body);
	write_client(c, &w, &client);
	return call_send(c, 200, &w, &body, e);
}

bool
clients_delete(struct call *c, struct error *e)
{
	return store_client_delete(&c->work, http_param(c->req, "id"), e) && call_done(c);
}
