// SPDX-License-Identifier: Apache-2.0
// Diagnostics of a device: ask for them, look at what came, fetch it (behaviour L9, A13).
#include "base/str.h"
#include "cli/api.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/resource.h"
#include "cli/settings.h"
#include "http/client.h"

static const struct column columns[] = {{"Id", "id"}, {"State", "status"},
	{"Asked", "requestedDateTimeUTC"}, {"Came", "receivedDateTimeUTC"},
	{"Asked by", "initiatedByUserPrincipalName"}, {"Failure", "ferryFault"}, {"Size", "size"},
	{"Until", "expirationDateTimeUTC"}, {0}};

static bool
find_managed(struct cli *cli, const char **path, struct error *e)
{
	const char *serial = cli->operands[0];
	struct json_list list;

	if (!api_list(cli,
		    arena_printf(cli->arena, DM "/managedDevices?$filter=%s",
			    url_encode(cli->arena,
				    arena_printf(cli->arena, "serialNumber eq %s",
					    api_quote(cli->arena, serial)))),
		    &list, e))
		return false;
	if (!list.count)
		return error_set(e, ERR_NOT_FOUND, "%s is not under management", serial);
	*path = arena_printf(cli->arena, DM "/managedDevices/%s", json_str(list.items[0], "id"));
	return true;
}

static bool
ask(struct cli *cli, const char *device, struct error *e)
{
	const struct json *answer;

	return api_send_maybe(cli, "POST",
		       arena_printf(cli->arena, "%s/createDeviceLogCollectionRequest", device),
		       "{\"templateType\":{\"templateType\":\"predefined\"}}", &answer, e) &&
		(!answer || output_object(cli, columns, answer, e));
}

// The newest that has come, or the one that was named.
static const struct json *
choose(struct cli *cli, const struct json_list *list, struct error *e)
{
	const char *wanted = cli_option(cli, "id");

	for (size_t i = 0; i < list->count; i++) {
		const struct json *log = list->items[i];
		if (wanted ? str_ieq(json_str(log, "id"), wanted)
			   : str_eq(json_str(log, "status"), "completed"))
			return log;
	}
	error_set(e, ERR_NOT_FOUND, "no bundle has come yet");
	error_hint(e, "ferry device diagnostics %s --request asks for one", cli->operands[0]);
	return NULL;
}

static bool
fetch(struct cli *cli, const char *url, const char *file, struct error *e)
{
	const struct settings *settings;
	struct http_client *http;

	if (!api_settings(cli, &settings, e))
		return false;
	if (!str_starts(url, settings->url))
		return error_set(e, ERR_PROTOCOL, "the link leads elsewhere: %.80s", url);
	struct http_client_options options = {.base_url = settings->url, .ca = settings->ca};
	struct http_client_download download = {
		.path = url + strlen(settings->url), .file = file, .max_size = 16 << 20};
	if (!http_client_open(&options, &http, e))
		return false;
	bool ok = http_client_download(http, &download, e);
	http_client_close(http);
	return ok;
}

static bool
download(struct cli *cli, const char *device, const struct json_list *list, struct error *e)
{
	const char *file = cli_option(cli, "download");
	const struct json *log = choose(cli, list, e), *link;

	if (!log ||
		!api_send(cli, "POST",
			arena_printf(cli->arena, "%s/logCollectionRequests/%s/createDownloadUrl",
				device, json_str(log, "id")),
			"{}", &link, e))
		return false;
	const char *url = json_str(link, "value");
	if (!url || !fetch(cli, url, file, e))
		return url ? false : error_set(e, ERR_PROTOCOL, "the service gave no link");
	fprintf(stderr, "%s: diagnostics of %s\n", file, json_str(log, "requestedDateTimeUTC"));
	return true;
}

bool
device_diagnostics(struct cli *cli, struct error *e)
{
	struct json_list list;
	const char *device;

	if (!find_managed(cli, &device, e))
		return false;
	if (cli_switch(cli, "request"))
		return ask(cli, device, e);
	if (!api_list(cli, arena_printf(cli->arena, "%s/logCollectionRequests", device), &list, e))
		return false;
	return cli_option(cli, "download") ? download(cli, device, &list, e)
					   : output_list(cli, columns, &list, e);
}
