// SPDX-License-Identifier: Apache-2.0
// Any request of the API, as it is: what no verb offers.
#include "base/str.h"
#include "cli/input.h"
#include "cli/resource.h"

enum { BODY_MAX = 16 << 20 };

static bool
read_body(struct cli *cli, const char **out, struct error *e)
{
	const char *data = cli_option(cli, "data");

	*out = data;
	if (data && *data == '@' && !input_read_text(cli->arena, data + 1, BODY_MAX, out, e))
		return false;
	// A wrong body is found here, with its line and column.
	if (*out &&
		!json_parse(cli->arena, slice_str(*out),
			&(struct json_limits){.max_bytes = BODY_MAX, .max_nodes = 2000000}, e))
		return error_wrap(e, "--data");
	return true;
}

static const char *
full_path(struct cli *cli, const char *path)
{
	static const char *const roots[] = {
		"/v1.0/", "/beta/", "/ferry/", "/openapi", "/healthz", "/readyz"};
	const char *slash = *path == '/' ? "" : "/";

	path = arena_printf(cli->arena, "%s%s", slash, path);
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
		if (str_starts(path, roots[i]))
			return path;
	return arena_printf(cli->arena, "%s%s", cli_switch(cli, "v1") ? "/v1.0" : GRAPH, path);
}

// Blanks and quotes of a $filter, as people type them, have no place in a request's first line.
static const char *
encode(struct cli *cli, const char *path)
{
	struct buf out;

	buf_init(&out, cli->arena, 3 * strlen(path) + 1);
	for (; *path; path++)
		if ((unsigned char)*path <= ' ' || (unsigned char)*path >= 0x7f ||
			strchr("\"<>\\^`{|}", *path))
			buf_printf(&out, "%%%02X", (unsigned char)*path);
		else
			buf_putc(&out, *path);
	return arena_strdup(cli->arena, buf_text(&out));
}

static bool
print_answer(struct cli *cli, const struct json *answer, struct error *e)
{
	const struct json *value = json_get(answer, "value");
	struct json_list list;
	struct buf out;

	if (!answer)
		return true;
	if (cli->format == OUTPUT_TABLE && !cli_option(cli, "columns")) {
		buf_init(&out, cli->arena, 64 << 20);
		struct jsonw w = jsonw_on(&out);
		jsonw_value(&w, NULL, answer);
		return output_json(&out, e);
	}
	if (!value || value->type != JSON_ARRAY)
		return output_object(cli, NULL, answer, e);
	list.items = arena_array(cli->arena, value->count + 1, sizeof *list.items);
	list.count = 0;
	for (const struct json *v = value->first; v; v = v->next)
		list.items[list.count++] = v;
	return output_list(cli, NULL, &list, e);
}

bool
api_call(struct cli *cli, struct error *e)
{
	const char *method = cli->operands[0], *path = full_path(cli, cli->operands[1]), *body;
	const struct json *answer = NULL;

	if (cli_choice_find("GET|POST|PATCH|PUT|DELETE", method) < 0)
		return error_set(
			e, ERR_INVALID, "\"%s\" is not GET, POST, PATCH, PUT or DELETE", method);
	path = encode(cli, path);
	if (!read_body(cli, &body, e))
		return false;
	if (cli_switch(cli, "all")) {
		static const struct resource anything = {.columns = NULL};
		if (!str_eq(method, "GET"))
			return error_set(e, ERR_INVALID, "--all is for GET");
		if (cli->format == OUTPUT_TABLE && !cli_option(cli, "columns"))
			cli->format = OUTPUT_JSON;
		return resource_print(cli, &anything, path, e);
	}
	return api_send_maybe(cli, method, path, body, &answer, e) &&
		(cli->plan || print_answer(cli, answer, e));
}
