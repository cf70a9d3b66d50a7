// SPDX-License-Identifier: Apache-2.0
// Which devices would not get through what is assigned to them, found for cohorts and not one by
// one.
#pragma once

#include "domain/finding.h"
#include "store/profiles.h"

enum { PREFLIGHT_EXAMPLES = 3 };

// A trust store of the service, by name, with how many roots it holds.
struct trust_fact {
	const char *name;
	size_t roots;
};

struct preflight_scope {
	// Deployment profile, domain-join profile or page: only devices that get it. NULL:
	// everything.
	const char *object_id;
	const char *item_id; // configuration item: only the settings that it conflicts with
	const struct trust_fact *trust; // NULL: nothing is known, and nothing said, about them
	size_t trust_count;
};

struct preflight_finding {
	enum severity severity;
	const char *fault, *text;
	int64_t devices;			  // 0: it is about the object itself
	const char *examples[PREFLIGHT_EXAMPLES]; // serial numbers
	size_t example_count;
};

// Blocking findings first.
struct preflight_report {
	struct preflight_finding *items;
	size_t count;
	int64_t devices, ready; // looked at; without a blocking finding
};

bool store_preflight(const struct work *w, const struct preflight_scope *scope,
	struct preflight_report *out, struct error *e) MUST_CHECK;

bool preflight_blocks(const struct preflight_report *report);
