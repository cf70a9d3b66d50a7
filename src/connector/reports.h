// SPDX-License-Identifier: Apache-2.0
// What the connector tells the service without being asked: its self-test when it starts, and the
// accounts with our mark, so that none is left without a device (threats-and-faults.md P11).
#pragma once

#include "connector/config.h"
#include "connector/state.h"

// Begin, on a thread of its own: a controller that does not answer delays no job. Both arguments
// live as long as the program.
bool reports_start(const struct connector_config *config, const struct connector_identity *identity,
	struct error *e) MUST_CHECK;

// Wait for the end, after stop_request().
void reports_join(void);
