// SPDX-License-Identifier: Apache-2.0
// The agent's side of the screen: what is shown now, and what the person at the device did.
//
// Any number of faces connect to a unix socket and get the current screen as one JSON line at once
// and at every change; they send one JSON line an action. A face that crashes or never comes stops
// nothing.
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include <stdint.h>

struct face;

struct face_action {
	char name[24];	 // "next", "winkey", "refresh", "provision", "reseal", "retry", "reset",
			 // "diagnostics", …
	char value[128]; // of "next"
	char user[256];	 // of "signin"
	char password[512];
	char code[64]; // of "signin": the second factor
};

// Listen; only root and the socket's group may connect.
bool face_open(const char *socket_path, struct face **out, struct error *e) MUST_CHECK;
void face_close(struct face *face);

// Show a screen: a JSON object as text. The last one is kept for faces that connect later.
void face_show(struct face *face, const char *json);

// Wait for an action. False when none came within the time (-1: for ever).
bool face_wait(struct face *face, int timeout_ms, struct face_action *out);

// Put an action into the queue: the Windows key of a real keyboard comes this way, and what no face
// may say.
void face_push(struct face *face, const char *name);

// Read one line of a face. False when it is no action; *out is wiped by whoever used it.
bool face_read_action(struct arena *arena, struct slice line, struct face_action *out) MUST_CHECK;

// Overwrite what a person typed.
void face_action_wipe(struct face_action *action);
