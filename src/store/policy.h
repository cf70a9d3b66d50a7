// SPDX-License-Identifier: Apache-2.0
// Everything that administrators decided for one tenant, read at once for those who judge it
// together. Only the store includes this.
#pragma once

#include "domain/deployment_profile.h"
#include "domain/esp_profile.h"
#include "domain/preflight.h"
#include "store/cohort.h"
#include "store/preflight.h"

struct policy_profile {
	const char *id;
	struct profile_settings settings;
	const struct json *document; // NULL: none
};

struct policy_esp {
	const char *id;
	struct esp_settings settings;
	const struct json *document;
};

struct policy_join {
	const char *id, *name, *domain, *ou, *name_template;
	enum connector_state connector; // the best of those that serve the domain
	const char *connector_name;
	const char *fault; // how the last computer account was refused, or NULL
	const struct json *document;
};

// A group that something is assigned to.
struct policy_group {
	const char *id, *name;
	bool has_devices, has_users, paused, dynamic, for_users;
};

struct policy_set {
	struct policy_group *groups;
	size_t group_count;
	struct policy_profile *profiles;
	struct policy_esp *esps;
	struct policy_join *joins;
	size_t profile_count, esp_count, join_count;
	struct esp_settings default_page; // X2, X16
	bool branded;
};

bool policy_load(
	struct db *db, struct assigner *a, struct policy_set *out, struct error *e) MUST_CHECK;

const struct policy_profile *policy_profile(const struct policy_set *set, const char *id);
const struct policy_esp *policy_esp(const struct policy_set *set, const char *id);
const struct policy_join *policy_join(const struct policy_set *set, const char *id);

// What devices in these groups get, as preflight_check() wants it. with_user is left false.
void policy_case(struct arena *arena, const struct policy_set *set, const struct assigner *a,
	const struct id_list *groups, const struct id_list *undecided,
	const struct trust_fact *trust, size_t trust_count, struct preflight_case *out);

// The groups of the person with this UPN, through groups inside groups too; none when there is no
// such person.
bool user_groups(struct db *db, const struct work *w, const char *upn, struct id_list *out,
	struct error *e) MUST_CHECK;

// store_gate() inside a transaction.
struct device;
struct gate_device;
struct gate_verdict;
bool gate_in(struct db *db, const struct work *w, const struct device *device,
	const struct gate_device *says, struct gate_verdict *out, struct error *e) MUST_CHECK;
