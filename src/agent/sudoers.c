// SPDX-License-Identifier: Apache-2.0
#include "agent/sudoers.h"

#include "agent/login.h"
#include "base/fs.h"
#include "base/str.h"
#include <ctype.h>
#include <unistd.h>

// Letters and digits first: % # + ! begin what is no user (sudoers(5)). A space is written as it
// is between quotation marks.
bool
sudoers_line(struct arena *arena, const char *account, const char **out, struct error *e)
{
	bool safe = isalnum((unsigned char)account[0]) || account[0] == '_';

	for (const char *at = account; *at && safe; at++)
		safe = isalnum((unsigned char)*at) || strchr("-_. $", *at);
	*out = arena_printf(arena, "\"%s\" ALL=(ALL:ALL) ALL\n", account);
	return safe || error_set(e, ERR_INVALID, "\"%.60s\" is no name for sudo", account);
}

// sssd has the domain's people by their short names (domain_join.c).
static bool
account_of(struct agent *agent, const char **out, struct error *e)
{
	const struct journal *j = &agent->journal;
	char *name;

	if (j->joined && j->domain_user) {
		*out = str_lower(agent->step,
			arena_strndup(agent->step, j->domain_user, strcspn(j->domain_user, "@")));
		return true;
	}
	if (!login_name(agent->step, j->user, &name, e))
		return false;
	*out = name;
	return true;
}

bool
sudoers_apply(struct agent *agent, struct error *e)
{
	const char *account, *line;

	if (!agent->journal.user || !str_eq(agent->journal.account_type, "administrator"))
		return sudoers_revoke(agent, e);
	return account_of(agent, &account, e) && sudoers_line(agent->step, account, &line, e) &&
		fs_mkdirs("/etc/sudoers.d", 0750, e) &&
		fs_write(SUDOERS_FILE, slice_str(line), 0440, e);
}

bool
sudoers_revoke(struct agent *agent, struct error *e)
{
	(void)agent;
	return fs_remove(SUDOERS_FILE, e);
}

const char *
sudoers_account_type(struct agent *agent)
{
	if (!agent->journal.user || !agent->journal.account_ready)
		return "";
	return access(SUDOERS_FILE, F_OK) == 0 ? "administrator" : "standard";
}
