// SPDX-License-Identifier: Apache-2.0
#include "cli/resource.h"

#include "base/str.h"
#include "cli/assignment.h"

enum { BODY_MAX = 8 << 20 };

const char *
resource_address(
	struct cli *cli, const struct resource *r, const struct json *object, const char *below)
{
	const char *id = json_str(object, "id");

	return arena_printf(cli->arena, "%s/%s%s%s", r->path, url_encode(cli->arena, id ? id : ""),
		below ? "/" : "", below ? below : "");
}

static bool
is_meant(const struct resource *r, const struct json *item)
{
	const char *type = json_str(item, "@odata.type");

	return !r->types || (type && cli_choice_find(r->types, type) >= 0);
}

// --- finding ---

static bool
looks_like_id(const char *text)
{
	return strlen(text) >= 36 && text[8] == '-' && text[13] == '-' && !strchr(text, ' ');
}

static bool
among(struct cli *cli, const struct resource *r, const char *path, const char *wanted,
	const struct json **out, struct error *e)
{
	struct json_list list;
	size_t matches = 0;

	*out = NULL;
	if (!api_list(cli, path, &list, e))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const struct json *item = list.items[i];
		if (!is_meant(r, item))
			continue;
		if (str_ieq(json_str(item, "id"), wanted)) {
			*out = item;
			return true;
		}
		if (str_ieq(json_str(item, r->name), wanted)) {
			*out = item;
			matches++;
		}
	}
	if (matches <= 1)
		return true;
	return error_set(
		e, ERR_CONFLICT, "%zu of these are called \"%s\": use the id", matches, wanted);
}

bool
resource_find(struct cli *cli, const struct resource *r, const char *id_or_name,
	const struct json **out, struct error *e)
{
	const char *path = r->path;

	*out = NULL;
	if (r->large && looks_like_id(id_or_name)) {
		if (api_send(cli, "GET",
			    arena_printf(cli->arena, "%s/%s", r->path,
				    url_encode(cli->arena, id_or_name)),
			    NULL, out, e))
			return true;
		if (e->code != ERR_NOT_FOUND)
			return false;
	}
	if (r->large)
		path = arena_printf(cli->arena, "%s?$filter=%s", r->path,
			url_encode(cli->arena,
				arena_printf(cli->arena, "%s eq %s", r->name,
					api_quote(cli->arena, id_or_name))));
	if (!among(cli, r, path, id_or_name, out, e))
		return false;
	if (*out)
		return true;
	error_set(e, ERR_NOT_FOUND, "there is no %s \"%s\"", r->what, id_or_name);
	return error_hint(e, "see ferry %s", r->hint);
}

// --- reading ---

static void
add_query(struct cli *cli, struct buf *path, const char *name, const char *value)
{
	if (str_empty(value))
		return;
	buf_printf(path, "%c%s=%s", strchr(buf_text(path), '?') ? '&' : '?', name,
		url_encode(cli->arena, value));
}

// --filter and the verb's own conditions; all must hold.
static const char *
condition(struct cli *cli)
{
	const char *own = cli_option(cli, "filter");
	struct buf out;

	buf_init(&out, cli->arena, 64 << 10);
	if (own)
		buf_printf(&out, "(%s)", own);
	for (const struct option_spec *o = cli->verb->options; o && o->name; o++) {
		bool condition = o->kind == OPTION_FILTER || o->kind == OPTION_TIME;
		const char *value = condition ? cli_option(cli, o->name) : NULL;
		const char *hole = value ? strstr(o->member, "%s") : NULL;
		if (!hole)
			continue;
		if (o->kind == OPTION_FILTER)
			value = api_quote(cli->arena, value);
		else if (strlen(value) == 10)
			value = arena_printf(cli->arena, "%sT00:00:00Z", value);
		buf_printf(&out, "%s%.*s%s%s", out.len ? " and " : "", (int)(hole - o->member),
			o->member, value, hole + 2);
	}
	return out.len ? buf_text(&out) : NULL;
}

static bool
first_page(struct cli *cli, const char *path, uint64_t limit, const char **out, struct error *e)
{
	const char *search = cli_option(cli, "search");
	struct buf full;

	buf_init(&full, cli->arena, 128 << 10);
	buf_puts(&full, path);
	add_query(cli, &full, "$filter", condition(cli));
	// Graph wants the text in quotes; those inside have no meaning.
	if (search)
		add_query(cli, &full, "$search", arena_printf(cli->arena, "\"%s\"", search));
	add_query(cli, &full, "$orderby", cli_option(cli, "order-by"));
	if (limit && limit < 100)
		add_query(cli, &full, "$top",
			arena_printf(cli->arena, "%llu", (unsigned long long)limit));
	*out = buf_text(&full);
	return buf_ok(&full, e);
}

static bool
read_limit(const struct cli *cli, uint64_t *out, struct error *e)
{
	const char *text = cli_option(cli, "limit");

	*out = 0;
	if (text && (!str_to_u64(text, INT64_MAX, out) || *out == 0))
		return error_set(e, ERR_INVALID, "--limit is a number from 1 on");
	return true;
}

