// SPDX-License-Identifier: Apache-2.0
// The way from this host to the service and to the domains that devices are to join.
#include "cli/preflight_way.h"

#include "base/str.h"
#include "cli/api.h"
#include "cli/output.h"
#include "cli/settings.h"

enum { CONTROLLER_MS = 4000, TEXT_MAX = 1 << 20 };

static bool
service(struct cli *cli, struct way_report *report, struct error *e)
{
	const struct settings *settings;

	if (!api_settings(cli, &settings, e))
		return false;
	struct http_client_options options = {.base_url = settings->url, .ca = settings->ca};
	way_service(report, &options);
	return true;
}

static bool
add_domain(const struct json_list *list, size_t until, const char *domain)
{
	if (str_empty(domain))
		return false;
	for (size_t i = 0; i < until; i++)
		if (str_ieq(json_str(list->items[i], "activeDirectoryDomainName"), domain))
			return false;
	return true;
}

// Every domain that a domain-join profile names.
static bool
domains(struct cli *cli, struct way_report *report, struct error *e)
{
	struct json_list list = {0};

	if (!api_list(cli, DM "/deviceConfigurations", &list, e))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const char *domain = json_str(list.items[i], "activeDirectoryDomainName");
		if (add_domain(&list, i, domain))
			way_domain(report, domain, false, CONTROLLER_MS);
	}
	return true;
}

bool
preflight_way(struct cli *cli, struct way_report *report, struct error *e)
{
	const char *domain = cli_option(cli, "domain");

	if (!service(cli, report, e))
		return false;
	if (domain)
		way_domain(report, domain, false, CONTROLLER_MS);
	else if (way_worst(report, "service")->light == WAY_GREEN)
		return domains(cli, report, e);
	return true;
}

void
preflight_way_findings(struct way_report *report, const struct json *answer)
{
	const struct json *findings = json_get(answer, "findings");
	long long devices = json_int(answer, "devices", 0), ready = json_int(answer, "ready", 0);

	report->group = "assignments";
	for (const struct json *f = findings ? findings->first : NULL; f; f = f->next) {
		const char *severity = json_str(f, "severity");
		way_add(report,
			str_eq(severity, "blocking")	      ? WAY_RED
				: str_eq(severity, "warning") ? WAY_YELLOW
							      : WAY_GREEN,
			"assignments", json_str(f, "fault"), "%s", json_str(f, "text"));
	}
	way_add(report, WAY_GREEN, "assignments", NULL, "%lld of %lld devices can be deployed",
		ready, devices);
}

static bool
print_json(struct cli *cli, const struct way_report *report, struct error *e)
{
	struct buf text;

	buf_init(&text, cli->arena, TEXT_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "blocked", way_worst(report, NULL)->light == WAY_RED);
	way_write(report, "checks", &w);
	jsonw_end_object(&w);
	return output_json(&text, e);
}

// Each check as a row.
static bool
print_rows(struct cli *cli, const struct way_report *report, struct error *e)
{
	static const struct column columns[] = {{"Light", "light"}, {"Check", "name"},
		{"Detail", "detail"}, {"Fault", "fault"}, {"Fix", "fix"}, {0}};
	struct json_list list = {0};
	struct buf text;

	buf_init(&text, cli->arena, TEXT_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	way_write(report, "checks", &w);
	jsonw_end_object(&w);
	const struct json *read = json_parse(cli->arena, buf_slice(&text), NULL, e);
	if (!read)
		return false;
	const struct json *checks = json_get(read, "checks");
	list.items = arena_array(cli->arena, checks->count + 1, sizeof *list.items);
	for (const struct json *check = checks->first; check; check = check->next)
		list.items[list.count++] = check;
	return output_list(cli, columns, &list, e);
}

bool
preflight_way_print(struct cli *cli, const struct way_report *report, struct error *e)
{
	if (cli->format == OUTPUT_JSON)
		return print_json(cli, report, e);
	if (cli->format != OUTPUT_TABLE)
		return print_rows(cli, report, e);
	way_print(report, output_colour(), stdout);
	return fflush(stdout) == 0 || error_errno(e, "standard output");
}
