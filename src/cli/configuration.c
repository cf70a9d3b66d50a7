// SPDX-License-Identifier: Apache-2.0
#include "cli/configuration.h"

#include "base/str.h"
#include "cli/assignment.h"
#include "cli/input.h"

enum { VALUE_MAX = 1 << 20 };

static bool
write_body(struct cli *cli, const char *name, const char *loc_uri, const char *format,
	const char *value, const char **out, struct error *e)
{
	struct buf body;

	if (!str_starts(loc_uri, "./"))
		return error_set(e, ERR_INVALID,
			"\"%s\" is no node: they begin with ./Device/ or ./User/", loc_uri);
	buf_init(&body, cli->arena, 8 * VALUE_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.type", "#microsoft.graph.windows10CustomConfiguration");
	jsonw_str(&w, "displayName", name);
	jsonw_array(&w, "omaSettings");
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.type", "#microsoft.graph.omaSettingString");
	jsonw_str(&w, "displayName", name);
	jsonw_str(&w, "omaUri", loc_uri);
	jsonw_str(&w, "value", value);
	jsonw_str(&w, "ferryFormat", format);
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	*out = buf_text(&body);
	return buf_ok(&body, e);
}

bool
configuration_add(struct cli *cli, const char *name, const char *loc_uri, const char *format,
	const char *value, struct error *e)
{
	const char *body;

	return write_body(cli, name, loc_uri, format, value, &body, e) &&
		create_and_assign(cli, resource_policy.path, "assign", body, e);
}

// The node stays, its value is written anew: the service never gives a value back.
bool
configuration_set(struct cli *cli, const struct json *before, const char *format, const char *value,
	struct error *e)
{
	const struct json *settings = json_get(before, "omaSettings");
	const struct json *old = settings ? settings->first : NULL;
	const char *uri = json_str(old, "omaUri"), *body;
	const struct json *after;

	if (settings && settings->count > 1)
		return error_set(e, ERR_UNSUPPORTED,
			"it has %zu settings, and their other values cannot be read: use ferry api",
			settings->count);
	if (!uri)
		uri = json_str(before, "omaUri");
	if (!format)
		format = json_str(old, "ferryFormat");
	return write_body(cli, json_str(before, "displayName"), uri ? uri : "",
		       str_empty(format) ? "chr" : format, value, &body, e) &&
		api_patch(cli, resource_address(cli, &resource_policy, before, NULL), body, before,
			&after, e) &&
		output_object(cli, output_made, before, e);
}
