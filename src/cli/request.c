// SPDX-License-Identifier: Apache-2.0
#include "cli/request.h"

bool
request_list(struct cli *cli, const struct request_kind *kind, struct error *e)
{
	struct json_list list;

	return api_list(cli, kind->path, &list, e) && output_list(cli, kind->columns, &list, e);
}

static const char *
address(struct cli *cli, const struct request_kind *kind, const char *decision)
{
	return arena_printf(cli->arena, "%s/%s%s%s", kind->path,
		url_encode(cli->arena, cli->operands[0]), decision ? "/" : "",
		decision ? decision : "");
}

bool
request_get(
	struct cli *cli, const struct request_kind *kind, const struct json **out, struct error *e)
{
	return api_send(cli, "GET", address(cli, kind, NULL), NULL, out, e);
}

bool
request_show(struct cli *cli, const struct request_kind *kind, struct error *e)
{
	const struct json *request;

	return request_get(cli, kind, &request, e) && output_whole(cli, kind->columns, request, e);
}

bool
request_decide(struct cli *cli, const struct request_kind *kind, const char *decision,
	const struct json **out, struct error *e)
{
	const struct json *request;

	if (!api_send(cli, "POST", address(cli, kind, decision), NULL, &request, e))
		return false;
	if (out)
		*out = request;
	return cli->plan || output_object(cli, kind->columns, request, e);
}
