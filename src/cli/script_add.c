// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/assignment.h"
#include "cli/input.h"
#include "cli/resource.h"
#include "codec/base64.h"

enum { SCRIPT_MAX = 200 << 10, BODY_MAX = 512 << 10 };

// Whatever the device can start: a first line #!, or words for /bin/sh.
bool
script_add(struct cli *cli, struct error *e)
{
	const char *file = cli->operands[0], *name = cli_option(cli, "name");
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	struct slice content;
	struct buf body;

	if (!input_read(cli->arena, file, SCRIPT_MAX, &content, e))
		return false;
	if (!content.len)
		return error_set(e, ERR_INVALID, "%s is empty", file);
	buf_init(&body, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "displayName", name ? name : base);
	jsonw_str(&w, "fileName", base);
	jsonw_b64(&w, "scriptContent", content);
	resource_put(cli, NULL, &w);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		create_and_assign(cli, resource_script.path, "assign", buf_text(&body), e);
}
