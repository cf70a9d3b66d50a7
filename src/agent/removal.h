// SPDX-License-Identifier: Apache-2.0
// How each thing that management put on this device is taken away again. Every function finds done
// what was done before, and touches only what is Ferry's own or what the configuration names.
#pragma once

#include "agent/agent.h"

// Everything in the folders of people ([device] homes), not the folder itself.
bool removal_homes(struct agent *agent, struct error *e) MUST_CHECK;

// Packages that the journal says were not there before.
bool removal_apps(struct agent *agent, struct error *e) MUST_CHECK;

// Files of policies, of Wi-Fi profiles and tunnels, and roots of trust.
bool removal_settings(struct agent *agent, struct error *e) MUST_CHECK;
bool removal_networks(struct agent *agent, struct error *e) MUST_CHECK;
bool removal_roots(struct agent *agent, struct error *e) MUST_CHECK;

// Keytab, Kerberos configuration and host name of the domain.
bool removal_join(struct agent *agent, struct error *e) MUST_CHECK;
