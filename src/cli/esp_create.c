// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/api.h"
#include "cli/assignment.h"

enum { DAY_MINUTES = 24 * 60, LAST_PRIORITY = 10000 };

static bool
read_number(const struct cli *cli, const char *name, uint64_t max, uint64_t *out, struct error *e)
{
	const char *text = cli_option(cli, name);

	if (text && (!str_to_u64(text, max, out) || *out == 0))
		return error_set(e, ERR_INVALID, "--%s is a number from 1 to %llu", name,
			(unsigned long long)max);
	return true;
}

bool
esp_create(struct cli *cli, struct error *e)
{
	uint64_t minutes = 60, priority = 1;
	struct buf body;

	if (!read_number(cli, "timeout", DAY_MINUTES, &minutes, e) ||
		!read_number(cli, "priority", LAST_PRIORITY, &priority, e))
		return false;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.type",
		"#microsoft.graph.windows10EnrollmentCompletionPageConfiguration");
	jsonw_str(&w, "displayName", cli->operands[0]);
	jsonw_int(&w, "priority", (int64_t)priority);
	jsonw_int(&w, "installProgressTimeoutInMinutes", (int64_t)minutes);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		create_and_assign(
			cli, DM "/deviceEnrollmentConfigurations", "assign", buf_text(&body), e);
}
