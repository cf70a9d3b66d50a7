// SPDX-License-Identifier: Apache-2.0
// Completion for shells, made from the table of verbs: nothing is offered that args.c would refuse,
// and no service is asked while somebody types.
#include "base/str.h"
#include "cli/api.h"
#include "cli/args.h"
#include "cli/assignment.h"
#include "cli/output.h"

enum { SCRIPT_MAX = 1 << 20, LISTS = 5 };

static void
option_lists(const struct verb *v, const struct option_spec *out[LISTS])
{
	out[0] = v ? v->options : NULL;
	out[1] = v ? args_effect_options(v) : NULL;
	out[2] = v && v->assigns ? assignment_options : NULL;
	out[3] = common_options;
	out[4] = api_options;
}

// The first verb of each noun stands for the noun.
static bool
is_first_of_noun(size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(verbs[k].noun, verbs[i].noun))
			return false;
	return true;
}

// Operands and values that are files have these names in the help.
static bool
is_file(const char *arg)
{
	return arg && (str_starts(arg, "FILE") || str_ends(arg, ".xml") || strstr(arg, " FILE."));
}

static void
put_words(struct buf *out, const char *choices)
{
	for (; *choices; choices++)
		buf_putc(out, *choices == '|' ? ' ' : *choices);
}

// --- bash ---

static void
bash_verb_words(struct buf *out, const struct verb *v)
{
	const struct option_spec *lists[LISTS];

	buf_printf(out, "\t'%s%s%s') echo '", v->noun, v->name ? " " : "", v->name ? v->name : "");
	if (cli_is_choice(v->operands))
		put_words(out, v->operands);
	option_lists(v, lists);
	for (size_t l = 0; l < LISTS; l++)
		for (const struct option_spec *o = lists[l]; o && o->name; o++)
			buf_printf(out, " --%s", o->name);
	buf_puts(out, "' ;;\n");
}

static void
bash_words(struct buf *out)
{
	buf_puts(out, "_ferry_words() {\n\tcase \"$1\" in\n\t'') echo '");
	for (size_t i = 0; i < verb_count; i++)
		if (is_first_of_noun(i))
			buf_printf(out, "%s ", verbs[i].noun);
	buf_puts(out, "help --help --version' ;;\n");
	for (size_t i = 0; i < verb_count; i++) {
		if (!is_first_of_noun(i) || !verbs[i].name)
			continue;
		buf_printf(out, "\t'%s') echo '", verbs[i].noun);
		for (size_t k = i; k < verb_count; k++)
			if (str_eq(verbs[k].noun, verbs[i].noun))
				buf_printf(out, "%s ", verbs[k].name);
		buf_puts(out, "--help' ;;\n");
	}
	for (size_t i = 0; i < verb_count; i++)
		bash_verb_words(out, &verbs[i]);
	buf_puts(out, "\tesac\n}\n\n");
}

// "words …", "file", or "any" for every option that takes a value; nothing for switches.
static void
bash_value(struct buf *out, const char *prefix, const struct option_spec *o)
{
	if (!o->arg)
		return;
	buf_printf(out, "\t'%s--%s') echo '", prefix, o->name);
	if (cli_is_choice(o->arg)) {
		buf_puts(out, "words ");
		put_words(out, o->arg);
	} else {
		buf_puts(out, is_file(o->arg) ? "file" : "any");
	}
	buf_puts(out, "' ;;\n");
}

static void
bash_values(struct buf *out)
{
	const struct option_spec *lists[LISTS];

	buf_puts(out, "_ferry_value() {\n\tcase \"$1 $2\" in\n");
	for (size_t i = 0; i < verb_count; i++) {
		char prefix[96];
		option_lists(&verbs[i], lists);
		snprintf(prefix, sizeof prefix, "%s%s%s ", verbs[i].noun, verbs[i].name ? " " : "",
			verbs[i].name ? verbs[i].name : "");
		for (size_t l = 0; l < 3; l++)
			for (const struct option_spec *o = lists[l]; o && o->name; o++)
				bash_value(out, prefix, o);
	}
	buf_puts(out, "\t*) case \"$2\" in\n");
	option_lists(NULL, lists);
	for (size_t l = 3; l < LISTS; l++)
		for (const struct option_spec *o = lists[l]; o && o->name; o++)
			bash_value(out, "", o);
	buf_puts(out, "\t'-o') echo 'words ");
	put_words(out, common_options[0].arg);
	buf_puts(out, "' ;;\n\tesac ;;\n\tesac\n}\n\n");
}

