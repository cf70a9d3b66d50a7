// SPDX-License-Identifier: Apache-2.0
// Whether this device of this person may enrol: management scope, who may join, quotas, platform
// restrictions, corporate ownership (behaviour E1, E6, E7, E9, E10, E12).
//
// Where an administrator has decided nothing, everything is allowed.
#pragma once

#include "codec/json.h"
#include "domain/finding.h"

enum gate_scope { GATE_ALL, GATE_NONE, GATE_SELECTED };

struct gate_membership {
	enum gate_scope scope;
	const char *const *groups, *const *users; // of GATE_SELECTED: ids
	size_t group_count, user_count;
};

// A platform restriction for Windows.
struct gate_restriction {
	const char *id, *name;
	int64_t priority; // the lowest number wins; 0 is the default one
	bool blocked, personal_blocked;
	const char *os_min, *os_max;			// "10.0.19045.0"; "" for none
	const char *const *manufacturers, *const *skus; // that are blocked
	size_t manufacturer_count, sku_count;
	const char *const *groups; // of users that it is assigned to
	size_t group_count;
};

struct gate_policies {
	struct gate_membership management; // E1
	struct gate_membership join;	   // E6
	int64_t quota;			   // E7: devices of one person; 0: no limit
	const struct gate_restriction *restrictions;
	size_t restriction_count;
};

struct gate_request {
	bool hybrid;	// joins the directory through Active Directory: E6 and E7 do not apply
	bool userless;	// pre-provisioned or self-deploying: nobody signs in
	bool corporate; // registered, or with a corporate identifier (E12)
	const char *user_id, *upn; // NULL when nobody is known
	const char *const *user_groups;
	size_t user_group_count;
	int64_t devices_of_user;
	const char *os_version; // "10.0.22631.3007"; "" when the device does not say
	const char *edition;	// "Professional"; "" when the device does not say
	const char *manufacturer;
};

struct gate_verdict {
	bool allowed;
	const char *fault;  // NULL when allowed
	const char *reason; // what decided, one sentence
};

// Strings live in the arena.
struct gate_verdict enrollment_gate(struct arena *arena, const struct gate_policies *policies,
	const struct gate_request *request);

// Read the documents of Graph: mobilityManagementPolicy, deviceRegistrationPolicy, and a platform
// restriction of either form; false when that document does not restrict Windows.
void gate_read_management(
	struct arena *arena, const struct json *document, struct gate_policies *out);
void gate_read_registration(
	struct arena *arena, const struct json *document, struct gate_policies *out);
bool gate_read_restriction(
	struct arena *arena, const struct json *document, struct gate_restriction *out);

// What is wrong with a platform restriction: versions that are none or in the wrong order (E9).
void gate_check_restriction(const struct json *document, struct findings *out);

// Compare versions as numbers between dots: negative, 0, positive (E9). What is missing is 0.
int version_compare(const char *a, const char *b);
