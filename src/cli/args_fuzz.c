// SPDX-License-Identifier: Apache-2.0
// A command line of any words is run, explained or refused; what is kept of it is as the verb says.
#include "base/str.h"
#include "cli/args.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be(bool condition)
{
	if (!condition)
		abort();
}

// One line of the input a word.
static int
words(struct arena *arena, const uint8_t *data, size_t size, char **argv)
{
	char *text = arena_strndup(arena, (const char *)data, size), *save = NULL;
	int argc = 1;

	argv[0] = "ferry";
	for (char *word = strtok_r(text, "\n", &save); word && argc < WORDS;
		word = strtok_r(NULL, "\n", &save))
		argv[argc++] = word;
	return argc;
}

static void
check(const struct cli *cli)
{
	must_be(cli->verb && cli->operand_count >= cli->verb->min_operands &&
		cli->operand_count <= cli->verb->max_operands);
	for (size_t i = 0; i < cli->given_count; i++) {
		const struct given_option *g = &cli->given[i];
		const struct option_spec *o = cli_find_option(cli->verb, g->name, strlen(g->name));
		must_be(o && g->value && (o->arg || !*g->value));
		must_be(!cli_is_choice(o->arg) || cli_choice_find(o->arg, g->value) >= 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int out = -1, err = -1, nowhere = -1;
	autoarena(arena, ARENA_REQUEST);
	struct cli cli = {.arena = &arena};
	char *argv[WORDS + 1] = {NULL};

	if (nowhere < 0) {
		out = dup(STDOUT_FILENO);
		err = dup(STDERR_FILENO);
		nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	}
	int argc = words(&arena, data, size, argv);
	fflush(stdout);
	fflush(stderr);
	dup2(nowhere, STDOUT_FILENO);
	dup2(nowhere, STDERR_FILENO);
	enum args_result result = args_read(&cli, argc, argv);
	fflush(stdout);
	fflush(stderr);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (result == ARGS_RUN)
		check(&cli);
	return 0;
}