static void
bash_files(struct buf *out)
{
	buf_puts(out, "_ferry_takes_file() {\n\tcase \"$1\" in\n");
	for (size_t i = 0; i < verb_count; i++)
		if (is_file(verbs[i].operands))
			buf_printf(out, "\t'%s%s%s') return 0 ;;\n", verbs[i].noun,
				verbs[i].name ? " " : "", verbs[i].name ? verbs[i].name : "");
	buf_puts(out, "\tesac\n\treturn 1\n}\n\n");
}

// Words before the cursor give noun and verb; options and their values are passed over. bash cuts
// words at "=", so "--join=hybrid" comes as three.
static const char bash_main[] =
	"_ferry() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} verb='' option='' value word i IFS=$' \\t\\n'\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ $word == '=' ]]; then\n"
	"\t\t\tcontinue\n"
	"\t\telif [[ -n $option ]]; then\n"
	"\t\t\toption=''\n"
	"\t\telif [[ $word == -* ]]; then\n"
	"\t\t\tvalue=$(_ferry_value \"$verb\" \"$word\")\n"
	"\t\t\t[[ -n $value ]] && option=$word\n"
	"\t\telif [[ -z $verb || $(_ferry_words \"$verb\") == *' --help' && $verb != *' '* && "
	"-n $(_ferry_words \"$verb $word\") ]]; then\n"
	"\t\t\tverb=\"${verb:+$verb }$word\"\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t[[ $cur == '=' ]] && cur=''\n"
	"\tif [[ -n $option ]]; then\n"
	"\t\tvalue=$(_ferry_value \"$verb\" \"$option\")\n"
	"\t\tcase \"$value\" in\n"
	"\t\twords*) COMPREPLY=($(compgen -W \"${value#words}\" -- \"$cur\")) ;;\n"
	"\t\tfile) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	"\t\tesac\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $cur != -* ]] && _ferry_takes_file \"$verb\"; then\n"
	"\t\tcompopt -o filenames\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tCOMPREPLY=($(compgen -W \"$(_ferry_words \"$verb\")\" -- \"$cur\"))\n"
	"\t[[ $cur != -* && -n $verb && -z $cur ]] || return 0\n"
	"}\n\ncomplete -F _ferry ferry\n";

static void
put_bash(struct buf *out)
{
	buf_puts(out, "# Completion of ferry(1) in bash, made by \"ferry completion bash\".\n\n");
	bash_words(out);
	bash_values(out);
	bash_files(out);
	buf_puts(out, bash_main);
}

// --- zsh ---

// Within single quotes; `special` are those that the specification would read.
static void
put_quoted(struct buf *out, const char *text, const char *special)
{
	for (; *text; text++)
		if (*text == '\'')
			buf_puts(out, "'\\''");
		else if (strchr(special, *text))
			buf_printf(out, "\\%c", *text);
		else
			buf_putc(out, *text);
}

static void
zsh_option(struct buf *out, const struct option_spec *o)
{
	buf_printf(out, " \\\n\t\t\t'*--%s%s[", o->name, o->arg ? "=" : "");
	put_quoted(out, o->help, "[]\\");
	buf_putc(out, ']');
	if (o->arg) {
		buf_putc(out, ':');
		put_quoted(out, o->arg, ":\\");
		buf_putc(out, ':');
		if (cli_is_choice(o->arg)) {
			buf_putc(out, '(');
			put_words(out, o->arg);
			buf_putc(out, ')');
		} else if (is_file(o->arg)) {
			buf_puts(out, "_files");
		}
	}
	buf_putc(out, '\'');
}

