// SPDX-License-Identifier: Apache-2.0
// A JSON document as an administrator may write it, read as each kind of policy. Whatever it is,
// every finding has a name of the catalogue and a text.
#include "base/slice.h"
#include "base/str.h"
#include "domain/deployment_profile.h"
#include "domain/device_preparation.h"
#include "domain/domain_join_profile.h"
#include "domain/enrollment_gate.h"
#include "domain/esp_profile.h"
#include "domain/fault.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_all(struct arena *arena, const struct json *document, struct findings *found)
{
	struct preparation_group group = {.exists = true, .name = "group"};
	struct profile_settings profile;
	struct gate_policies policies = {0};
	struct preparation preparation;

	profile_settings_read(arena, document, &profile);
	profile_settings_check(document, false, found);
	oobe_config_check(profile_oobe_config(&profile), found);
	esp_settings_check(document, found);
	domain_join_check(document, found);
	gate_check_restriction(document, found);
	gate_read_management(arena, document, &policies);
	gate_read_registration(arena, document, &policies);
	if (!preparation_read(arena, document, &preparation))
		return;
	preparation_check(&preparation, &group, found);
	struct preparation_step *steps;
	size_t count = preparation_plan(arena, &preparation, "group", NULL, 0, &steps);
	for (size_t i = 0; i < count; i++)
		if (str_empty(steps[i].skipped)) // nothing that is not known is set up
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct findings found = {.arena = &arena};
	struct error e = {0};
	const struct json *document =
		json_parse(&arena, slice_of((const char *)data, size), NULL, &e);

	if (!document)
		return 0;
	read_all(&arena, document, &found);
	for (size_t i = 0; i < found.count; i++)
		if (!fault_find(found.items[i].fault) || str_empty(found.items[i].text))
			abort();
	return 0;
}
