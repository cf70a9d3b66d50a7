// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/findings.h"
#include "cli/preflight_way.h"
#include "cli/resource.h"

static bool
ask(struct cli *cli, const struct json **out, struct error *e)
{
	const char *name =
		cli->operand_count ? cli->operands[0] : cli_option(cli, "deployment-profile");
	const struct json *profile;
	struct buf body;

	buf_init(&body, cli->arena, 4 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	if (name) {
		if (!resource_find(cli, &resource_profile, name, &profile, e))
			return false;
		jsonw_str(&w, "profileId", json_str(profile, "id"));
	}
	jsonw_end_object(&w);
	return api_send(cli, "POST", "/ferry/v1/preflight", buf_text(&body), out, e);
}

static bool
print_report(struct cli *cli, const struct json *report, struct error *e)
{
	static const struct column columns[] = {{"Severity", "severity"}, {"Fault", "fault"},
		{"Devices", "devices"}, {"What", "text"}, {"Fix", "fix"}, {0}};
	const struct json *findings = json_get(report, "findings");
	struct json_list list = {0};
	struct buf text;

	if (cli->format == OUTPUT_JSON) {
		buf_init(&text, cli->arena, 8 << 20);
		struct jsonw w = jsonw_on(&text);
		jsonw_value(&w, NULL, report);
		return output_json(&text, e);
	}
	if (cli->format == OUTPUT_CSV) {
		list.items = arena_array(
			cli->arena, findings ? findings->count + 1 : 1, sizeof *list.items);
		for (const struct json *f = findings ? findings->first : NULL; f; f = f->next)
			list.items[list.count++] = f;
		return output_list(cli, columns, &list, e);
	}
	findings_print(cli, findings);
	printf("%s%lld of %lld devices can be deployed\n", findings && findings->count ? "\n" : "",
		(long long)json_int(report, "ready", 0), (long long)json_int(report, "devices", 0));
	return fflush(stdout) == 0 || error_errno(e, "standard output");
}

// Everything in one table of lights. A service that cannot be reached is a finding, not a failure.
static bool
with_network(struct cli *cli, struct error *e)
{
	struct way_report way = {.arena = cli->arena};
	const struct json *report;

	if (!preflight_way(cli, &way, e))
		return false;
	if (way_worst(&way, "service")->light == WAY_GREEN) {
		if (!ask(cli, &report, e))
			return false;
		preflight_way_findings(&way, report);
	}
	cli->exit_code = way_worst(&way, NULL)->light == WAY_RED ? 1 : 0;
	return preflight_way_print(cli, &way, e);
}

bool
preflight(struct cli *cli, struct error *e)
{
	const struct json *report;

	if (cli_option(cli, "network") || cli_option(cli, "domain"))
		return with_network(cli, e);
	if (!ask(cli, &report, e) || !print_report(cli, report, e))
		return false;
	cli->exit_code = json_bool(report, "blocked", false) ? 1 : 0;
	return true;
}
