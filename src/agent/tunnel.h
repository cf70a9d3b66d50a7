// SPDX-License-Identifier: Apache-2.0
// The tunnels that management put on this device: their files, how they are opened and closed, and
// whether the gateway answers. Everything lies in [device] vpn_dir; private keys in the state
// folder, where they are made and which they never leave.
#pragma once

#include "agent/agent.h"
#include "domain/vpn_profile.h"

// Write the configuration of a tunnel, and make its key unless there is one.
bool tunnel_save(struct agent *agent, const char *name, const struct vpn_profile *profile,
	struct error *e) MUST_CHECK;

// Base64 of the public key. ERR_NOT_FOUND: there is no such tunnel.
bool tunnel_public_key(
	struct agent *agent, const char *name, const char **out, struct error *e) MUST_CHECK;

// Open every tunnel whose gateway has not answered lately, and wait for its answer; `wait_s` 0: do
// not wait. Faults: vpn_not_started, vpn_no_handshake.
bool tunnels_open(struct agent *agent, int64_t wait_s, struct error *e) MUST_CHECK;

// Close and remove them all.
bool tunnels_remove(struct agent *agent, struct error *e) MUST_CHECK;
