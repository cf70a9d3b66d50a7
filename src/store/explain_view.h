// SPDX-License-Identifier: Apache-2.0
// An explanation that was worked out, and how its parts are written. Only explain*.c include this.
#pragma once

#include "domain/enrollment_gate.h"
#include "domain/setting.h"
#include "store/explain.h"
#include "store/policy.h"

struct explain_item {
	const char *id, *name, *kind, *scope, *intent;
	const char *because; // "group \"Sales\""
	struct setting setting;
	const char *conflict; // why it is not sent, or NULL
	bool for_user;	      // reaches the device through its user only
};

struct explain_view {
	const struct work *w;
	struct assigner *a;
	struct policy_set set;
	struct device_facts facts;
	const char *device_id, *serial, *upn;
	struct id_list assigned, user_groups;
	struct verdict verdict;
	struct assignment_choice profile, esp_device, esp_user, join;
	bool esp_device_default, esp_user_default; // nothing reaches it: the organization's default
	struct explain_item *items;
	size_t item_count;
	struct gate_verdict gate;
	struct findings findings;
	const char *name, *example, *name_from, *template_text; // computer name: has, would get
	bool hypothetical;
};

void explain_write_groups(struct jsonw *w, const struct explain_view *v);
void explain_write_choices(struct jsonw *w, const struct explain_view *v);
void explain_write_items(struct jsonw *w, const struct explain_view *v);
void explain_write_findings(struct jsonw *w, const struct findings *findings);

// The deployment profile that won, or NULL; and the flow it leads to.
const struct policy_profile *explain_profile(const struct explain_view *v);
enum esp_flow explain_flow(const struct explain_view *v);
