// SPDX-License-Identifier: Apache-2.0
// The error catalogue: what each named cause is called, what it means, and who can do what about
// it.
#pragma once

#include "base/error.h"

enum fault_who { WHO_USER, WHO_TECHNICIAN, WHO_ADMINISTRATOR, WHO_NETWORK, WHO_SUPPORT };

struct fault {
	const char *name; // stable catalogue name
	const char *
		code; // Autopilot's code, hexadecimal or decimal, or NULL (behaviour.md section 15)
	enum fault_who who; // who can fix it
	const char *title;
	const char *cause;
	const char *fix;
};

// All entries in catalogue order.
extern const struct fault fault_catalogue[];
extern const int fault_count;

// The entry of that name, or NULL.
const struct fault *fault_find(const char *name);

// The entry that explains an error: its named cause, or the general one for `otherwise` (a
// catalogue name).
const struct fault *fault_of(const struct error *e, const char *otherwise);

// "user", "technician", "administrator", "network administrator", "support".
const char *fault_who_name(enum fault_who who);
