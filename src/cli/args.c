// SPDX-License-Identifier: Apache-2.0
#include "cli/args.h"

#include "base/str.h"
#include "cli/api.h"
#include "cli/assignment.h"
#include <stdarg.h>

static const struct option_spec common_options[] = {
	{"output", "table|json|csv", "How to print (-o; default table)"},
	{"json", NULL, "The same as --output json"},
	{"help", NULL, "Print help"},
	{"version", NULL, "Print the version"},
	{0},
};

static const struct option_spec *
find_in(const struct option_spec *list, const char *name, size_t len)
{
	for (; list && list->name; list++)
		if (strlen(list->name) == len && strncmp(list->name, name, len) == 0)
			return list;
	return NULL;
}

static const struct option_spec *
find_option(const struct cli *cli, const char *name, size_t len)
{
	const struct verb *verb = cli->verb;
	const struct option_spec *found = find_in(common_options, name, len);

	if (!found)
		found = find_in(api_options, name, len);
	if (!found && verb)
		found = find_in(verb->options, name, len);
	if (!found && verb && verb->assigns)
		found = find_in(assignment_options, name, len);
	return found;
}

// --- help ---

static void
print_options(const char *title, const struct option_spec *list)
{
	if (!list || !list->name)
		return;
	printf("\n%s:\n", title);
	for (; list->name; list++) {
		char left[64];
		snprintf(left, sizeof left, "--%s%s%s", list->name, list->arg ? " " : "",
			list->arg ? list->arg : "");
		printf("  %-30s %s\n", left, list->help);
	}
}

static void
print_verbs(const char *noun)
{
	for (size_t i = 0; i < verb_count; i++) {
		const struct verb *v = &verbs[i];
		char left[64];
		if (noun && !str_eq(noun, v->noun))
			continue;
		snprintf(left, sizeof left, "%s%s%s %s", v->noun, v->name ? " " : "",
			v->name ? v->name : "", v->operands);
		printf("  %-28s %s\n", left, v->summary);
	}
}

static enum args_result
help(const struct cli *cli, const char *noun)
{
	const struct verb *v = cli->verb;

	if (v) {
		printf("usage: ferry %s%s%s%s%s [options]\n\n%s.\n", v->noun, v->name ? " " : "",
			v->name ? v->name : "", *v->operands ? " " : "", v->operands, v->summary);
		print_options("Options", v->options);
		if (v->assigns)
			print_options("Assignment", assignment_options);
	} else {
		printf("usage: ferry %s VERB [options]\n\n", noun ? noun : "NOUN");
		print_verbs(noun);
	}
	print_options("Service", api_options);
	print_options("Common", common_options);
	return ARGS_HELP;
}

// --- reading ---

PRINTF_LIKE(2, 3) static enum args_result wrong(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	fputs("ferry: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, " — fix: see ferry%s%s%s%s --help\n", cli->verb ? " " : "",
		cli->verb ? cli->verb->noun : "", cli->verb && cli->verb->name ? " " : "",
		cli->verb && cli->verb->name ? cli->verb->name : "");
	return ARGS_WRONG;
}

struct reading {
	int argc, i;
	char **argv;
	const char *noun;
	bool options_ended;
};

static enum args_result
read_option(struct cli *cli, struct reading *r)
{
	const char *arg = r->argv[r->i];
	const char *name = str_starts(arg, "--") ? arg + 2
		: str_starts(arg, "-o")		 ? "output"
		: str_eq(arg, "-h")		 ? "help"
						 : "";
	size_t len = strcspn(name, "=");
	const char *value = name[len] ? name + len + 1 : NULL;
	const struct option_spec *spec = find_option(cli, name, len);

	if (!spec)
		return wrong(cli, "there is no option %s here", arg);
	if (arg[1] == 'o' && arg[2])
		value = arg + 2;
	if (!spec->arg && value)
		return wrong(cli, "--%s takes no value", spec->name);
	if (spec->arg && !value && r->i + 1 == r->argc)
		return wrong(cli, "--%s needs a value", spec->name);
	if (spec->arg && !value)
		value = r->argv[++r->i];
	if (cli->given_count == CLI_MAX_OPTIONS)
		return wrong(cli, "too many options");
	cli->given[cli->given_count++] =
		(struct given_option){.name = spec->name, .value = value ? value : ""};
	return ARGS_RUN;
}

