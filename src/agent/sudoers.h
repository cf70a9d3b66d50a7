// SPDX-License-Identifier: Apache-2.0
// Who of the organization's people is administrator of this device: one file of sudo, which is the
// agent's own and is there for one person at a time (behaviour P11).
#pragma once

#include "agent/agent.h"

#define SUDOERS_FILE "/etc/sudoers.d/60-ferry"

// What the file says for the account; ERR_INVALID for a name that sudo could take for something
// else. In the arena.
bool sudoers_line(
	struct arena *arena, const char *account, const char **out, struct error *e) MUST_CHECK;

// Make the person of the journal what the profile says, and nobody else: the account is the local
// one, or the domain's.
bool sudoers_apply(struct agent *agent, struct error *e) MUST_CHECK;

// Nobody is administrator any more.
bool sudoers_revoke(struct agent *agent, struct error *e) MUST_CHECK;

// What the device's person is here, as the file has it: "administrator", "standard", or "" while
// there is nobody.
const char *sudoers_account_type(struct agent *agent);
