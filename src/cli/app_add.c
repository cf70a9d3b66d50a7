// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"
#include "base/str.h"
#include "cli/api.h"
#include "cli/assignment.h"
#include "pki/hash.h"

#include <string.h>

// What the service takes in one piece.
enum { APP_MAX = 64 << 20 };

// The content goes first: an app whose content is missing must not reach a device.
bool
app_add(struct cli *cli, struct error *e)
{
	const char *file = cli->operands[0], *name = cli_option(cli, "name");
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	struct slice bytes;
	struct buf body;

	if (!fs_read(cli->arena, file, APP_MAX, &bytes, e))
		return false;
	// A Debian package is an ar archive (deb(5)).
	if (bytes.len < 8 || memcmp(bytes.data, "!<arch>\n", 8) != 0)
		return error_set(e, ERR_INVALID, "%s: not a Debian package", file);
	if (!name)
		name = str_ends(base, ".deb") ? arena_strndup(cli->arena, base, strlen(base) - 4)
					      : base;
	const char *sha256 = sha256_hex(cli->arena, bytes);
	if (!api_put(cli, arena_printf(cli->arena, "/ferry/v1/content/%s", sha256), bytes, e))
		return error_wrap(e, "%s", file);
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.type", "#microsoft.graph.win32LobApp");
	jsonw_str(&w, "displayName", name);
	jsonw_str(&w, "fileName", base);
	jsonw_str(&w, "ferrySha256", sha256);
	jsonw_int(&w, "size", (int64_t)bytes.len);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		create_and_assign(
			cli, "/v1.0/deviceAppManagement/mobileApps", "assign", buf_text(&body), e);
}
