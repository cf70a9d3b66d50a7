// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/output.h"

static void
print_choice(struct cli *cli, const char *title, const struct json *choice)
{
	const char *name = output_text(cli->arena, json_get(choice, "name"));
	const char *lost = output_text(cli->arena, json_get(choice, "lost"));

	printf("\n%s: %s\n", title, *name ? name : "none");
	printf("  why: %s\n", output_text(cli->arena, json_get(choice, "reason")));
	if (*lost)
		printf("  lost: %s\n", lost);
}

static void
print_why(struct cli *cli, const struct json *explanation)
{
	const struct json *groups = json_get(explanation, "groups");

	printf("\nGroups:%s\n", groups && groups->count ? "" : " none");
	for (const struct json *g = groups ? groups->first : NULL; g; g = g->next)
		printf("  %s\n    why: %s\n", output_text(cli->arena, json_get(g, "name")),
			output_text(cli->arena, json_get(g, "reason")));
	print_choice(cli, "Deployment profile", json_get(explanation, "profile"));
	print_choice(cli, "Enrollment Status Page", json_get(explanation, "esp"));
	print_choice(cli, "Domain join", json_get(explanation, "domainJoin"));
}

// What went wrong and stopped nothing: the device works, and somebody should look at it.
static void
print_warnings(struct cli *cli, const struct json *warnings)
{
	if (warnings && warnings->count)
		printf("\nWarnings:\n");
	for (const struct json *w = warnings ? warnings->first : NULL; w; w = w->next)
		printf("  %s (%s): %s\n    fix: %s\n",
			output_text(cli->arena, json_get(w, "title")),
			output_text(cli->arena, json_get(w, "fault")),
			output_text(cli->arena, json_get(w, "reason")),
			output_text(cli->arena, json_get(w, "fix")));
}

bool
device_show(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Serial", "serial"}, {"Id", "ztdId"},
		{"Manufacturer", "manufacturer"}, {"Model", "model"}, {"Group tag", "groupTag"},
		{"User", "user"}, {"State", "state"}, {"Hardware", "hardware"},
		{"Enrolment", "enrollmentState"}, {"Trust", "trustType"},
		{"Attested by store", "attestationStore"}, {"Reuse blocked", "reuseBlocked"},
		{"Account type", "accountType"}, {"Computer name", "computerName"},
		{"AD object", "adDn"}, {0}};
	const struct json *device;

	if (!api_send(cli, "GET",
		    arena_printf(cli->arena, "/ferry/v1/devices/%s",
			    url_encode(cli->arena, cli->operands[0])),
		    NULL, &device, e) ||
		!output_object(cli, columns, device, e))
		return false;
	if (cli->format != OUTPUT_TABLE)
		return true;
	print_warnings(cli, json_get(device, "warnings"));
	print_why(cli, json_get(device, "explanation"));
	return fflush(stdout) == 0 || error_errno(e, "standard output");
}
