// SPDX-License-Identifier: Apache-2.0
#include "domain/esp_profile.h"

#include "base/str.h"

enum { SELECTED_USUAL = 100 };

static const char default_message[] = "Setup could not be completed. Please try again or contact "
				      "your support person for help.";

struct esp_settings
esp_settings_default(void)
{
	return (struct esp_settings){
		.name = "Default",
		.timeout_minutes = ESP_TIMEOUT_MINUTES,
		.hybrid_extra_minutes = ESP_HYBRID_EXTRA_MINUTES,
		.message = default_message,
	};
}

static void
read_selected(struct arena *arena, const struct json *list, struct esp_settings *out)
{
	if (!list || list->type != JSON_ARRAY || !list->count)
		return;
	const char **ids = arena_array(arena, list->count, sizeof *ids);
	for (const struct json *id = list->first; id; id = id->next)
		if (id->type == JSON_STRING)
			ids[out->selected_count++] = id->text;
	out->selected = ids;
}

void
esp_settings_read(struct arena *arena, const struct json *document, struct esp_settings *out)
{
	struct esp_settings s = esp_settings_default();
	const char *message = json_str(document, "customErrorMessage");
	const char *name = json_str(document, "displayName");

	s.name = name ? name : "";
	s.show = json_bool(document, "showInstallationProgress", false);
	s.timeout_minutes =
		json_int(document, "installProgressTimeoutInMinutes", ESP_TIMEOUT_MINUTES);
	s.hybrid_extra_minutes =
		json_int(document, "ferryHybridExtraMinutes", ESP_HYBRID_EXTRA_MINUTES);
	s.message = str_empty(message) ? default_message : message;
	s.logs = json_bool(document, "allowLogCollectionOnInstallFailure", false);
	s.first_user_only = json_bool(document, "disableUserStatusTrackingAfterFirstUser", false);
	s.quality_updates = json_bool(document, "installQualityUpdates", false);
	s.reset_on_error = json_bool(document, "allowDeviceResetOnInstallFailure", false);
	s.use_on_error = json_bool(document, "allowDeviceUseOnInstallFailure", false);
	s.retry_blocked = json_bool(document, "blockDeviceSetupRetryByUser", false);
	s.try_all = json_bool(document, "allowNonBlockingAppInstallation", false); // C7
	read_selected(arena, json_get(document, "selectedMobileAppIds"), &s);
	*out = s;
}

void
esp_settings_check(const struct json *document, struct findings *out)
{
	struct esp_settings s;

	esp_settings_read(out->arena, document, &s);
	if (s.timeout_minutes < 1 || s.timeout_minutes > 1440)
		finding_add(out, SEVERITY_BLOCKING, "esp_timeout_invalid",
			"\"%s\" has a time limit of %lld minutes", s.name,
			(long long)s.timeout_minutes);
	if (s.hybrid_extra_minutes < 0 || s.hybrid_extra_minutes > 1440)
		finding_add(out, SEVERITY_BLOCKING, "esp_timeout_invalid",
			"\"%s\" adds %lld minutes for the domain join", s.name,
			(long long)s.hybrid_extra_minutes);
	if (strlen(s.message) > ESP_MESSAGE_MAX)
		finding_add(out, SEVERITY_BLOCKING, "esp_message_too_long",
			"the message of \"%s\" has more than %d bytes", s.name, ESP_MESSAGE_MAX);
	if (!s.show && (s.reset_on_error || s.use_on_error || s.selected_count))
		finding_add(out, SEVERITY_WARNING, "esp_not_shown",
			"\"%s\" shows no progress: its other settings have no effect", s.name);
	if (s.try_all && !s.selected_count)
		finding_add(out, SEVERITY_NOTE, "esp_selection_missing",
			"\"%s\" tries apps that do not block, but every app blocks", s.name);
	if (s.selected_count > SELECTED_USUAL)
		finding_add(out, SEVERITY_NOTE, "esp_many_apps", "\"%s\" waits for %zu apps",
			s.name, s.selected_count);
	if (s.use_on_error)
		finding_add(out, SEVERITY_NOTE, "esp_use_on_error",
			"\"%s\" lets people use a device whose setup failed", s.name);
}

struct esp_timeout
esp_timeout(const struct esp_settings *settings, bool hybrid)
{
	int64_t extra = hybrid ? settings->hybrid_extra_minutes : 0;

	return (struct esp_timeout){.minutes = settings->timeout_minutes,
		.extra = extra,
		.total = settings->timeout_minutes + extra};
}

unsigned
esp_block_bits(const struct esp_settings *settings)
{
	unsigned bits = (settings->reset_on_error ? 1u : 0u) | (settings->retry_blocked ? 0u : 2u) |
		(settings->use_on_error ? 4u : 0u);

	return bits ? bits : 2u;
}

static bool
is_selected(const struct esp_settings *settings, const char *app_id)
{
	for (size_t i = 0; i < settings->selected_count; i++)
		if (str_ieq(settings->selected[i], app_id))
			return true;
	return settings->selected_count == 0;
}

struct esp_app
esp_app_decide(
	const struct esp_settings *settings, const char *app_id, enum esp_flow flow, bool for_user)
{
	static const struct esp_app user_only = {
		.reason = "assigned to the user, whom the device phase does not know"};
	static const struct esp_app not_shown = {
		.attempt = true, .reason = "the page shows no progress and waits for nothing"};
	static const struct esp_app blocks = {.attempt = true,
		.wait = true,
		.fatal = true,
		.reason = "it blocks: setup waits for it and fails with it"};
	static const struct esp_app tried = {.attempt = true,
		.wait = true,
		.reason = "not among the apps that block: tried now, and again for the user "
			  "should it fail"};
	static const struct esp_app later = {
		.reason = "not among the apps that block: installed after the technician's part"};
	static const struct esp_app after = {
		.reason = "not among the apps that block: installed after the page"};

	if (for_user)
		return user_only;
	if (!settings->show)
		return not_shown;
	if (is_selected(settings, app_id))
		return blocks;
	if (flow != ESP_FLOW_TECHNICIAN)
		return after;
	return settings->try_all ? tried : later;
}

const char *
esp_flow_name(enum esp_flow flow)
{
	static const char *const names[] = {
		[ESP_FLOW_USER_DRIVEN] = "user-driven",
		[ESP_FLOW_TECHNICIAN] = "technician",
		[ESP_FLOW_SELF_DEPLOYING] = "self-deploying",
	};

	return names[flow];
}
