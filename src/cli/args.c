// SPDX-License-Identifier: Apache-2.0
#include "cli/args.h"

#include "base/clock.h"
#include "base/str.h"
#include "cli/api.h"
#include "cli/assignment.h"
#include "cli/suggest.h"
#include <stdarg.h>

const struct option_spec common_options[] = {
	{"output", "table|json|jsonl|csv", "How to print (-o; default table)"},
	{"json", NULL, "The same as --output json"},
	{"csv", NULL, "The same as --output csv"},
	{"columns", "NAMES", "What a table or CSV shows: members of the JSON, as id,displayName"},
	{"help", NULL, "Print help"},
	{"version", NULL, "Print the version"},
	{0},
};

const struct option_spec list_options[] = {
	{"limit", "N", "Stop after this many (default: everything, page by page)"},
	{"filter", "CONDITION", "Only what the service finds true, as startswith(displayName,'A')"},
	{"search", "TEXT", "Only what has this text in its name, serial number or the like"},
	{"order-by", "MEMBER", "Sort by this, as \"displayName desc\""},
	{0},
};

const struct option_spec change_options[] = {
	{"dry-run", NULL, "Say exactly what would be done, and do nothing"}, {0}};
const struct option_spec destroy_options[] = {
	{"dry-run", NULL, "Say exactly what would be lost, and do nothing"},
	{"yes", NULL, "Do not ask; without it a terminal asks"}, {0}};

static const struct option_spec *
find_in(const struct option_spec *list, const char *name, size_t len)
{
	for (; list && list->name; list++)
		if (strlen(list->name) == len && strncmp(list->name, name, len) == 0)
			return list;
	return NULL;
}

const struct option_spec *
args_effect_options(const struct verb *verb)
{
	return verb->effect == EFFECT_LISTS	  ? list_options
		: verb->effect == EFFECT_CHANGES  ? change_options
		: verb->effect == EFFECT_DESTROYS ? destroy_options
						  : NULL;
}

const struct option_spec *
cli_find_option(const struct verb *verb, const char *name, size_t len)
{
	const struct option_spec *lists[] = {common_options, api_options,
		verb ? verb->options : NULL, verb ? args_effect_options(verb) : NULL,
		verb && verb->assigns ? assignment_options : NULL};
	const struct option_spec *found = NULL;

	for (size_t i = 0; !found && i < sizeof lists / sizeof *lists; i++)
		found = find_in(lists[i], name, len);
	return found;
}

// --- reading ---

PRINTF_LIKE(2, 3) static enum args_result wrong(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	fputs("ferry: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	const char *noun = cli->verb ? cli->verb->noun : cli->noun;
	const char *verb = cli->verb ? cli->verb->name : NULL;
	fprintf(stderr, " — fix: see ferry%s%s%s%s --help\n", noun ? " " : "", noun ? noun : "",
		verb ? " " : "", verb ? verb : "");
	return ARGS_WRONG;
}

// "; did you mean "list"?", or nothing.
static const char *
did_you_mean(struct cli *cli, const struct suggestion *s, const char *before)
{
	return s->best ? arena_printf(cli->arena, "; did you mean \"%s%s\"?", before, s->best) : "";
}

static const char *
nearest_option(struct cli *cli, const char *name, size_t len)
{
	const struct option_spec *lists[] = {cli->verb ? cli->verb->options : NULL,
		cli->verb ? args_effect_options(cli->verb) : NULL,
		cli->verb && cli->verb->assigns ? assignment_options : NULL, common_options,
		api_options};
	struct suggestion near = {.word = arena_strndup(cli->arena, name, len)};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (const struct option_spec *o = lists[i]; o && o->name; o++)
			suggest_offer(&near, o->name, strlen(o->name));
	return did_you_mean(cli, &near, "--");
}

// Of the nouns, or of one noun's verbs.
static const char *
nearest_verb(struct cli *cli, const char *noun, const char *word)
{
	struct suggestion near = {.word = word};

	for (size_t i = 0; i < verb_count; i++) {
		const char *name = noun ? verbs[i].name : verbs[i].noun;
		if (name && (!noun || str_eq(noun, verbs[i].noun)))
			suggest_offer(&near, name, strlen(name));
	}
	return did_you_mean(cli, &near, "");
}

struct reading {
	int argc, i;
	char **argv;
	bool options_ended;
};

// "--preprovisioning" alone means yes; only "yes" or "no" after it is its value.
static const char *
yes_or_no(struct reading *r)
{
	const char *next = r->i + 1 < r->argc ? r->argv[r->i + 1] : "";

	if (!str_eq(next, "yes") && !str_eq(next, "no"))
		return "yes";
	r->i++;
	return next;
}

static bool
is_time(struct cli *cli, const char *text)
{
	time_us at;

	if (strlen(text) == 10)
		text = arena_printf(cli->arena, "%sT00:00:00Z", text);
	return clock_parse_rfc3339(text, &at);
}

static enum args_result
check_value(struct cli *cli, const struct option_spec *spec, const char *value)
{
	uint64_t number;

	if (spec->kind == OPTION_NUMBER && !str_to_u64(value, INT32_MAX, &number))
		return wrong(cli, "--%s is a number, not \"%s\"", spec->name, value);
	if (spec->kind == OPTION_TIME && !is_time(cli, value))
		return wrong(cli, "--%s is a time as 2026-11-21T09:30:00Z, not \"%s\"", spec->name,
			value);
	if (cli_is_choice(spec->arg) && cli_choice_find(spec->arg, value) < 0)
		return wrong(cli, "--%s is one of %s, not \"%s\"", spec->name, spec->arg, value);
	if (cli->given_count == CLI_MAX_OPTIONS)
		return wrong(cli, "too many options");
	return ARGS_RUN;
}

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
	const struct option_spec *spec = cli_find_option(cli->verb, name, len);

	if (!spec)
		return wrong(
			cli, "there is no option %s here%s", arg, nearest_option(cli, name, len));
	if (arg[1] == 'o' && arg[2])
		value = arg + 2;
	if (!spec->arg && value)
		return wrong(cli, "--%s takes no value", spec->name);
	if (str_eq(spec->arg, "yes|no") && !value)
		value = yes_or_no(r);
	if (spec->arg && !value && r->i + 1 == r->argc)
		return wrong(cli, "--%s needs a value", spec->name);
	if (spec->arg && !value)
		value = r->argv[++r->i];
	if (check_value(cli, spec, value) == ARGS_WRONG)
		return ARGS_WRONG;
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
	// "ferry help device list" is "ferry device list --help".
	if (!cli->noun && str_eq(word, "help") && !cli->given_count) {
		cli->given[cli->given_count++] = (struct given_option){.name = "help", .value = ""};
		return ARGS_RUN;
	}
	for (size_t i = 0; i < verb_count; i++) {
		const struct verb *v = &verbs[i];
		if (cli->noun ? str_eq(v->noun, cli->noun) && str_eq(v->name, word)
			      : !v->name && str_eq(v->noun, word))
			cli->verb = v;
		if (cli->verb)
			return ARGS_RUN;
	}
	if (cli->noun)
		return wrong(cli, "\"%s\" has no verb \"%s\"%s", cli->noun, word,
			nearest_verb(cli, cli->noun, word));
	for (size_t i = 0; i < verb_count; i++)
		if (str_eq(verbs[i].noun, word))
			cli->noun = verbs[i].noun;
	return cli->noun ? ARGS_RUN
			 : wrong(cli, "there is nothing called \"%s\"%s", word,
				   nearest_verb(cli, NULL, word));
}

