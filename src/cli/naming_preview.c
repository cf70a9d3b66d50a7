// SPDX-License-Identifier: Apache-2.0
#include "cli/findings.h"
#include "cli/naming.h"

bool
naming_preview_send(struct cli *cli, struct jsonw *w, struct buf *body, struct error *e)
{
	static const struct column columns[] = {{"Template", "template"}, {"Device", "serial"},
		{"Names", "names"}, {"Characters of the serial", "serialCharacters"},
		{"Devices", "devices"}, {0}};
	const char *serial = cli_option(cli, "device");
	const struct json *answer, *examples;

	if (serial)
		jsonw_str(w, "serial", serial);
	jsonw_end_object(w);
	if (!buf_ok(body, e) ||
		!api_send(cli, "POST", "/ferry/v1/naming/preview", buf_text(body), &answer, e) ||
		!output_object(cli, columns, answer, e))
		return false;
	if (cli->format != OUTPUT_TABLE)
		return true;
	examples = json_get(answer, "examples");
	printf("Examples:");
	for (const struct json *x = examples ? examples->first : NULL; x; x = x->next)
		printf(" %s", output_text(cli->arena, x));
	printf("\n");
	findings_print(cli, json_get(answer, "findings"));
	return fflush(stdout) == 0 || error_errno(e, "standard output");
}

bool
naming_preview(struct cli *cli, struct error *e)
{
	struct buf body;

	buf_init(&body, cli->arena, 4 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "template", cli->operands[0]);
	return naming_preview_send(cli, &w, &body, e);
}
