// SPDX-License-Identifier: Apache-2.0
// Where the actions on a user are, and how an option that may be repeated becomes a list.
#pragma once

#include "cli/api.h"

// "/ferry/v1/users/<first operand>"
char *account_user(struct cli *cli);
// "/ferry/v1/users/<first operand>/<action>"
char *account_path(struct cli *cli, const char *action);

// "member":[…] of every value that the option was given.
void account_list(struct cli *cli, struct jsonw *w, const char *member, const char *option);
