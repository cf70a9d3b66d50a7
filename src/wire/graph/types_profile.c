// SPDX-License-Identifier: Apache-2.0
// Deployment profiles with the names of both generations, and assignments (graph-api.md 5, 6).
#include "wire/graph/table.h"

ENUM(user_type, "windowsUserType", {"administrator", 0}, {"standard", 1},
	{"unknownFutureValue", 2});
ENUM(usage_type, "windowsDeviceUsageType", {"singleUser", 0}, {"shared", 1},
	{"unknownFutureValue", 2});
ENUM(device_type, "windowsAutopilotDeviceType", {"windowsPc", 0}, {"holoLens", 1},
	{"surfaceHub2", 2}, {"surfaceHub2S", 3}, {"virtualMachine", 4}, {"unknownFutureValue", 99});

static const struct odata_property oobe[] = {
	P(BOOL, "privacySettingsHidden", FS, .old_name = "hidePrivacySettings", NO),
	P(BOOL, "eulaHidden", FS, .old_name = "hideEULA", NO),
	P(ENUM, "userType", FS, .members = &user_type, .initial = "\"administrator\""),
	P(ENUM, "deviceUsageType", FS, .members = &usage_type, .initial = "\"singleUser\""),
	P(BOOL, "keyboardSelectionPageSkipped", FS, .old_name = "skipKeyboardSelectionPage", NO),
	P(BOOL, "escapeLinkHidden", FS, .old_name = "hideEscapeLink", NO),
};
static TYPE(oobe_setting, "outOfBoxExperienceSetting", oobe);

static const struct odata_property screen[] = {
	P(BOOL, "hideInstallationProgress", 0, NO),
	P(BOOL, "allowDeviceUseBeforeProfileAndAppInstallComplete", 0, NO),
	P(BOOL, "blockDeviceSetupRetryByUser", 0, NO),
	P(BOOL, "allowLogCollectionOnInstallFailure", 0, NO),
	P(STRING, "customErrorMessage", NUL, .max = 10000),
	P(INT32, "installProgressTimeoutInMinutes", 0, .initial = "0", .max = 1440),
	P(BOOL, "allowDeviceUseOnInstallFailure", 0, NO),
};
static TYPE(screen_settings, "windowsEnrollmentStatusScreenSettings", screen);

static const struct odata_property profile[] = {
	P(STRING, "id", RO | FS),
	P(STRING, "displayName", FS | SEARCH | NEED, .max = 256),
	P(STRING, "description", FS | SEARCH | NUL, EMPTY, .max = 1500),
	P(STRING, "locale", FS | NUL, .old_name = "language", .initial = "\"os-default\"",
		.max = 32),
	P(DATE, "createdDateTime", FS | RO, NO_DATE),
	P(DATE, "lastModifiedDateTime", FS | RO, NO_DATE),
	P(COMPLEX, "outOfBoxExperienceSetting", FS, .complex = &oobe_setting,
		.old_name = "outOfBoxExperienceSettings", .initial = "{}"),
	P(COMPLEX, "enrollmentStatusScreenSettings", BETA | NUL, .complex = &screen_settings),
	P(BOOL, "hardwareHashExtractionEnabled", FS, .old_name = "extractHardwareHash", NO),
	P(STRING, "deviceNameTemplate", FS | NUL, EMPTY, .max = 64),
	P(ENUM, "deviceType", FS, .members = &device_type, .initial = "\"windowsPc\""),
	P(BOOL, "preprovisioningAllowed", FS, .old_name = "enableWhiteGlove", NO),
	P(STRING, "managementServiceAppId", NUL, .max = 64),
	P(STRING, "roleScopeTagIds", LIST | FS, .initial = "[\"0\"]"),
	P(STRING, "ferryTrustStore", FS, .initial = "\"hardware\"", .max = 64),
	P(COMPLEX, "assignments", EXPAND | LIST, .complex = &graph_assignment),
	P(COMPLEX, "assignedDevices", NAV | LIST, .complex = &graph_autopilot_device),
};
static const struct odata_type *const profiles[] = {
	&graph_profile_directory, &graph_profile_hybrid};
const struct odata_type graph_profile = {
	.name = "#microsoft.graph.windowsAutopilotDeploymentProfile",
	OD_PROPERTIES(profile),
	OD_DERIVED(profiles),
};

SUBTYPE(graph_profile_directory, "azureADWindowsAutopilotDeploymentProfile", &graph_profile);

static const struct odata_property hybrid[] = {
	P(BOOL, "hybridAzureADJoinSkipConnectivityCheck", FS, NO),
	P(COMPLEX, "domainJoinConfiguration", NAV | NUL, .complex = &graph_domain_join),
};
TYPE(graph_profile_hybrid, "activeDirectoryWindowsAutopilotDeploymentProfile", hybrid,
	.base = &graph_profile);

ENUM(filter_type, "deviceAndAppManagementAssignmentFilterType", {"none", 0}, {"include", 1},
	{"exclude", 2});
static const struct odata_property target[] = {
	P(STRING, "deviceAndAppManagementAssignmentFilterId", BETA | NUL),
	P(ENUM, "deviceAndAppManagementAssignmentFilterType", BETA, .members = &filter_type,
		.initial = "\"none\""),
};
static const struct odata_type *const targets[] = {
	&graph_target_group, &graph_target_devices, &graph_target_users};
const struct odata_type graph_target = {
	.name = "#microsoft.graph.deviceAndAppManagementAssignmentTarget",
	OD_PROPERTIES(target),
	OD_DERIVED(targets),
	.abstract = true,
};
static const struct odata_property group[] = {P(STRING, "groupId", NEED | FS)};
static const struct odata_type *const group_targets[] = {&graph_target_exclusion};
TYPE(graph_target_group, "groupAssignmentTarget", group, .base = &graph_target,
	OD_DERIVED(group_targets));
SUBTYPE(graph_target_exclusion, "exclusionGroupAssignmentTarget", &graph_target_group);
SUBTYPE(graph_target_devices, "allDevicesAssignmentTarget", &graph_target);
SUBTYPE(graph_target_users, "allLicensedUsersAssignmentTarget", &graph_target);

ENUM(source, "deviceAndAppManagementAssignmentSource", {"direct", 0}, {"policySets", 1});
static const struct odata_property assignment[] = {
	P(STRING, "id", RO | FS),
	P(ENUM, "source", RO, .members = &source, .initial = "\"direct\""),
	P(STRING, "sourceId", RO | NUL),
	P(STRING, "intent", NUL, EMPTY),
	P(COMPLEX, "target", NEED, .complex = &graph_target),
};
TYPE(graph_assignment, "windowsAutopilotDeploymentProfileAssignment", assignment);