static enum args_result
read_word(struct cli *cli, struct reading *r)
{
	const char *word = r->argv[r->i];

	if (cli->verb) {
		if (cli->operand_count == cli->verb->max_operands)
			return wrong(cli, "\"%s\" is one argument too many", word);
		cli->operands[cli->operand_count++] = word;
		return ARGS_RUN;
	}
	if (!r->noun && str_eq(word, "help"))
		return help(cli, NULL);
	for (size_t i = 0; i < verb_count; i++) {
		const struct verb *v = &verbs[i];
		if (r->noun ? str_eq(v->noun, r->noun) && str_eq(v->name, word)
			    : !v->name && str_eq(v->noun, word))
			cli->verb = v;
		if (cli->verb)
			return ARGS_RUN;
	}
	if (r->noun)
		return wrong(cli, "\"%s\" has no verb \"%s\"", r->noun, word);
	for (size_t i = 0; i < verb_count; i++)
		if (str_eq(verbs[i].noun, word))
			r->noun = verbs[i].noun;
	return r->noun ? ARGS_RUN : wrong(cli, "there is nothing called \"%s\"", word);
}

static enum args_result
read_format(struct cli *cli)
{
	static const char *const names[] = {
		[OUTPUT_TABLE] = "table", [OUTPUT_JSON] = "json", [OUTPUT_CSV] = "csv"};
	const char *text = cli_switch(cli, "json") ? "json" : cli_option(cli, "output");

	for (int i = 0; text && i < 3; i++)
		if (str_eq(text, names[i])) {
			cli->format = (enum output_format)i;
			return ARGS_RUN;
		}
	return text ? wrong(cli, "--output is table, json or csv, not \"%s\"", text) : ARGS_RUN;
}

static enum args_result
finish(struct cli *cli, const struct reading *r)
{
	if (cli_switch(cli, "help"))
		return help(cli, r->noun);
	if (cli_switch(cli, "version")) {
		printf("ferry %s\n", FERRY_VERSION);
		return ARGS_HELP;
	}
	if (!cli->verb)
		return r->noun ? wrong(cli, "what about \"%s\"?", r->noun)
			       : wrong(cli, "what is to be done?");
	if (cli->operand_count < cli->verb->min_operands)
		return wrong(cli, "%s is missing", cli->verb->operands);
	return read_format(cli);
}

enum args_result
args_read(struct cli *cli, int argc, char **argv)
{
	struct reading r = {.argc = argc, .i = 1, .argv = argv};
	enum args_result result = ARGS_RUN;

	for (; r.i < argc && result == ARGS_RUN; r.i++) {
		const char *arg = argv[r.i];
		if (!r.options_ended && str_eq(arg, "--"))
			r.options_ended = true;
		else if (!r.options_ended && arg[0] == '-' && arg[1])
			result = read_option(cli, &r);
		else
			result = read_word(cli, &r);
	}
	return result == ARGS_RUN ? finish(cli, &r) : result;
}

const char *
cli_option(const struct cli *cli, const char *name)
{
	for (size_t i = cli->given_count; i-- > 0;)
		if (str_eq(cli->given[i].name, name))
			return cli->given[i].value;
	return NULL;
}

bool
cli_switch(const struct cli *cli, const char *name)
{
	return cli_option(cli, name);
}

bool
cli_need_option(const struct cli *cli, const char *name, const char **out, struct error *e)
{
	const char *value = cli_option(cli, name);

	if (str_empty(value))
		return error_set(e, ERR_INVALID, "--%s is needed", name);
	*out = value;
	return true;
}

bool
cli_read_yes(const char *option, const char *text, bool *out, struct error *e)
{
	if (!str_eq(text, "yes") && !str_eq(text, "no"))
		return error_set(e, ERR_INVALID, "--%s is yes or no, not \"%s\"", option, text);
	*out = str_eq(text, "yes");
	return true;
}
