// SPDX-License-Identifier: Apache-2.0
#include "cli/configuration.h"
#include "cli/input.h"
#include "codec/xml.h"

enum { FILE_MAX = 1 << 20 };

bool
wifi_add(struct cli *cli, struct error *e)
{
	const char *ssid, *file, *profile;

	if (!cli_need_option(cli, "ssid", &ssid, e) || !cli_need_option(cli, "file", &file, e) ||
		!input_read_text(cli->arena, file, FILE_MAX, &profile, e))
		return false;
	if (!xml_parse(cli->arena, slice_str(profile), NULL, e))
		return error_wrap(e, "%s", file);
	// The name is a node's name: a slash in it must not make a level of its own.
	return configuration_add(cli, cli->operands[0],
		arena_printf(cli->arena, "./Device/Vendor/MSFT/WiFi/Profile/%s/WlanXml",
			url_encode(cli->arena, ssid)),
		"chr", profile, e);
}