static void
read_format(struct cli *cli)
{
	static const enum output_format formats[] = {
		OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_JSONL, OUTPUT_CSV};
	const char *text = cli_switch(cli, "json") ? "json"
		: cli_switch(cli, "csv")	   ? "csv"
						   : cli_option(cli, "output");

	if (text)
		cli->format = formats[cli_choice_find(common_options[0].arg, text)];
	// One object a line is for lists: a single one is the same as JSON.
	bool lists = cli->verb->effect == EFFECT_LISTS || str_eq(cli->verb->name, "list");
	if (cli->format == OUTPUT_JSONL && !lists && cli->verb->run != api_call)
		cli->format = OUTPUT_JSON;
}

static enum args_result
finish(struct cli *cli)
{
	if (cli_switch(cli, "help"))
		return help_print(cli, cli->noun);
	if (cli_switch(cli, "version")) {
		printf("ferry %s\n", FERRY_VERSION);
		return ARGS_HELP;
	}
	if (!cli->verb)
		return cli->noun ? wrong(cli, "what about \"%s\"?", cli->noun)
				 : wrong(cli, "what is to be done?");
	if (cli->operand_count < cli->verb->min_operands)
		return wrong(cli, "%s is missing", cli->verb->operands);
	read_format(cli);
	return ARGS_RUN;
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
	return result == ARGS_RUN ? finish(cli) : result;
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
cli_need_reason(const struct cli *cli, const char **body, struct error *e)
{
	const char *reason;
	struct buf text;

	if (!cli_need_option(cli, "reason", &reason, e))
		return false;
	buf_init(&text, cli->arena, 8 << 10);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "reason", reason);
	jsonw_end_object(&w);
	*body = buf_text(&text);
	return buf_ok(&text, e);
}

const char *
cli_nth_option(const struct cli *cli, const char *name, size_t n)
{
	for (size_t i = 0; i < cli->given_count; i++)
		if (str_eq(cli->given[i].name, name) && n-- == 0)
			return cli->given[i].value;
	return NULL;
}

bool
cli_is_choice(const char *arg)
{
	bool bar = false;

	for (; arg && *arg; arg++) {
		if (*arg >= 'A' && *arg <= 'Z')
			return false;
		bar |= *arg == '|';
	}
	return bar;
}

int
cli_choice_find(const char *choices, const char *word)
{
	for (int place = 0; *choices; place++) {
		size_t len = strcspn(choices, "|");
		if (strlen(word) == len && strncmp(choices, word, len) == 0)
			return place;
		choices += len + (choices[len] == '|');
	}
	return -1;
}

const char *
cli_choice_at(struct arena *arena, const char *choices, int place)
{
	for (; *choices; place--) {
		size_t len = strcspn(choices, "|");
		if (place == 0)
			return arena_strndup(arena, choices, len);
		choices += len + (choices[len] == '|');
	}
	return NULL;
}
