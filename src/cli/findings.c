// SPDX-License-Identifier: Apache-2.0
#include "cli/findings.h"

#include "base/str.h"

const char *
finding_light(const char *severity)
{
	bool colour = output_colour();

	if (str_eq(severity, "blocking"))
		return colour ? "\033[1;31mBLOCK\033[0m" : "BLOCK";
	if (str_eq(severity, "warning"))
		return colour ? "\033[33mWARN \033[0m" : "WARN ";
	return "note ";
}

static void
print_examples(struct cli *cli, const struct json *finding)
{
	const struct json *examples = json_get(finding, "examples");
	int64_t devices = json_int(finding, "devices", 0);

	if (devices <= 0)
		return;
	printf("       %lld device%s:", (long long)devices, devices == 1 ? "" : "s");
	for (const struct json *s = examples ? examples->first : NULL; s; s = s->next)
		printf(" %s", output_text(cli->arena, s));
	printf("%s\n", examples && (int64_t)examples->count < devices ? " …" : "");
}

void
findings_warn(struct cli *cli, const struct json *findings)
{
	for (const struct json *f = findings ? findings->first : NULL; f; f = f->next)
		fprintf(stderr, "ferry: %s: %s [%s]\n  fix: %s\n",
			output_text(cli->arena, json_get(f, "severity")),
			output_text(cli->arena, json_get(f, "text")),
			output_text(cli->arena, json_get(f, "fault")),
			output_text(cli->arena, json_get(f, "fix")));
}

void
findings_print(struct cli *cli, const struct json *findings)
{
	for (const struct json *f = findings ? findings->first : NULL; f; f = f->next) {
		printf("%s  %s [%s]\n", finding_light(json_str(f, "severity")),
			output_text(cli->arena, json_get(f, "text")),
			output_text(cli->arena, json_get(f, "fault")));
		print_examples(cli, f);
		printf("       fix: %s\n", output_text(cli->arena, json_get(f, "fix")));
	}
}
