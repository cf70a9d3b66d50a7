// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

static void
elements(struct cli *cli, const struct json *array, struct json_list *out)
{
	size_t count = array ? array->count : 0;

	*out = (struct json_list){.items = arena_array(cli->arena, count + 1, sizeof *out->items)};
	for (const struct json *item = array ? array->first : NULL; item; item = item->next)
		out->items[out->count++] = item;
}

bool
sync_status(struct cli *cli, struct error *e)
{
	static const struct column states[] = {{"Domain", "domain"}, {"State", "state"},
		{"Users", "users"}, {"Groups", "groups"}, {"Problems", "problems"},
		{"Finished", "finishedDateTime"}, {"Compared", "comparedDateTime"},
		{"Connector", "connector"}, {"Fault", "fault"}, {"Message", "message"}, {0}};
	static const struct column problems[] = {{"Domain", "domain"}, {"Name", "name"},
		{"Fault", "fault"}, {"Message", "message"}, {"Fix", "fix"}, {0}};
	const struct json *status;
	struct json_list list;

	if (!api_send(cli, "GET", "/ferry/v1/sync", NULL, &status, e))
		return false;
	bool wanted = cli_option(cli, "problems") != NULL;
	elements(cli, json_get(status, wanted ? "problems" : "value"), &list);
	return output_list(cli, wanted ? problems : states, &list, e);
}