static void
zsh_verb(struct buf *out, const struct verb *v)
{
	const struct option_spec *lists[LISTS];

	option_lists(v, lists);
	buf_printf(out, "\t'%s%s%s') _arguments -S", v->noun, v->name ? " " : "",
		v->name ? v->name : "");
	for (size_t l = 0; l < LISTS; l++)
		for (const struct option_spec *o = lists[l]; o && o->name; o++)
			zsh_option(out, o);
	if (v->max_operands) {
		buf_puts(out, " \\\n\t\t\t'*:");
		put_quoted(out, v->operands, ":\\");
		buf_putc(out, ':');
		if (cli_is_choice(v->operands)) {
			buf_putc(out, '(');
			put_words(out, v->operands);
			buf_putc(out, ')');
		} else if (is_file(v->operands)) {
			buf_puts(out, "_files");
		}
		buf_putc(out, '\'');
	}
	buf_puts(out, " ;;\n");
}

static void
zsh_noun(struct buf *out, const char *noun)
{
	buf_printf(out, "\t'%s') verbs=(", noun);
	for (size_t i = 0; i < verb_count; i++) {
		if (!str_eq(verbs[i].noun, noun))
			continue;
		buf_printf(out, "\n\t\t'%s:", verbs[i].name);
		put_quoted(out, verbs[i].summary, ":\\");
		buf_putc(out, '\'');
	}
	buf_puts(out, ")\n\t\t_describe verb verbs ;;\n");
}

static void
zsh_switches(struct buf *out)
{
	const struct option_spec *lists[LISTS];

	option_lists(NULL, lists);
	buf_puts(out, "\t\t-*=*) ;;\n\t\t-o");
	for (size_t l = 3; l < LISTS; l++)
		for (const struct option_spec *o = lists[l]; o->name; o++)
			if (o->arg)
				buf_printf(out, "|--%s", o->name);
	buf_puts(out, ") ((i++)) ;;\n\t\t-*) ;;\n");
}

// The noun and the verb are cut off, so that _arguments sees a command of its own.
static void
put_zsh(struct buf *out)
{
	buf_puts(out,
		"#compdef ferry\n# Completion of ferry(1) in zsh, made by \"ferry completion "
		"zsh\".\n\n"
		"_ferry() {\n"
		"\tlocal -a verbs found\n"
		"\tlocal -i i\n"
		"\tfor ((i = 2; i < CURRENT; i++)); do\n"
		"\t\tcase $words[i] in\n");
	zsh_switches(out);
	buf_puts(out, "\t\t*)\n\t\t\tfound+=($words[i])\n\t\t\tcase \"$found\" in\n\t\t\t");
	for (size_t i = 0; i < verb_count; i++)
		buf_printf(out, "%s'%s%s%s'", i ? "|" : "", verbs[i].noun, verbs[i].name ? " " : "",
			verbs[i].name ? verbs[i].name : "");
	buf_puts(out,
		") break ;;\n\t\t\tesac ;;\n\t\tesac\n\tdone\n"
		"\tif ((i < CURRENT)); then\n"
		"\t\twords=(ferry \"${(@)words[i+1,-1]}\")\n"
		"\t\t((CURRENT -= i - 1))\n"
		"\tfi\n"
		"\tcase \"$found\" in\n\t'') compadd --");
	for (size_t i = 0; i < verb_count; i++)
		if (is_first_of_noun(i))
			buf_printf(out, " %s", verbs[i].noun);
	buf_puts(out, " ;;\n");
	for (size_t i = 0; i < verb_count; i++)
		if (is_first_of_noun(i) && verbs[i].name)
			zsh_noun(out, verbs[i].noun);
	for (size_t i = 0; i < verb_count; i++)
		zsh_verb(out, &verbs[i]);
	buf_puts(out, "\tesac\n}\n\n_ferry \"$@\"\n");
}

bool
completion(struct cli *cli, struct error *e)
{
	const char *shell = cli->operands[0];
	struct buf out;

	buf_init(&out, cli->arena, SCRIPT_MAX);
	if (str_eq(shell, "bash"))
		put_bash(&out);
	else if (str_eq(shell, "zsh"))
		put_zsh(&out);
	else
		return error_set(e, ERR_UNSUPPORTED,
			"there is completion for bash and zsh, not for \"%s\"", shell);
	return buf_ok(&out, e) && output_write(&out, e);
}
