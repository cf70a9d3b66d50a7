// SPDX-License-Identifier: Apache-2.0
#include "agent/steps/steps.h"
#include "base/fs.h"
#include "base/str.h"

bool
step_rename(struct agent *agent, struct error *e)
{
	const char *name = agent->profile.device_name;

	// A domain names its computers itself (P15), and a device keeps the name that it has (P24).
	if (str_empty(name) || agent->journal.computer_name)
		return true;
	agent->journal.computer_name = arena_strdup(agent->arena, name);
	return fs_write("/etc/hostname",
		       slice_str(arena_printf(agent->step, "%s\n", str_lower(agent->step, name))),
		       0644, e) &&
		journal_step(&agent->journal, "renamed", e);
}
