// SPDX-License-Identifier: Apache-2.0
// What a device preparation policy asks for and what is wrong with it, above all with its device
// group (behaviour Z2-Z9, Z12; pains row 20).
//
// Autopilot fails silently when its own service principal does not own the group (Z8). Ferry needs
// no owner: it puts devices into the group itself, and says when the group cannot take them. Its
// limits of 25 apps and 10 scripts (Z5, Z6) are not kept.
#pragma once

#include "codec/json.h"
#include "domain/finding.h"

// An app of the policy's list. type: "#microsoft.graph.win32LobApp", "" when the list does not say.
struct preparation_ref {
	const char *id, *type;
};

struct preparation {
	const char *id, *name;
	int64_t priority;
	bool automatic;		 // Z3: not user-driven
	bool administrator;	 // Z3: the user's account
	int64_t timeout_minutes; // Z4: 15 to 720
	const char *message;
	bool allow_skip, show_diagnostics;
	size_t app_count, script_count;
	const struct preparation_ref *apps; // in the order of the policy
	const char *const *scripts;	    // ids, likewise
	const char *group_id;		    // Z8: where devices are put; "" when none is set
	bool joins_domain;		    // Z2: asked for, and refused
	const char *trust_store; // whose TPMs are believed: "hardware" unless the policy says
	// Z16: pages of an associated device; "" or false: as they are.
	const char *language, *keyboard, *name_template;
	bool hide_eula, hide_privacy, hide_change_account;
};

// Z10: in this order things are set up.
enum preparation_stage {
	PREPARATION_POLICY,
	PREPARATION_LOB, // line-of-business apps and Microsoft 365
	PREPARATION_SCRIPT,
	PREPARATION_APP, // Win32, Store, catalogue
	PREPARATION_STAGES
};

// "policy", "lob", "script", "app".
const char *preparation_stage_name(enum preparation_stage stage);
// kind: "app", "script" or another kind of item; type: of the app.
enum preparation_stage preparation_stage_of(const char *kind, const char *type);

// An app or script that exists, and whether it is assigned to the policy's device group (Z5).
struct preparation_known {
	const char *id, *kind, *name, *type;
	bool assigned;
};

// One thing to set up, or the reason why it is left out: shown, never silent (Z5).
struct preparation_step {
	const char *id, *kind, *name;
	enum preparation_stage stage;
	const char *skipped; // NULL: it is set up
};

// What the policy sets up, in order; each once. Gives the number of steps; *out and its texts live
// in the arena.
size_t preparation_plan(struct arena *arena, const struct preparation *policy,
	const char *group_name, const struct preparation_known *known, size_t count,
	struct preparation_step **out);

// The group as the store knows it.
struct preparation_group {
	bool exists;
	bool dynamic;	   // its rule decides alone (G9)
	bool synchronized; // Active Directory decides
	const char *name;
};

// Read a configuration policy (graph-api.md 11). False when it is not one of device preparation.
bool preparation_read(struct arena *arena, const struct json *document, struct preparation *out);

void preparation_check(const struct preparation *policy, const struct preparation_group *group,
	struct findings *out);

// Why this device is not prepared by a policy but by its deployment profile, or NULL (Z12).
// `registered`: it has an Autopilot registration; `associated`: it was bound to a policy (Z15).
const char *preparation_refused(bool registered, bool associated, bool hybrid);

// One of several policies that reach a device: device-assigned before user-assigned, then the
// lowest number (Z12). Negative when `a` comes first.
int preparation_order(
	const struct preparation *a, bool a_device, const struct preparation *b, bool b_device);
