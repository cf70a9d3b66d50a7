// SPDX-License-Identifier: Apache-2.0
#include "domain/device_preparation.h"

#include "base/str.h"

#define PREFIX "enrollment_autopilot_dpp_"

// The settings-catalogue instance of that name, or NULL.
static const struct json *
setting(const struct json *document, const char *name)
{
	const struct json *list = json_get(document, "settings");

	for (const struct json *s = list ? list->first : NULL; s; s = s->next) {
		const struct json *instance = json_get(s, "settingInstance");
		const char *id = json_str(instance, "settingDefinitionId");
		if (str_istarts(id ? id : "", PREFIX) && str_ieq(id + strlen(PREFIX), name))
			return instance;
	}
	return NULL;
}

static bool
choice_is_one(const struct json *instance)
{
	return str_ends(json_str(json_get(instance, "choiceSettingValue"), "value"), "_1");
}

static size_t
collection_count(const struct json *instance)
{
	const struct json *list = json_get(instance, "simpleSettingCollectionValue");

	return list ? list->count : 0;
}

static bool
is_preparation(const struct json *document)
{
	return setting(document, "deploymentmode") || setting(document, "deploymenttype") ||
		str_istarts(json_str(json_get(document, "templateReference"), "templateId")
				? json_str(json_get(document, "templateReference"), "templateId")
				: "",
			"80d33118-b7b4-40d8-b15f-81be745e053f");
}

bool
preparation_read(struct arena *arena, const struct json *document, struct preparation *out)
{
	const char *name = json_str(document, "name"), *id = json_str(document, "id");
	const char *group = json_str(document, "ferryDeviceGroupId");

	(void)arena;
	if (!is_preparation(document))
		return false;
	const struct json *timeout = json_get(setting(document, "timeout"), "simpleSettingValue");
	const char *message = json_str(
		json_get(setting(document, "customerrormessage"), "simpleSettingValue"), "value");
	*out = (struct preparation){
		.id = id ? id : "",
		.name = name ? name : "",
		.priority = json_int(document, "priority", 0),
		.automatic = choice_is_one(setting(document, "deploymenttype")),
		.administrator = choice_is_one(setting(document, "accountype")),
		.timeout_minutes = json_int(timeout, "value", 60),
		.message = message ? message : "",
		.allow_skip = choice_is_one(setting(document, "allowskip")),
		.show_diagnostics = choice_is_one(setting(document, "allowdiagnostics")),
		.app_count = collection_count(setting(document, "allowedappids")),
		.script_count = collection_count(setting(document, "allowedscriptids")),
		.group_id = group ? group : "",
	};
	return true;
}

void
preparation_check(const struct preparation *policy, const struct preparation_group *group,
	struct findings *out)
{
	if (policy->timeout_minutes < 15 || policy->timeout_minutes > 720)
		finding_add(out, SEVERITY_BLOCKING, "preparation_timeout",
			"\"%s\" has a time limit of %lld minutes", policy->name,
			(long long)policy->timeout_minutes);
	if (!*policy->group_id) {
		finding_add(out, SEVERITY_BLOCKING, "preparation_group_missing",
			"\"%s\" has no device group", policy->name);
		return;
	}
	if (!group->exists)
		finding_add(out, SEVERITY_BLOCKING, "preparation_group_missing",
			"the device group of \"%s\" does not exist any more", policy->name);
	else if (group->dynamic)
		finding_add(out, SEVERITY_BLOCKING, "preparation_group_dynamic",
			"the device group \"%s\" of \"%s\" is dynamic", group->name, policy->name);
	else if (group->synchronized)
		finding_add(out, SEVERITY_BLOCKING, "preparation_group_dynamic",
			"the device group \"%s\" of \"%s\" is synchronized from Active Directory",
			group->name, policy->name);
	if (policy->app_count > 25 || policy->script_count > 10)
		finding_add(out, SEVERITY_NOTE, "preparation_many_items",
			"\"%s\" has %zu apps and %zu scripts; Autopilot stops at 25 and 10",
			policy->name, policy->app_count, policy->script_count);
}

const char *
preparation_refused(bool registered, bool associated, bool hybrid)
{
	if (hybrid)
		return "device preparation does not join Active Directory";
	if (registered && !associated)
		return "the device is registered: its deployment profile decides";
	return NULL;
}

int
preparation_order(
	const struct preparation *a, bool a_device, const struct preparation *b, bool b_device)
{
	if (a_device != b_device)
		return a_device ? -1 : 1;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return strcmp(a->id, b->id);
}
