// SPDX-License-Identifier: Apache-2.0
// ferry: the administrator's command line, over the same API as everybody's programs.
#include "cli/args.h"
#include "cli/output.h"
#include <sysexits.h>

enum { COMMAND_MEMORY = 1 << 30 };

int
main(int argc, char **argv)
{
	autoarena(arena, COMMAND_MEMORY);
	struct cli cli = {.arena = &arena};
	struct error e = {0};

	switch (args_read(&cli, argc, argv)) {
	case ARGS_HELP:
		return EX_OK;
	case ARGS_WRONG:
		return EX_USAGE;
	case ARGS_RUN:
		break;
	}
	bool ok = cli.verb->run(&cli, &e);
	api_close(cli.api);
	if (ok)
		return cli.exit_code;
	fflush(stdout);
	fprintf(stderr, "ferry: %s\n", output_error(&arena, &e));
	return error_exit_code(e.code);
}
