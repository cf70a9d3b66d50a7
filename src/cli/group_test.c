// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

// The lines were cleaned by the service, and are cleaned again one by one: it may be another's.
static void
print_lines(struct cli *cli, const char *text)
{
	while (text && *text) {
		size_t len = strcspn(text, "\n");
		printf("%s\n", output_clean(cli->arena, arena_strndup(cli->arena, text, len)));
		text += len + (text[len] == '\n');
	}
}

bool
group_test(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Device", "serial"}, {"Result", "result"}, {"Error", "error"}, {0}};
	const char *serial;
	const struct json *answer;
	struct buf body;

	if (!cli_need_option(cli, "device", &serial, e))
		return false;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "rule", cli->operands[0]);
	jsonw_str(&w, "serial", serial);
	jsonw_end_object(&w);
	if (!buf_ok(&body, e) ||
		!api_send(cli, "POST", "/ferry/v1/groups/evaluate", buf_text(&body), &answer, e) ||
		!output_object(cli, columns, answer, e))
		return false;
	if (cli->format != OUTPUT_TABLE)
		return true;
	printf("\n");
	print_lines(cli, json_str(answer, "text"));
	return fflush(stdout) == 0 || error_errno(e, "standard output");
}
