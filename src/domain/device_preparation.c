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

static bool
choice_is_set_to_another(const struct json *instance)
{
	const char *value = json_str(json_get(instance, "choiceSettingValue"), "value");

	return value && !str_ends(value, "_0");
}

static const char *
text_of(const struct json *document, const char *name)
{
	const char *value =
		json_str(json_get(setting(document, name), "simpleSettingValue"), "value");

	return value ? value : "";
}

static const struct json *
collection(const struct json *document, const char *name)
{
	const struct json *list = json_get(setting(document, name), "simpleSettingCollectionValue");

	return list && list->type == JSON_ARRAY ? list : NULL;
}

// An element is a text that is JSON itself, {"id","type"}, or the id alone.
static struct preparation_ref
read_ref(struct arena *arena, const struct json *element)
{
	const char *text = json_str(element, "value");
	struct error ignored;
	const struct json *json =
		text && *text == '{' ? json_parse(arena, slice_str(text), NULL, &ignored) : NULL;
	const char *id = json ? json_str(json, "id") : text;
	const char *type = json ? json_str(json, "type") : NULL;

	return (struct preparation_ref){
		.id = id ? str_lower(arena, id) : "", .type = type ? type : ""};
}

static void
read_items(struct arena *arena, const struct json *document, struct preparation *out)
{
	const struct json *apps = collection(document, "allowedappids");
	const struct json *scripts = collection(document, "allowedscriptids");
	struct preparation_ref *refs =
		arena_array(arena, (apps ? apps->count : 0) + 1, sizeof *refs);
	const char **ids = arena_array(arena, (scripts ? scripts->count : 0) + 1, sizeof *ids);

	for (const struct json *a = apps ? apps->first : NULL; a; a = a->next)
		refs[out->app_count++] = read_ref(arena, a);
	for (const struct json *s = scripts ? scripts->first : NULL; s; s = s->next)
		ids[out->script_count++] = read_ref(arena, s).id;
	out->apps = refs;
	out->scripts = ids;
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

	if (!is_preparation(document))
		return false;
	const struct json *timeout = json_get(setting(document, "timeout"), "simpleSettingValue");
	const char *trust = json_str(document, "ferryTrustStore");
	*out = (struct preparation){
		.id = id ? id : "",
		.name = name ? name : "",
		.priority = json_int(document, "priority", 0),
		.automatic = choice_is_one(setting(document, "deploymenttype")),
		.administrator = choice_is_one(setting(document, "accountype")),
		.timeout_minutes = json_int(timeout, "value", 60),
		.message = text_of(document, "customerrormessage"),
		.allow_skip = choice_is_one(setting(document, "allowskip")),
		.show_diagnostics = choice_is_one(setting(document, "allowdiagnostics")),
		.group_id = group ? group : "",
		.joins_domain = choice_is_set_to_another(setting(document, "jointype")),
		.trust_store = str_empty(trust) ? "hardware" : trust,
		.language = text_of(document, "language"),
		.keyboard = text_of(document, "keyboard"),
		.name_template = text_of(document, "devicenametemplate"),
		.hide_eula = choice_is_one(setting(document, "hideeula")),
		.hide_privacy = choice_is_one(setting(document, "hideprivacy")),
		.hide_change_account = choice_is_one(setting(document, "hidechangeaccount")),
	};
	read_items(arena, document, out);
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
	if (policy->joins_domain)
		finding_add(out, SEVERITY_BLOCKING, "preparation_hybrid",
			"\"%s\" asks for another join than that of the directory", policy->name);
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

const char *
preparation_stage_name(enum preparation_stage stage)
{
	static const char *const names[PREPARATION_STAGES] = {"policy", "lob", "script", "app"};

	return names[stage];
}

enum preparation_stage
preparation_stage_of(const char *kind, const char *type)
{
	static const char *const late[] = {
		"win32LobApp", "win32CatalogApp", "winGetApp", "windowsStoreApp"};

	if (str_eq(kind, "script"))
		return PREPARATION_SCRIPT;
	if (!str_eq(kind, "app"))
		return PREPARATION_POLICY;
	for (size_t i = 0; i < sizeof late / sizeof *late; i++)
		if (str_ends(type, late[i]))
			return PREPARATION_APP;
	return PREPARATION_LOB;
}

static bool
has_step(const struct preparation_step *steps, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(steps[i].id, id))
			return true;
	return false;
}

static struct preparation_step
plan_one(struct arena *arena, const char *id, const char *kind, const char *type,
	const char *group_name, const struct preparation_known *known, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct preparation_known *k = &known[i];
		if (!str_ieq(k->id, id) || !str_eq(k->kind, kind))
			continue;
		return (struct preparation_step){.id = k->id,
			.kind = kind,
			.name = k->name,
			.stage = preparation_stage_of(kind, k->type),
			.skipped = k->assigned
				? NULL
				: arena_printf(arena, "not assigned to the device group \"%s\"",
					  group_name)};
	}
	return (struct preparation_step){.id = id,
		.kind = kind,
		.name = id,
		.stage = preparation_stage_of(kind, type),
		.skipped = "it does not exist any more"};
}

size_t
preparation_plan(struct arena *arena, const struct preparation *policy, const char *group_name,
	const struct preparation_known *known, size_t count, struct preparation_step **out)
{
	size_t total = policy->app_count + policy->script_count, n = 0, sorted = 0;
	struct preparation_step *all = arena_array(arena, total + 1, sizeof *all);

	for (size_t i = 0; i < policy->app_count; i++)
		if (!has_step(all, n, policy->apps[i].id))
			all[n++] = plan_one(arena, policy->apps[i].id, "app", policy->apps[i].type,
				group_name, known, count);
	for (size_t i = 0; i < policy->script_count; i++)
		if (!has_step(all, n, policy->scripts[i]))
			all[n++] = plan_one(
				arena, policy->scripts[i], "script", "", group_name, known, count);
	*out = arena_array(arena, n + 1, sizeof **out);
	for (enum preparation_stage stage = 0; stage < PREPARATION_STAGES; stage++)
		for (size_t i = 0; i < n; i++)
			if (all[i].stage == stage)
				(*out)[sorted++] = all[i];
	return sorted;
}
