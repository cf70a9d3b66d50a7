// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/str.h"
#include "cli/output.h"
#include "domain/fault.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

static const char *
state_colour(const char *state)
{
	static const struct {
		const char *state, *colour;
	} table[] = {{"error", RED}, {"failed", RED}, {"done", GREEN}, {"succeeded", GREEN},
		{"success", GREEN}, {"complete", GREEN}};

	for (size_t i = 0; output_colour() && i < sizeof table / sizeof *table; i++)
		if (str_eq(state, table[i].state))
			return table[i].colour;
	return "";
}

// Minutes, seconds and tenths since the deployment's start.
static const char *
relative(struct arena *arena, const char *start, const char *at)
{
	time_us from, to;

	if (!clock_parse_rfc3339(start, &from) || !clock_parse_rfc3339(at, &to))
		return "";
	int64_t tenths = (to - from) / (US_PER_S / 10);
	const char *sign = tenths < 0 ? "-" : "+";
	tenths = tenths < 0 ? -tenths : tenths;
	return arena_printf(arena, "%s%lld:%02lld.%lld", sign, (long long)(tenths / 600),
		(long long)(tenths / 10 % 60), (long long)(tenths % 10));
}

static const char *
member(struct cli *cli, const struct json *event, const char *name)
{
	return output_text(cli->arena, json_get(event, name));
}

static void
print_event(struct cli *cli, const char *start, const struct json *event)
{
	const char *state = member(cli, event, "state");
	const char *colour = state_colour(state);
	const char *fault = member(cli, event, "fault"), *reason = member(cli, event, "reason");

	printf("%10s  %-9s %-17s %-28s %s%-11s%s %s%s%s\n",
		relative(cli->arena, start, member(cli, event, "at")), member(cli, event, "source"),
		member(cli, event, "phase"), member(cli, event, "row"), colour, state,
		*colour ? PLAIN : "", fault, *fault && *reason ? ": " : "", reason);
	if (*fault && json_str(event, "fix"))
		printf("%12s%s — fix: %s\n", "", member(cli, event, "cause"),
			member(cli, event, "fix"));
}

static bool
print_deployment(struct cli *cli, const struct json *deployment, struct error *e)
{
	const struct json *events = json_get(deployment, "events");
	const char *start = json_str(deployment, "startedAt");

	printf("Deployment %s: %s, attempt %s, started %s, %s%s\n", member(cli, deployment, "id"),
		member(cli, deployment, "mode"), member(cli, deployment, "attempt"),
		member(cli, deployment, "startedAt"),
		json_str(deployment, "result") ? "result " : "under way",
		member(cli, deployment, "result"));
	printf("%10s  %-9s %-17s %-28s %-11s %s\n", "TIME", "SOURCE", "PHASE", "ROW", "STATE",
		"REASON");
	for (const struct json *event = events ? events->first : NULL; event; event = event->next)
		print_event(cli, start, event);
	return fflush(stdout) == 0 || error_errno(e, "standard output");
}

static bool
print_csv(struct cli *cli, const struct json_list *deployments, struct error *e)
{
	static const struct column columns[] = {{"At", "at"}, {"Source", "source"},
		{"Phase", "phase"}, {"Row", "row"}, {"State", "state"}, {"Fault", "fault"},
		{"Code", "code"}, {"Reason", "reason"}, {0}};
	struct json_list all = {0};
	size_t total = 0;

	for (size_t i = 0; i < deployments->count; i++) {
		const struct json *events = json_get(deployments->items[i], "events");
		total += events ? events->count : 0;
	}
	all.items = arena_array(cli->arena, total + 1, sizeof *all.items);
	for (size_t i = 0; i < deployments->count; i++) {
		const struct json *events = json_get(deployments->items[i], "events");
		for (const struct json *v = events ? events->first : NULL; v; v = v->next)
			all.items[all.count++] = v;
	}
	return output_list(cli, columns, &all, e);
}

bool
device_timeline(struct cli *cli, struct error *e)
{
	struct json_list list;

	if (!api_list(cli,
		    arena_printf(cli->arena, "/ferry/v1/devices/%s/timeline",
			    url_encode(cli->arena, cli->operands[0])),
		    &list, e))
		return false;
	if (cli->format == OUTPUT_CSV)
		return print_csv(cli, &list, e);
	if (cli->format == OUTPUT_JSON)
		return output_list(cli, NULL, &list, e);
	if (!list.count)
		puts("This device has not begun a deployment yet.");
	for (size_t i = 0; i < list.count; i++) {
		if (i)
			putchar('\n');
		if (!print_deployment(cli, list.items[i], e))
			return false;
	}
	return true;
}
