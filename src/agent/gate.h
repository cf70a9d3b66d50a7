// SPDX-License-Identifier: Apache-2.0
// Whether people may sign in to this device: what the agent leaves behind for that, and how
// ferry-gate judges it without the agent, the network or a clock.
//
// pinned.json: the service's token keys as they were at the enrolment, and the page that the device
// was held by. release.jwt: the service's word. Both survive; neither is secret. The third file
// does not survive a boot: who this device is, written by the agent once its TPM has shown that it
// holds the key of the management certificate. Without it nothing that lies on the disk counts.
#pragma once

#include "domain/release.h"

#define GATE_DIR "/var/lib/ferry-gate"
#define GATE_SELF "/run/ferry/gate.json"

struct gate_self {
	const char *issuer, *key, *enrollment;
};

struct gate_pinned {
	const char *enrollment, *policy;
	const struct json *keys; // document of RFC 7517
};

// Write what only lasts until the next boot, for everybody to read.
bool gate_announce(const char *path, const struct gate_self *self, struct error *e) MUST_CHECK;

// Read and write pinned.json in `dir`. ERR_NOT_FOUND when nothing is pinned.
bool gate_pinned_read(
	struct arena *arena, const char *dir, struct gate_pinned *out, struct error *e) MUST_CHECK;
bool gate_pinned_write(const char *dir, const struct gate_pinned *in, struct error *e) MUST_CHECK;

// The keys of both documents, each once, older ones first; at most 16.
const struct json *gate_keys_add(
	struct arena *arena, const struct json *older, const struct json *newer) MUST_CHECK;

// Judge a token against what is pinned.
bool gate_judge(struct arena *arena, struct slice token, const struct gate_pinned *pinned,
	const struct gate_self *self, struct release *out, struct error *e) MUST_CHECK;

bool gate_release_write(const char *dir, struct slice token, struct error *e) MUST_CHECK;
// Forget token and keys: of a device that is reset or enrols anew.
bool gate_release_forget(const char *dir, struct error *e) MUST_CHECK;

// May somebody sign in now? ERR_UNAUTHENTICATED with fault session_not_released or
// release_token_invalid, and the reason.
bool gate_check(struct arena *arena, const char *dir, const char *self_path, struct release *out,
	struct error *e) MUST_CHECK;
