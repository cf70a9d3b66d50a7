// SPDX-License-Identifier: Apache-2.0
#include "cli/configuration.h"

#include "base/fs.h"
#include "base/str.h"
#include "cli/assignment.h"

enum { VALUE_MAX = 1 << 20 };

bool
configuration_add(struct cli *cli, const char *name, const char *loc_uri, const char *format,
	const char *value, struct error *e)
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
	return buf_ok(&body, e) &&
		create_and_assign(cli, CONFIGURATIONS, "assign", buf_text(&body), e);
}

bool
configuration_print(struct cli *cli, const char *path, bool (*keep)(const struct json *item),
	const struct column *columns, struct error *e)
{
	struct json_list all, kept = {0};

	if (!api_list(cli, path, &all, e))
		return false;
	kept.items = arena_array(cli->arena, all.count + 1, sizeof *kept.items);
	for (size_t i = 0; i < all.count; i++)
		if (keep(all.items[i]))
			kept.items[kept.count++] = all.items[i];
	return output_list(cli, columns, &kept, e);
}

bool
configuration_read_text(struct cli *cli, const char *file, const char **out, struct error *e)
{
	struct slice bytes;

	if (!fs_read(cli->arena, file, VALUE_MAX, &bytes, e))
		return false;
	if (!utf8_valid(bytes))
		return error_set(e, ERR_INVALID, "%s: not a UTF-8 text", file);
	*out = (const char *)bytes.data;
	return true;
}
