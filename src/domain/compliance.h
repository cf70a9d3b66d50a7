// SPDX-License-Identifier: Apache-2.0
// Whether a device is compliant: the requirements of the built-in policy, each with its reason when
// it is not met.
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include <stdbool.h>

struct compliance_facts {
	time_us attested_at, deployment_started_at;
	const char *tpm_version; // DeviceStatus/TPM/SpecificationVersion as the device reported it,
				 // or NULL
	const char *domain_name; // DeviceStatus/DomainName, or NULL
	const char *expected_domain; // NULL unless the profile is hybrid
	size_t items_assigned, items_done;
};

// True when everything is met; *reasons is then "" and otherwise what is missing, in words.
bool compliance_evaluate(
	struct arena *arena, const struct compliance_facts *facts, const char **reasons);
