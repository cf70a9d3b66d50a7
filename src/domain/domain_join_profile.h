// SPDX-License-Identifier: Apache-2.0
// What the document of a domain-join profile means and what is wrong with it: domain,
// organizational unit, and the template of computer names (behaviour J1-J4).
#pragma once

#include "codec/json.h"
#include "domain/finding.h"

struct domain_join_settings {
	const char *name;
	const char *domain;	   // J2: "corp.example.com"
	const char *ou;		   // J3: distinguished name; "": the domain's default container
	const char *name_template; // ferryNameTemplate, or prefix and random digits (J1)
};

// Strings live in the arena or in the document.
void domain_join_read(
	struct arena *arena, const struct json *document, struct domain_join_settings *out);

void domain_join_check(const struct json *document, struct findings *out);
