// SPDX-License-Identifier: Apache-2.0
// AutopilotConfigurationFile.json on this device: where it counts, and what it changes (behaviour
// V1, V13).
#pragma once

#include "agent/agent.h"
#include "codec/json.h"

// Read it if there is one. False: it is there and cannot be used (offline_profile_invalid).
bool offline_file_read(struct agent *agent, bool *found, struct error *e) MUST_CHECK;

// May a device go its way? Faults of mode_check().
bool offline_file_check(const struct agent *agent, struct error *e) MUST_CHECK;

// What the file says takes the place of a profile's settings. Fault offline_profile_outdated: they
// do not join the same way (V7).
bool offline_file_apply(struct agent *agent, struct error *e) MUST_CHECK;

// The members "offline" and "oobeConfig" of a request; none without a file that counts.
void offline_file_write(const struct agent *agent, struct jsonw *w);
