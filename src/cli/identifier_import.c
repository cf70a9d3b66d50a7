// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"
#include "cli/output.h"

enum { FILE_MAX = 4 << 20 };

// Corporate identifiers from a file without a header; what is wrong with a line costs no other
// line.
bool
identifier_import(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Line", "line"}, {"Identifier", "identifier"},
		{"Status", "status"}, {"Fault", "fault"}, {"Message", "message"}, {0}};
	const struct json *answer, *results;
	struct json_list list = {0};
	struct slice file;

	if (!fs_read(cli->arena, cli->operands[0], FILE_MAX, &file, e) ||
		!api_put(cli,
			cli_switch(cli, "overwrite")
				? "/ferry/v1/corporateIdentifiers?overwrite=true"
				: "/ferry/v1/corporateIdentifiers",
			file, &answer, e))
		return false;
	results = json_get(answer, "results");
	if (!results || results->type != JSON_ARRAY)
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service did not answer for the lines of the file");
	list.items = arena_array(cli->arena, results->count + 1, sizeof *list.items);
	for (const struct json *line = results->first; line; line = line->next)
		list.items[list.count++] = line;
	int64_t failed = json_int(answer, "failed", 0);
	fprintf(stderr, "imported %lld, existing %lld, failed %lld\n",
		(long long)json_int(answer, "imported", 0),
		(long long)json_int(answer, "existing", 0), (long long)failed);
	if (!output_list(cli, columns, &list, e))
		return false;
	return failed == 0 ||
		error_set(e, ERR_INVALID, "%s: %lld lines were not imported", cli->operands[0],
			(long long)failed);
}
