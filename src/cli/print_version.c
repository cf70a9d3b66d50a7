// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
print_version(struct cli *cli, struct error *e)
{
	struct buf out;

	if (cli->format != OUTPUT_JSON)
		return printf("ferry %s\n", FERRY_VERSION) > 0 || error_errno(e, "standard output");
	buf_init(&out, cli->arena, 4096);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "version", FERRY_VERSION);
	jsonw_end_object(&w);
	return output_json(&out, e);
}
