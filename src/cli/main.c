// SPDX-License-Identifier: Apache-2.0
// ferry: the administrator's command line, over the same API as everybody's programs.
#include "cli/args.h"
#include "cli/output.h"
#include "cli/plan.h"
#include <locale.h>
#include <sysexits.h>

enum { COMMAND_MEMORY = 1 << 30 };

int
main(int argc, char **argv)
{
	autoarena(arena, COMMAND_MEMORY);
	struct cli cli = {.arena = &arena};
	struct error e = {0};

	// How wide a character is depends on it, and everything we print is UTF-8.
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "");
	switch (args_read(&cli, argc, argv)) {
	case ARGS_HELP:
		return EX_OK;
	case ARGS_WRONG:
		return EX_USAGE;
	case ARGS_RUN:
		break;
	}
	// Other verbs have a --dry-run of their own, which the service answers.
	if (args_effect_options(cli.verb) && cli_switch(&cli, "dry-run"))
		cli.plan = plan_new(&arena);
	bool ok = cli.verb->run(&cli, &e) && (!cli.plan || plan_print(&cli, &e));
	api_close(cli.api);
	if (ok || output_gone())
		return cli.exit_code;
	fflush(stdout);
	fprintf(stderr, "ferry: %s\n", output_error(&arena, &e));
	return error_exit_code(e.code);
}
