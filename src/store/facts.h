// SPDX-License-Identifier: Apache-2.0
// What rules may ask of a device: which of it devices share (the cohort's attributes), which is
// each one's own, and how a rule is put to either.
#pragma once

#include "domain/membership_rule.h"
#include "store/work.h"

struct device_facts {
	// Shared: devices that agree in these are of one cohort.
	const char *manufacturer, *model, *group_tag, *purchase_order;
	const char *ownership, *os_type, *os_version, *trust_type, *management_type, *category;
	const char *enrollment_profile_name;
	const char *extensions; // JSON object of extensionAttribute1 to 15
	bool account_enabled;
	bool unregistered; // known by device preparation only: no Autopilot registration (Z2)
	// Each one's own; NULL when a whole cohort is meant.
	const char *device_id, *directory_id, *display_name;
};

// What a device is known as from its registration on, until it reports otherwise (behaviour R15).
struct device_facts facts_at_registration(const char *manufacturer, const char *model,
	const char *group_tag, const char *purchase_order);

// Read a device's. `cohort_id` (may be NULL): where it is now. ERR_NOT_FOUND.
bool facts_load(struct db *db, const struct work *w, const char *device_id,
	struct device_facts *out, const char **cohort_id, struct error *e) MUST_CHECK;

// The shared attributes as canonical JSON, and back (memory of the arena).
const char *facts_text(struct arena *arena, const struct device_facts *facts);
bool facts_parse(struct arena *arena, const char *text, struct device_facts *out,
	struct error *e) MUST_CHECK;

// What a rule sees of them. The device's own facts that are missing are unknown to it. Of memberOf:
// the groups given, and no others.
void facts_values(struct arena *arena, const struct device_facts *facts,
	const char *const *group_ids, size_t group_count, struct rule_values *out);