static void
take_page(const struct cli *cli, const struct resource *r, const struct json *value, uint64_t room,
	struct json_list *out)
{
	out->items = arena_array(cli->arena, value->count + 1, sizeof *out->items);
	out->count = 0;
	for (const struct json *item = value->first; item && out->count < room; item = item->next)
		if (!r || is_meant(r, item))
			out->items[out->count++] = item;
}

// What a page needs lives no longer than the page.
static bool
print_page(struct cli *cli, const struct resource *r, struct printer *p, const char **path,
	uint64_t room, struct error *e)
{
	autoarena(page, ARENA_REQUEST);
	struct arena *whole = cli->arena;
	const struct json *value;
	struct json_list list;

	cli->arena = &page;
	bool ok = api_page(cli, path, &value, e);
	if (ok) {
		take_page(cli, r, value, room, &list);
		ok = printer_rows(p, &list, e);
	}
	cli->arena = whole;
	*path = *path ? arena_strdup(whole, *path) : NULL;
	return ok;
}

bool
resource_print(struct cli *cli, const struct resource *r, const char *path, struct error *e)
{
	struct printer p;
	uint64_t limit;

	if (!read_limit(cli, &limit, e) || !first_page(cli, path, limit, &path, e) ||
		!printer_begin(&p, cli, r->columns, e))
		return false;
	while (path && (!limit || p.rows < limit))
		if (!print_page(cli, r, &p, &path, limit ? limit - p.rows : UINT64_MAX, e))
			return false;
	return printer_end(&p, e);
}

bool
resource_list(struct cli *cli, struct error *e)
{
	const struct resource *r = cli->verb->resource;

	return resource_print(cli, r,
		r->query ? arena_printf(cli->arena, "%s?%s", r->path, r->query) : r->path, e);
}

bool
resource_show(struct cli *cli, struct error *e)
{
	const struct resource *r = cli->verb->resource;
	const struct json *object;

	return resource_find(cli, r, cli->operands[0], &object, e) &&
		output_whole(cli, r->columns, object, e);
}

// --- writing ---

static bool
print_made(struct cli *cli, const struct json *object, struct error *e)
{
	const struct column columns[] = {{"Id", "id"}, {"Name", cli->verb->resource->name}, {0}};

	return output_object(cli, columns, object, e);
}

static bool
write_body(struct cli *cli, const struct json *before, const char **out, struct error *e)
{
	const struct resource *r = cli->verb->resource;
	const char *type = before ? json_str(before, "@odata.type") : r->type;
	struct buf body;

	buf_init(&body, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	if (type)
		jsonw_str(&w, "@odata.type", type);
	if (!before)
		jsonw_str(&w, r->name, cli->operands[0]);
	resource_put(cli, before, &w);
	if (r->complete && !r->complete(cli, before, &w, e))
		return false;
	jsonw_end_object(&w);
	*out = buf_text(&body);
	return buf_ok(&body, e);
}

// Groups are looked up before anything is made: a typing mistake leaves nothing half done.
bool
resource_create(struct cli *cli, struct error *e)
{
	const struct resource *r = cli->verb->resource;
	const char *body, *assignments = NULL;
	const struct json *made;

	if (!write_body(cli, NULL, &body, e) ||
		(r->assign && !assignment_read(cli, &assignments, e)))
		return false;
	if (!api_send(cli, "POST", r->path, body, &made, e))
		return resource_blame(cli, e);
	const char *id = json_str(made, "id");
	if (!assignment_send(cli, r->path, id ? id : "", r->assign, assignments, e))
		return error_wrap(e, "%s was made, but not assigned", id);
	return print_made(cli, made, e);
}

bool
resource_update(struct cli *cli, struct error *e)
{
	const struct resource *r = cli->verb->resource;
	const struct json *before, *after;
	const char *body;

	if (!resource_given(cli)) {
		error_set(e, ERR_INVALID, "nothing to change: no option says what");
		return error_hint(e, "see ferry %s %s --help", cli->verb->noun, cli->verb->name);
	}
	// What stands in a list has no version: read it once more.
	if (!resource_find(cli, r, cli->operands[0], &before, e) ||
		!api_send(cli, "GET", resource_address(cli, r, before, NULL), NULL, &before, e) ||
		!write_body(cli, before, &body, e))
		return false;
	if (!api_patch(cli, resource_address(cli, r, before, NULL), body, before, &after, e))
		return resource_blame(cli, e);
	return print_made(cli, after ? after : before, e);
}

bool
resource_delete(struct cli *cli, struct error *e)
{
	const struct resource *r = cli->verb->resource;
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *object;

	if (!resource_find(cli, r, cli->operands[0], &object, e))
		return false;
	const char *name = output_text(cli->arena, json_get(object, r->name));
	if (confirm_wanted(cli) &&
		((r->assign &&
			 !assignment_losses(cli, resource_address(cli, r, object, "assignments"),
				 losses, e)) ||
			(r->losses && !r->losses(cli, object, losses, e))))
		return false;
	if (!confirm(cli,
		    arena_printf(cli->arena, "delete %s \"%s\" (%s)", r->what, name,
			    json_str(object, "id")),
		    losses, e) ||
		!api_send(cli, "DELETE", resource_address(cli, r, object, NULL), NULL, NULL, e))
		return false;
	if (!cli->plan)
		fprintf(stderr, "deleted:\n");
	return print_made(cli, object, e);
}
