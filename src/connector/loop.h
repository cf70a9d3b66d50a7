// SPDX-License-Identifier: Apache-2.0
// The connector's life: ask for work, do it, answer, for as long as nobody says stop.
#pragma once

#include "connector/config.h"

// Serve until SIGTERM or SIGINT, which end it after the job in hand. Problems of the service are
// waited out. An error means that the connector cannot work as it is set up.
bool loop_run(
	struct arena *arena, const struct connector_config *config, struct error *e) MUST_CHECK;
