// SPDX-License-Identifier: Apache-2.0
// Checks of people's passwords and tickets for the service, on threads of their own, because a
// person is waiting for each.
#pragma once

#include "connector/config.h"
#include "connector/state.h"

// Begin; nothing happens when neither passwords nor tickets are configured. Both arguments live as
// long as the program.
bool checks_start(const struct connector_config *config, const struct connector_identity *identity,
	struct error *e) MUST_CHECK;

// Wait for the end, after stop_request().
void checks_join(void);
