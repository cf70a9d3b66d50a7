// SPDX-License-Identifier: Apache-2.0
// How a command line is read by the table of verbs, and the help that is made from the same table.
#pragma once

#include "cli/cli.h"

enum args_result {
	ARGS_RUN,   // cli->verb is to be run
	ARGS_HELP,  // help was asked for and is printed
	ARGS_WRONG, // explained on standard error
};

// Options may stand anywhere; "--name VALUE" and "--name=VALUE" are the same; "--" ends them.
enum args_result args_read(struct cli *cli, int argc, char **argv) MUST_CHECK;

// Print the help of the verb, of a noun, or of everything (help.c).
enum args_result help_print(const struct cli *cli, const char *noun);

// Options of all verbs, of those that list, change, destroy; each ends with a row without name.
extern const struct option_spec common_options[], list_options[], change_options[],
	destroy_options[];

// Those that follow from the verb's effect; NULL: none.
const struct option_spec *args_effect_options(const struct verb *verb);
