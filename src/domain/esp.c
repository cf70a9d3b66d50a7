// SPDX-License-Identifier: Apache-2.0
#include "domain/esp.h"

#include <string.h>

static const struct {
	const char *key, *title;
} phases[ESP_PHASES] = {
	[ESP_DEVICE_PREPARATION] = {"devicePreparation", "Device preparation"},
	[ESP_DEVICE_SETUP] = {"deviceSetup", "Device setup"},
	[ESP_ACCOUNT_SETUP] = {"accountSetup", "Account setup"},
};

static const struct esp_row_info rows[ESP_ROWS] = {
	[ESP_SECURING] = {ESP_DEVICE_PREPARATION, "securing", "Securing your hardware"},
	[ESP_JOINING] = {ESP_DEVICE_PREPARATION, "joining", "Joining your organization's network"},
	[ESP_REGISTERING] = {ESP_DEVICE_PREPARATION, "registering",
		"Registering your device for mobile management"},
	[ESP_PREPARING] = {ESP_DEVICE_PREPARATION, "preparing",
		"Preparing your device for mobile management"},
	[ESP_POLICIES] = {ESP_DEVICE_SETUP, "policies", "Security policies"},
	[ESP_CERTIFICATES] = {ESP_DEVICE_SETUP, "certificates", "Certificates"},
	[ESP_NETWORKS] = {ESP_DEVICE_SETUP, "networks", "Network connections"},
	[ESP_APPS] = {ESP_DEVICE_SETUP, "apps", "Apps"},
	[ESP_ACCOUNT_JOINING] = {ESP_ACCOUNT_SETUP, "accountJoining",
		"Joining your organization's network"},
	[ESP_ACCOUNT_POLICIES] = {ESP_ACCOUNT_SETUP, "accountPolicies", "Security policies"},
	[ESP_ACCOUNT_CERTIFICATES] = {ESP_ACCOUNT_SETUP, "accountCertificates", "Certificates"},
	[ESP_ACCOUNT_NETWORKS] = {ESP_ACCOUNT_SETUP, "accountNetworks", "Network connections"},
	[ESP_ACCOUNT_APPS] = {ESP_ACCOUNT_SETUP, "accountApps", "Apps"},
};

const char *
esp_phase_key(enum esp_phase phase)
{
	return phases[phase].key;
}

const char *
esp_phase_title(enum esp_phase phase)
{
	return phases[phase].title;
}

const struct esp_row_info *
esp_row_info(enum esp_row row)
{
	return &rows[row];
}

const char *
esp_state_name(enum esp_state state)
{
	static const char *const names[ESP_STATES] = {
		[ESP_IDENTIFYING] = "identifying",
		[ESP_WAITING] = "waiting",
		[ESP_WORKING] = "working",
		[ESP_COMPLETE] = "complete",
		[ESP_ERROR] = "error",
	};

	return names[state];
}

enum esp_row
esp_row_by_key(const char *key)
{
	for (enum esp_row row = 0; key && row < ESP_ROWS; row++)
		if (strcmp(rows[row].key, key) == 0)
			return row;
	return ESP_ROWS;
}

enum esp_row
esp_row_of_item(const char *kind, const char *scope)
{
	static const char *const kinds[] = {"policy", "certificate", "network", "app"};
	bool user = strcmp(scope, "user") == 0;

	for (int i = 0; i < 4; i++)
		if (strcmp(kind, kinds[i]) == 0)
			return (enum esp_row)((user ? ESP_ACCOUNT_POLICIES : ESP_POLICIES) + i);
	return ESP_ROWS;
}
