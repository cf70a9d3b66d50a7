// SPDX-License-Identifier: Apache-2.0
#include "cli/preparation.h"

#include "base/str.h"
#include "cli/resource.h"

#define DEFINITION "enrollment_autopilot_dpp_"
#define INSTANCE "#microsoft.graph.deviceManagementConfiguration"

enum shape { SHAPE_CHOICE, SHAPE_NUMBER, SHAPE_TEXT, SHAPE_APPS, SHAPE_SCRIPTS };

// The words of a choice are _0, _1 in their order. "accountype" and "customerrormessage" are
// Microsoft's.
static const struct {
	const char *option, *setting;
	enum shape shape;
	const char *choices, *initial;
} settings[] = {
	{NULL, "deploymentmode", SHAPE_CHOICE, "standard", "standard"},
	{"type", "deploymenttype", SHAPE_CHOICE, "user-driven|automatic", "user-driven"},
	{NULL, "jointype", SHAPE_CHOICE, "joined", "joined"},
	{"account", "accountype", SHAPE_CHOICE, "standard|administrator", "standard"},
	{"timeout", "timeout", SHAPE_NUMBER, NULL, "60"},
	{"message", "customerrormessage", SHAPE_TEXT, NULL, NULL},
	{"allow-skip", "allowskip", SHAPE_CHOICE, "no|yes", "no"},
	{"diagnostics", "allowdiagnostics", SHAPE_CHOICE, "no|yes", "no"},
	{"apps", "allowedappids", SHAPE_APPS, NULL, NULL},
	{"scripts", "allowedscriptids", SHAPE_SCRIPTS, NULL, NULL},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static void
put_simple(struct jsonw *w, const char *name, const char *kind, const char *text)
{
	jsonw_object(w, name);
	jsonw_str(w, "@odata.type",
		str_eq(kind, "Integer") ? INSTANCE "IntegerSettingValue"
					: INSTANCE "StringSettingValue");
	if (str_eq(kind, "Integer"))
		jsonw_raw(w, "value", text);
	else
		jsonw_str(w, "value", text);
	jsonw_end_object(w);
}

// An app is a text that is JSON itself.
static bool
put_app(struct cli *cli, struct jsonw *w, const char *name, struct error *e)
{
	const struct json *app;
	struct buf out;

	if (!resource_find(cli, &resource_app, name, &app, e))
		return false;
	buf_init(&out, cli->arena, 4096);
	struct jsonw inner = jsonw_on(&out);
	jsonw_object(&inner, NULL);
	jsonw_str(&inner, "id", json_str(app, "id"));
	jsonw_str(&inner, "type", json_str(app, "@odata.type"));
	jsonw_end_object(&inner);
	put_simple(w, NULL, "String", buf_text(&out));
	return true;
}

static bool
put_script(struct cli *cli, struct jsonw *w, const char *name, struct error *e)
{
	const struct json *script;

	if (!resource_find(cli, &resource_script, name, &script, e))
		return false;
	put_simple(w, NULL, "String", json_str(script, "id"));
	return true;
}

static bool
put_collection(struct cli *cli, struct jsonw *w, const char *value, bool apps, struct error *e)
{
	jsonw_str(w, "@odata.type", INSTANCE "SimpleSettingCollectionInstance");
	jsonw_array(w, "simpleSettingCollectionValue");
	while (*value) {
		size_t len = strcspn(value, ",");
		const char *one = arena_strndup(cli->arena, value, len);
		if (apps && !put_app(cli, w, one, e))
			return false;
		if (!apps && !put_script(cli, w, one, e))
			return false;
		value += len + (value[len] == ',');
	}
	jsonw_end_array(w);
	return true;
}

static bool
put_instance(struct cli *cli, struct jsonw *w, size_t i, const char *value, struct error *e)
{
	const char *id = arena_printf(cli->arena, DEFINITION "%s", settings[i].setting);
	bool number = settings[i].shape == SHAPE_NUMBER, ok = true;
	uint64_t minutes;

	if (number && !str_to_u64(value, 1440, &minutes))
		return error_set(e, ERR_INVALID, "--%s is a number", settings[i].option);
	jsonw_object(w, NULL);
	jsonw_object(w, "settingInstance");
	jsonw_str(w, "settingDefinitionId", id);
	if (settings[i].shape == SHAPE_CHOICE) {
		jsonw_str(w, "@odata.type", INSTANCE "ChoiceSettingInstance");
		jsonw_object(w, "choiceSettingValue");
		jsonw_str(w, "value",
			arena_printf(cli->arena, "%s_%d", id,
				cli_choice_find(settings[i].choices, value)));
		jsonw_end_object(w);
	} else if (number || settings[i].shape == SHAPE_TEXT) {
		jsonw_str(w, "@odata.type", INSTANCE "SimpleSettingInstance");
		put_simple(w, "simpleSettingValue", number ? "Integer" : "String", value);
	} else {
		ok = put_collection(cli, w, value, settings[i].shape == SHAPE_APPS, e);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
	return ok;
}

static const struct json *
setting_before(struct cli *cli, const struct json *before, const char *setting)
{
	const struct json *list = json_get(before, "settings");
	const char *id = arena_printf(cli->arena, DEFINITION "%s", setting);

	for (const struct json *s = list ? list->first : NULL; s; s = s->next)
		if (str_eq(json_str(json_get(s, "settingInstance"), "settingDefinitionId"), id))
			return s;
	return NULL;
}

bool
complete_preparation(struct cli *cli, const struct json *before, struct jsonw *w, struct error *e)
{
	if (!before) {
		jsonw_str(w, "platforms", "windows10");
		jsonw_str(w, "technologies", "enrollment");
		jsonw_object(w, "templateReference");
		jsonw_str(w, "templateId", "80d33118-b7b4-40d8-b15f-81be745e053f_1");
		jsonw_end_object(w);
	}
	jsonw_array(w, "settings");
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *value = settings[i].option ? cli_option(cli, settings[i].option) : NULL;
		const struct json *old = setting_before(cli, before, settings[i].setting);
		if (!value && old) {
			jsonw_value(w, NULL, old);
			continue;
		}
		if (!value && !before)
			value = settings[i].initial;
		if (value && !put_instance(cli, w, i, value, e))
			return false;
	}
	jsonw_end_array(w);
	return true;
}

// The group that devices join when they enrol.
bool
preparation_set_group(struct cli *cli, struct error *e)
{
	const struct json *policy, *group, *answer;
	struct buf body;

	if (!resource_find(cli, &resource_preparation, cli->operands[0], &policy, e) ||
		!resource_find(cli, &resource_group, cli->operands[1], &group, e))
		return false;
	buf_init(&body, cli->arena, 4096);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "enrollmentTimeDeviceMembershipTargets");
	jsonw_object(&w, NULL);
	jsonw_str(&w, "targetType", "staticSecurityGroup");
	jsonw_str(&w, "targetId", json_str(group, "id"));
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	const char *path = resource_address(
		cli, &resource_preparation, policy, "setEnrollmentTimeDeviceMembershipTarget");
	if (!api_send(cli, "POST", path, buf_text(&body), &answer, e))
		return false;
	// An action's result stands in "value".
	if (json_get(answer, "value"))
		answer = json_get(answer, "value");
	if (cli->plan || json_bool(answer, "validationSucceeded", false))
		return output_object(cli, output_made, group, e);
	const struct json *list =
		json_get(answer, "enrollmentTimeDeviceMembershipTargetValidationStatuses");
	const char *code = list ? json_str(list->first, "targetValidationErrorCode") : NULL;
	error_set(e, ERR_INVALID, "group \"%s\" cannot be used: %s", cli->operands[1],
		code ? code : "the service does not say why");
	return error_hint(e, "the group must have no rule: its members are added one by one");
}

bool
preparation_clear_group(struct cli *cli, struct error *e)
{
	const struct json *policy;

	return resource_find(cli, &resource_preparation, cli->operands[0], &policy, e) &&
		api_send(cli, "POST",
			resource_address(cli, &resource_preparation, policy,
				"clearEnrollmentTimeDeviceMembershipTarget"),
			"{}", NULL, e);
}
