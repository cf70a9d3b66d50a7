// SPDX-License-Identifier: Apache-2.0
// When the directory is synchronized: whenever the service says that a run is due, on a thread of
// its own.
#pragma once

#include "connector/config.h"
#include "connector/state.h"

// Begin; nothing happens when no base is configured. Both arguments live as long as the program.
bool sync_start(const struct connector_config *config, const struct connector_identity *identity,
	struct error *e) MUST_CHECK;

// Wait for the end, after stop_request().
void sync_join(void);
