// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/api.h"
#include "cli/args.h"
#include "cli/assignment.h"
#include "cli/output.h"
#include "cli/text.h"
#include <limits.h>
#include <string.h>

enum { NARROWEST = 20 };

// What does not fit beside its explanation stands above it; an explanation that is wider than the
// terminal has more lines.
static void
print_row(const char *left, int width, const char *right)
{
	int terminal = output_terminal(), room = terminal - width - 3;

	if (terminal == 0 || room < NARROWEST)
		room = INT_MAX;
	printf("  %-*s", width, left);
	if ((int)strlen(left) > width)
		printf("\n  %*s", width, "");
	do {
		struct slice line = text_line(&right, room);
		printf(" %.*s\n", (int)line.len, (const char *)line.data);
		if (*right)
			printf("  %*s", width, "");
	} while (*right);
}

static void
print_options(const char *title, const struct option_spec *list)
{
	if (!list || !list->name)
		return;
	printf("\n%s:\n", title);
	for (; list->name; list++) {
		char left[120];
		snprintf(left, sizeof left, "--%s%s%s", list->name, list->arg ? " " : "",
			list->arg ? list->arg : "");
		print_row(left, 30, list->help);
	}
}

static void
print_verbs(const char *noun)
{
	for (size_t i = 0; i < verb_count; i++) {
		const struct verb *v = &verbs[i];
		char left[96];
		if (noun && !str_eq(noun, v->noun))
			continue;
		snprintf(left, sizeof left, "%s%s%s %s", v->noun, v->name ? " " : "",
			v->name ? v->name : "", v->operands);
		print_row(left, 38, v->summary);
	}
}

static void
print_examples(const char *noun, const struct verb *verb)
{
	bool any = false;

	for (size_t i = 0; i < verb_count; i++) {
		const struct verb *v = &verbs[i];
		if (!v->example || (verb ? v != verb : !str_eq(v->noun, noun)))
			continue;
		printf("%s  ferry %s\n", any ? "" : "\nExamples:\n", v->example);
		any = true;
	}
}

static const char *
effect_title(const struct verb *verb)
{
	return verb->effect == EFFECT_LISTS ? "Which ones" : "Caution";
}

enum args_result
help_print(const struct cli *cli, const char *noun)
{
	const struct verb *v = cli->verb;

	if (v) {
		printf("usage: ferry %s%s%s%s%s [options]\n\n%s.\n", v->noun, v->name ? " " : "",
			v->name ? v->name : "", *v->operands ? " " : "", v->operands, v->summary);
		print_options("Options", v->options);
		print_options(effect_title(v), args_effect_options(v));
		if (v->assigns)
			print_options("Assignment", assignment_options);
	} else {
		printf("usage: ferry %s VERB [options]\n\n", noun ? noun : "NOUN");
		print_verbs(noun);
	}
	if (v || noun)
		print_examples(noun, v);
	print_options("Service", api_options);
	print_options("Common", common_options);
	if (!v && !noun)
		printf("\nferry NOUN --help and ferry NOUN VERB --help show more, with examples; "
		       "the whole is in ferry(1).\n");
	return ARGS_HELP;
}
