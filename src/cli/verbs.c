// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include "cli/resource.h"

#define OPTIONS(...)                                                                               \
	(const struct option_spec[])                                                               \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}
#define LISTS(resource) EFFECT_LISTS, &resource
#define CHANGES(resource) EFFECT_CHANGES, &resource
#define DESTROYS(resource) EFFECT_DESTROYS, &resource

const struct verb verbs[] = {
	{"device", "import", "FILE.csv", 1, 1, "Register devices by their hardware hashes",
		OPTIONS({"group-tag", "TAG", "Give every device this group tag"},
			{"user", "UPN", "Assign every device to this user"},
			{"strict", NULL, "Read the file as Intune does: no quotes, ASCII only"},
			{"dry-run", NULL, "Have every line checked, register nothing"},
			{"report", "FILE", "Write what became of every line, as CSV"},
			{"restart", NULL, "Do not go on with an interrupted import"}),
		false, device_import, .example = "device import devices.csv --group-tag pilot"},
	{"device", "list", "", 0, 0, "List registered devices",
		OPTIONS({"serial", "SERIAL", "Only the device with this serial number",
			OPTION_FILTER, "serialNumber eq %s"}),
		false, resource_list, LISTS(resource_device)},
	{"device", "show", "SERIAL", 1, 1, "Show a device, and why each thing was assigned to it",
		NULL, false, device_show},
	{"device", "timeline", "SERIAL", 1, 1, "Show what happened in a device's deployments", NULL,
		false, device_timeline},
	{"device", "unblock", "SERIAL", 1, 1, "Let a pre-provisioned device enrol once more", NULL,
		false, device_unblock, CHANGES(resource_device)},
	{"device", "delete", "SERIAL", 1, 1, "Delete a device's registration", NULL, false,
		device_delete, DESTROYS(resource_device)},

	{"group", "create", "NAME", 1, 1, "Make a group", group_fields, false, resource_create,
		CHANGES(resource_group),
		"group create Pilots --rule '(device.devicePhysicalIds -any (_ -eq "
		"\"[OrderID]:pilot\"))'"},
	{"group", "list", "", 0, 0, "List groups", NULL, false, resource_list,
		LISTS(resource_group)},

	{"profile", "create", "NAME", 1, 1, "Make a deployment profile", profile_fields, true,
		resource_create, CHANGES(resource_profile),
		"profile create Hybrid --join hybrid --preprovisioning --group Pilots"},
	{"profile", "list", "", 0, 0, "List deployment profiles", NULL, false, resource_list,
		LISTS(resource_profile)},
	{"profile", "set", "PROFILE", 1, 1, "Change a deployment profile", profile_changes, false,
		resource_update, CHANGES(resource_profile)},

	{"esp", "create", "NAME", 1, 1, "Make an Enrollment Status Page", esp_fields, true,
		resource_create, CHANGES(resource_esp),
		"esp create Page --timeout 45 --all-devices"},
	{"esp", "list", "", 0, 0, "List Enrollment Status Pages", NULL, false, resource_list,
		LISTS(resource_esp)},

	{"domainjoin", "create", "NAME", 1, 1, "Make a domain-join profile", domainjoin_fields,
		true, resource_create, CHANGES(resource_domainjoin),
		"domainjoin create Corp --domain corp.example.com --name PC-%RAND:5% "
		"--all-devices"},
	{"domainjoin", "list", "", 0, 0, "List domain-join profiles", NULL, false, resource_list,
		LISTS(resource_domainjoin)},
	{"domainjoin", "set", "DOMAINJOIN", 1, 1, "Change a domain-join profile",
		domainjoin_changes, false, resource_update, CHANGES(resource_domainjoin)},

	{"policy", "add", "NAME", 1, 1, "Add a setting by its OMA-URI",
		OPTIONS({"uri", "LOCURI", "The node, as ./Device/Vendor/MSFT/… (needed)"},
			{"value", "VALUE", "Its value"},
			{"file", "FILE", "Its value is in this file; - is standard input"},
			{"format", "FORMAT", "chr (default), int, bool, b64, xml, bin or float"}),
		true, policy_add, CHANGES(resource_policy),
		"policy add Camera --uri ./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera "
		"--value 0 --format int --all-devices"},
	{"policy", "list", "", 0, 0, "List settings, certificates and networks", NULL, false,
		resource_list, LISTS(resource_policy)},

	{"cert", "add", "NAME FILE.pem", 2, 2, "Add a trusted root certificate", NULL, true,
		cert_add, CHANGES(resource_policy)},
	{"wifi", "add", "NAME", 1, 1, "Add a wireless network",
		OPTIONS({"ssid", "SSID", "The network's name (needed)"},
			{"file", "WLAN.xml", "The WLAN profile (needed)"}),
		true, wifi_add, CHANGES(resource_policy)},

	{"app", "add", "FILE.deb", 1, 1, "Publish an app",
		OPTIONS({"name", "NAME", "How it is called (default: the file's name)"}), true,
		app_add, CHANGES(resource_app), "app add editor_1.2_all.deb --group Pilots"},
	{"app", "list", "", 0, 0, "List apps", NULL, false, resource_list, LISTS(resource_app)},

	{"connector", "create", "NAME", 1, 1, "Register a connector and print its one-time token",
		OPTIONS({"domain", "DOMAIN", "Active Directory domain it serves (needed)"}), false,
		connector_create, CHANGES(resource_connector),
		"connector create edge --domain corp.example.com"},
	{"connector", "list", "", 0, 0, "List connectors", NULL, false, resource_list,
		LISTS(resource_connector)},

	{"api", NULL, "METHOD PATH", 2, 2, "Send any request of the API and print its answer",
		OPTIONS({"data", "JSON",
				"The request's body; @FILE reads it, @- from standard input"},
			{"v1", NULL, "Version v1.0 where the path names none; else beta"},
			{"all", NULL, "Follow a collection to its end"}),
		false, api_call, EFFECT_CHANGES, NULL,
		"api GET '/deviceManagement/windowsAutopilotDeviceIdentities?$top=5'"},
	{"completion", NULL, "bash|zsh", 1, 1, "Write what a shell needs to complete this command",
		NULL, false, completion,
		.example = "completion bash > /etc/bash_completion.d/ferry"},
	{"error", "list", "", 0, 0, "List the error catalogue", NULL, false, catalogue_list},
	{"error", "show", "NAME", 1, 1, "Explain an error by its name or Autopilot's code", NULL,
		false, catalogue_show},
	{"error", "man", "", 0, 0, "Write ferry-errors(7)", NULL, false, catalogue_man},
	{"version", NULL, "", 0, 0, "Print the version", NULL, false, print_version},
};

const size_t verb_count = sizeof verbs / sizeof *verbs;
