// SPDX-License-Identifier: Apache-2.0
// What somebody who helps needs to see of this device, and nothing that anybody could abuse.
#pragma once

#include "agent/agent.h"

// Write a text file with the failure, the join state, the journal's steps, network and TPM facts.
// No key, password, blob or token is in it. *path is where it lies.
bool diagnostics_write(struct agent *agent, const struct error *why, const char **path,
	struct error *e) MUST_CHECK;

// The join state in the form administrators know from dsregcmd /status (behaviour O14).
void status_text(const struct journal *journal, struct buf *out);
void status_json(const struct journal *journal, struct buf *out);
