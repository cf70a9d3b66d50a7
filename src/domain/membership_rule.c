// SPDX-License-Identifier: Apache-2.0
#include "domain/membership_rule.h"

#include "domain/rule_internal.h"

enum rule_subject
rule_subject(const struct rule *rule)
{
	return rule->subject;
}

uint64_t
rule_properties(const struct rule *rule)
{
	return rule->properties;
}

const char *const *
rule_groups(const struct rule *rule, size_t *count)
{
	*count = rule->group_count;
	return rule->groups;
}

static bool
matches(const struct rule *rule, const struct rule_device *d, const struct rule_text *ids,
	size_t count)
{
	struct rule_values values = {
		.of = {
			[RULE_DISPLAY_NAME] = rule_text_value(d->display_name),
			[RULE_DEVICE_ID] = rule_text_value(d->device_id),
			[RULE_DEVICE_MANUFACTURER] = rule_text_value(d->manufacturer),
			[RULE_DEVICE_MODEL] = rule_text_value(d->model),
			[RULE_DEVICE_OS_TYPE] = rule_text_value(d->os_type),
			[RULE_DEVICE_OWNERSHIP] = rule_text_value(d->ownership),
			[RULE_DEVICE_TRUST_TYPE] = rule_text_value(d->trust_type),
			[RULE_ENROLLMENT_PROFILE_NAME] = rule_text_value(d->profile_name),
			[RULE_DEVICE_PHYSICAL_IDS] = rule_list_value(ids, count, false),
		}};
	enum rule_truth truth;
	struct error ignored;

	return rule_evaluate(rule, &values, &truth, &ignored) && truth == RULE_TRUE;
}

bool
rule_matches(const struct rule *rule, const struct rule_device *device)
{
	enum { USUAL = 32 };
	struct rule_text few[USUAL], *ids = few;
	autoarena(arena, ARENA_REQUEST);
	size_t count = 0;

	while (device->physical_ids && device->physical_ids[count])
		count++;
	if (count > USUAL)
		ids = arena_array(&arena, count, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = rule_element(device->physical_ids[i]);
	return matches(rule, device, ids, count);
}
