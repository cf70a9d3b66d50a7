// SPDX-License-Identifier: Apache-2.0
// Managed devices, deployments as autopilotEvents, audit events (graph-api.md sections 9 and 10).
#include "wire/graph/table.h"

ENUM(owner_type, "managedDeviceOwnerType", {"unknown", 0}, {"company", 1}, {"personal", 2});
ENUM(agent_type, "managementAgentType", {"eas", 1}, {"mdm", 2}, {"easMdm", 3}, {"intuneClient", 4},
	{"easIntuneClient", 5}, {"configurationManagerClient", 8},
	{"configurationManagerClientMdm", 10}, {"configurationManagerClientMdmEas", 11},
	{"unknown", 16}, {"jamf", 32}, {"googleCloudDevicePolicyController", 64},
	{"microsoft365ManagedMdm", 258}, {"msSense", 1024});
ENUM(management_state, "managementState", {"managed", 0}, {"retirePending", 1}, {"retireFailed", 2},
	{"wipePending", 3}, {"wipeFailed", 4}, {"unhealthy", 5}, {"deletePending", 6},
	{"retireIssued", 7}, {"wipeIssued", 8}, {"wipeCanceled", 9}, {"retireCanceled", 10},
	{"discovered", 11});
ENUM(device_enrollment_type, "deviceEnrollmentType", {"unknown", 0}, {"userEnrollment", 1},
	{"deviceEnrollmentManager", 2}, {"appleBulkWithUser", 3}, {"appleBulkWithoutUser", 4},
	{"windowsAzureADJoin", 5}, {"windowsBulkUserless", 6}, {"windowsAutoEnrollment", 7},
	{"windowsBulkAzureDomainJoin", 8}, {"windowsCoManagement", 9},
	{"windowsAzureADJoinUsingDeviceAuth", 10}, {"appleUserEnrollment", 11},
	{"appleUserEnrollmentWithServiceAccount", 12});
ENUM(registration_state, "deviceRegistrationState", {"notRegistered", 0}, {"registered", 2},
	{"revoked", 3}, {"keyConflict", 4}, {"approvalPending", 5}, {"certificateReset", 6},
	{"notRegisteredPendingEnrollment", 7}, {"unknown", 8});
ENUM(compliance_state, "complianceState", {"unknown", 0}, {"compliant", 1}, {"noncompliant", 2},
	{"conflict", 3}, {"error", 4}, {"inGracePeriod", 254}, {"configManager", 255});
ENUM(join_type, "joinType", {"unknown", 0}, {"azureADJoined", 1}, {"azureADRegistered", 2},
	{"hybridAzureADJoined", 3});

// What the device says of its antivirus; a device that has none, or says nothing, leaves null.
static const struct odata_property protection_state[] = {
	P(STRING, "id", RO),
	P(BOOL, "malwareProtectionEnabled", RO | NUL),
	P(STRING, "deviceState", RO | NUL),
	P(BOOL, "realTimeProtectionEnabled", RO | NUL),
	P(BOOL, "networkInspectionSystemEnabled", RO | NUL),
	P(BOOL, "quickScanOverdue", RO | NUL),
	P(BOOL, "fullScanOverdue", RO | NUL),
	P(BOOL, "signatureUpdateOverdue", RO | NUL),
	P(BOOL, "rebootRequired", RO | NUL),
	P(BOOL, "fullScanRequired", RO | NUL),
	P(STRING, "engineVersion", RO | NUL),
	P(STRING, "signatureVersion", RO | NUL),
	P(STRING, "antiMalwareVersion", RO | NUL),
	P(DATE, "lastQuickScanDateTime", RO | NUL),
	P(DATE, "lastFullScanDateTime", RO | NUL),
	P(STRING, "lastQuickScanSignatureVersion", RO | NUL),
	P(STRING, "lastFullScanSignatureVersion", RO | NUL),
	P(DATE, "lastReportedDateTime", RO | NUL),
	P(STRING, "productStatus", RO | NUL),
	P(BOOL, "isVirtualMachine", RO | NUL),
	P(BOOL, "tamperProtectionEnabled", RO | NUL),
};
TYPE(graph_protection_state, "windowsProtectionState", protection_state);

static const struct odata_property managed_device[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "userId", RO | FS | NUL, .column = "user_id", EMPTY),
	P(STRING, "deviceName", RO | FS | SEARCH | NUL, .column = "device_name", EMPTY),
	P(STRING, "managedDeviceName", FS | SEARCH | NUL, .column = "managed_name", EMPTY,
		.max = 256),
	P(ENUM, "managedDeviceOwnerType", FS, .members = &owner_type, .column = "owner_type",
		.initial = "\"company\""),
	P(ENUM, "ownerType", BETA | RO | FS, .members = &owner_type, .column = "owner_type",
		.initial = "\"company\""),
	P(DATE, "enrolledDateTime", RO | FS, .column = "enrolled_at", NO_DATE),
	P(DATE, "lastSyncDateTime", RO | FS, .column = "last_sync_at", NO_DATE),
	P(STRING, "operatingSystem", RO | FS, .column = "os_type", EMPTY),
	P(STRING, "osVersion", RO | FS, .column = "os_version", EMPTY),
	P(ENUM, "complianceState", RO | FS, .members = &compliance_state, .column = "compliance",
		.initial = "\"unknown\""),
	P(STRING, "jailBroken", RO | NUL, .initial = "\"Unknown\""),
	P(ENUM, "managementAgent", RO | FS, .members = &agent_type, .initial = "\"mdm\""),
	P(ENUM, "managementState", RO | FS, .members = &management_state,
		.column = "management_state", .initial = "\"managed\""),
	P(BOOL, "easActivated", RO, NO),
	P(STRING, "easDeviceId", RO | NUL, EMPTY),
	P(DATE, "easActivationDateTime", RO, NO_DATE),
	P(BOOL, "azureADRegistered", RO | NUL | FS, .column = "directory_registered"),
	P(STRING, "azureADDeviceId", RO | FS | NUL, .column = "directory_id", NO_GUID),
	P(ENUM, "deviceEnrollmentType", RO | FS, .members = &device_enrollment_type,
		.column = "enrollment_type", .initial = "\"unknown\""),
	P(ENUM, "deviceRegistrationState", RO | FS, .members = &registration_state,
		.initial = "\"registered\""),
	P(STRING, "deviceCategoryDisplayName", RO | FS | NUL, .column = "category", EMPTY),
	P(BOOL, "isSupervised", RO, NO),
	P(DATE, "exchangeLastSuccessfulSyncDateTime", RO, NO_DATE),
	P(STRING, "remoteAssistanceSessionUrl", RO | NUL),
	P(BOOL, "isEncrypted", RO, NO),
	P(STRING, "userPrincipalName", RO | FS | SEARCH | NUL, .column = "upn", EMPTY),
	P(STRING, "emailAddress", RO | FS | NUL, .column = "mail", EMPTY),
	P(STRING, "userDisplayName", RO | FS | SEARCH | NUL, .column = "user_display_name", EMPTY),
	P(STRING, "model", RO | FS | NUL, .column = "model", EMPTY),
	P(STRING, "manufacturer", RO | FS | NUL, .column = "manufacturer", EMPTY),
	P(STRING, "imei", RO | NUL, EMPTY),
	P(STRING, "meid", RO | NUL, EMPTY),
	P(STRING, "iccid", RO | NUL, EMPTY),
	P(STRING, "udid", RO | NUL),
	P(DATE, "complianceGracePeriodExpirationDateTime", RO, NO_DATE),
	P(STRING, "serialNumber", RO | FS | SEARCH, .column = "serial"),
	P(STRING, "phoneNumber", RO | NUL, EMPTY),
	P(STRING, "subscriberCarrier", RO | NUL, EMPTY),
	P(STRING, "androidSecurityPatchLevel", RO | NUL, EMPTY),
	P(STRING, "wiFiMacAddress", RO | NUL, EMPTY),
	P(STRING, "ethernetMacAddress", RO | NUL),
	P(INT64, "totalStorageSpaceInBytes", RO, .initial = "0"),
	P(INT64, "freeStorageSpaceInBytes", RO, .initial = "0"),
	P(INT64, "physicalMemoryInBytes", RO, .initial = "0"),
	P(ANY, "configurationManagerClientEnabledFeatures", RO | NUL),
	P(ANY, "deviceHealthAttestationState", RO | NUL),
	P(ANY, "deviceActionResults", RO | LIST, .column = "action_results", NONE),
	P(STRING, "exchangeAccessState", RO, .initial = "\"none\""),
	P(STRING, "exchangeAccessStateReason", RO, .initial = "\"none\""),
	P(STRING, "partnerReportedThreatState", RO, .initial = "\"unknown\""),
	P(STRING, "activationLockBypassCode", RO | NUL),
	P(BOOL, "requireUserEnrollmentApproval", RO | NUL),
	P(DATE, "managementCertificateExpirationDate", RO | FS, .column = "certificate_until",
		NO_DATE),
	P(STRING, "enrollmentProfileName", RO | FS | NUL, .column = "profile_name"),
	P(STRING, "notes", NUL, .column = "notes", .max = 1024),
	P(BOOL, "autopilotEnrolled", BETA | RO | FS, YES),
	P(ENUM, "joinType", BETA | RO | FS, .members = &join_type, .column = "join_type",
		.initial = "\"unknown\""),
	P(STRING, "skuFamily", BETA | RO | NUL, EMPTY),
	P(INT32, "skuNumber", BETA | RO, .initial = "0"),
	P(ANY, "hardwareInformation", BETA | RO | NUL),
	P(ANY, "usersLoggedOn", BETA | RO | LIST, NONE),
	P(STRING, "roleScopeTagIds", BETA | RO | LIST, .initial = "[\"0\"]"),
	P(INT32, "windowsActiveMalwareCount", BETA | RO, .initial = "0"),
	P(STRING, "deviceType", BETA | RO, .initial = "\"desktop\""),
	P(STRING, "chassisType", BETA | RO, .initial = "\"unknown\""),
	P(STRING, "processorArchitecture", BETA | RO, .initial = "\"unknown\""),
	P(STRING, "ferryRegistrationId", RO | FS, .column = "registration_id"),
	P(STRING, "ferryUserAccountType", RO | FS | NUL, .column = "account_type"),
	P(COMPLEX, "windowsProtectionState", NAV | NUL, .complex = &graph_protection_state),
};
TYPE(graph_managed_device, "managedDevice", managed_device);

ENUM(event_enrollment_type, "windowsAutopilotEnrollmentType", {"unknown", 0},
	{"azureADJoinedWithAutopilotProfile", 1}, {"offlineDomainJoined", 2},
	{"azureADJoinedUsingDeviceAuthWithAutopilotProfile", 3},
	{"azureADJoinedUsingDeviceAuthWithoutAutopilotProfile", 4},
	{"azureADJoinedWithOfflineAutopilotProfile", 5}, {"azureADJoinedWithWhiteGlove", 6},
	{"offlineDomainJoinedWithWhiteGlove", 7},
	{"offlineDomainJoinedWithOfflineAutopilotProfile", 8});
ENUM(event_enrollment_state, "enrollmentState", {"unknown", 0}, {"enrolled", 1},
	{"pendingReset", 2}, {"failed", 3}, {"notContacted", 4}, {"blocked", 5});
ENUM(deployment_state, "windowsAutopilotDeploymentState", {"unknown", 0}, {"success", 1},
	{"inProgress", 2}, {"failure", 3}, {"successWithTimeout", 4}, {"notAttempted", 5},
	{"disabled", 6}, {"successOnRetry", 7});
ENUM(policy_type, "deviceManagementAutopilotPolicyType", {"unknown", 0}, {"application", 3},
	{"appModel", 7}, {"configurationPolicy", 12});
ENUM(policy_compliance, "deviceManagementAutopilotPolicyComplianceStatus", {"unknown", 0},
	{"compliant", 1}, {"installed", 2}, {"notCompliant", 3}, {"notInstalled", 4}, {"error", 5});

static const struct odata_property policy_status[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "displayName", RO | FS, .column = "name"),
	P(ENUM, "policyType", RO | FS, .members = &policy_type, .column = "policy_type"),
	P(ENUM, "complianceStatus", RO | FS, .members = &policy_compliance, .column = "status"),
	P(BOOL, "trackedOnEnrollmentStatus", RO, YES),
	P(DATE, "lastReportedDateTime", RO | FS, .column = "updated_at", NO_DATE),
	P(INT32, "errorCode", RO, .initial = "0"),
	P(STRING, "ferryFault", RO | FS | NUL, .column = "fault"),
};
TYPE(graph_policy_status, "deviceManagementAutopilotPolicyStatusDetail", policy_status);

#define PAGE_NAME "windows10EnrollmentCompletionPageConfigurationDisplayName"
#define PAGE_ID "windows10EnrollmentCompletionPageConfigurationId"
static const struct odata_property autopilot_event[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "deviceId", RO | FS, .column = "device_id"),
	P(STRING, "userId", RO | FS | NUL, .column = "user_id", EMPTY),
	P(DATE, "eventDateTime", RO | FS, .column = "started_at", NO_DATE),
	P(DATE, "deviceRegisteredDateTime", RO | FS, .column = "registered_at", NO_DATE),
	P(DATE, "enrollmentStartDateTime", RO | FS, .column = "started_at", NO_DATE),
	P(ENUM, "enrollmentType", RO | FS, .members = &event_enrollment_type,
		.column = "enrollment_type", .initial = "\"unknown\""),
	P(STRING, "deviceSerialNumber", RO | FS | SEARCH, .column = "serial"),
	P(STRING, "managedDeviceName", RO | FS | NUL, .column = "device_name", EMPTY),
	P(STRING, "userPrincipalName", RO | FS | NUL, .column = "upn", EMPTY),
	P(STRING, "windowsAutopilotDeploymentProfileDisplayName", RO | FS | NUL,
		.column = "profile_name", EMPTY),
	P(ENUM, "enrollmentState", RO | FS, .members = &event_enrollment_state,
		.column = "enrollment_state", .initial = "\"unknown\""),
	P(STRING, PAGE_NAME, RO | FS | NUL, .column = "esp_name", EMPTY),
	P(STRING, PAGE_ID, RO | FS | NUL, .column = "esp_id", EMPTY),
	P(ENUM, "deploymentState", RO | FS, .members = &deployment_state,
		.column = "deployment_state"),
	P(ENUM, "deviceSetupStatus", RO | FS, .members = &deployment_state,
		.column = "device_setup", .initial = "\"unknown\""),
	P(ENUM, "accountSetupStatus", RO | FS, .members = &deployment_state,
		.column = "account_setup", .initial = "\"unknown\""),
	P(STRING, "osVersion", RO | FS | NUL, .column = "os_version", EMPTY),
	P(DURATION, "deploymentDuration", RO | NUL | FS, .column = "duration"),
	P(DURATION, "deploymentTotalDuration", RO | NUL | FS, .column = "duration"),
	P(DURATION, "deviceSetupDuration", RO | NUL),
	P(DURATION, "accountSetupDuration", RO | NUL),
	P(DATE, "deploymentStartDateTime", RO | FS, .column = "started_at", NO_DATE),
	P(DATE, "deploymentEndDateTime", RO | FS, .column = "finished_at", NO_DATE),
	P(INT32, "targetedAppCount", RO, .initial = "0"),
	P(INT32, "targetedPolicyCount", RO, .initial = "0"),
	P(STRING, "enrollmentFailureDetails", RO | FS | NUL, .column = "reason", EMPTY),
	P(STRING, "ferryFault", RO | FS | NUL, .column = "fault"),
	P(COMPLEX, "policyStatusDetails", EXPAND | LIST, .complex = &graph_policy_status),
};
TYPE(graph_autopilot_event, "deviceManagementAutopilotEvent", autopilot_event);

static const struct odata_property audit_actor[] = {
	P(STRING, "type", RO | NUL),
	P(STRING, "auditActorType", RO | NUL),
	P(STRING, "userPermissions", RO | LIST, NONE),
	P(STRING, "applicationId", RO | NUL),
	P(STRING, "applicationDisplayName", RO | NUL),
	P(STRING, "userPrincipalName", RO | NUL),
	P(STRING, "servicePrincipalName", RO | NUL),
	P(STRING, "ipAddress", RO | NUL),
	P(STRING, "userId", RO | NUL),
};
static TYPE(actor, "auditActor", audit_actor);
static const struct odata_property audit_property[] = {
	P(STRING, "displayName", RO | NUL),
	P(STRING, "oldValue", RO | NUL),
	P(STRING, "newValue", RO | NUL),
};
static TYPE(modified, "auditProperty", audit_property);
static const struct odata_property audit_resource[] = {
	P(STRING, "displayName", RO | NUL),
	P(STRING, "type", RO | NUL),
	P(STRING, "auditResourceType", RO | NUL),
	P(STRING, "resourceId", RO | NUL),
	P(COMPLEX, "modifiedProperties", RO | LIST, .complex = &modified, NONE),
};
static TYPE(resource, "auditResource", audit_resource);
static const struct odata_property audit_event[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "displayName", RO | FS | SEARCH, .column = "name"),
	P(STRING, "componentName", RO | FS, .column = "component"),
	P(COMPLEX, "actor", RO | NUL, .complex = &actor, .column = "actor"),
	P(STRING, "activity", RO | FS | SEARCH, .column = "activity"),
	P(DATE, "activityDateTime", RO | FS, .column = "at", NO_DATE),
	P(STRING, "activityType", RO | FS, .column = "activity_type"),
	P(STRING, "activityOperationType", RO | FS, .column = "operation"),
	P(STRING, "activityResult", RO | FS, .column = "result"),
	P(GUID, "correlationId", RO | FS | NUL, .column = "correlation_id"),
	P(COMPLEX, "resources", RO | LIST, .complex = &resource, .column = "resources"),
	P(STRING, "category", RO | FS, .column = "category"),
	P(STRING, "ferryActor", RO | FS | SEARCH, .column = "actor_name"),
	P(STRING, "ferryResourceId", RO | FS | NUL, .column = "resource_id"),
};
TYPE(graph_audit_event, "auditEvent", audit_event);

ENUM(report_status, "deviceManagementReportStatus", {"unknown", 0}, {"notStarted", 1},
	{"inProgress", 2}, {"completed", 3}, {"failed", 4});
ENUM(report_format, "deviceManagementReportFileFormat", {"csv", 0}, {"pdf", 1}, {"json", 2},
	{"xlsx", 3});
ENUM(report_language, "deviceManagementExportJobLocalizationType",
	{"localizedValuesAsAdditionalColumn", 0}, {"replaceLocalizableValues", 1});
static const struct odata_property export_job[] = {
	P(STRING, "id", RO | FS),
	P(STRING, "reportName", NEED | FS, .max = 128),
	P(STRING, "filter", NUL, .max = 4096),
	P(STRING, "select", LIST | NUL, NONE, .max = 128),
	P(ENUM, "format", NUL, .members = &report_format, .initial = "\"csv\""),
	P(STRING, "snapshotId", NUL, .max = 256),
	P(STRING, "search", NUL | BETA, .max = 256),
	P(ENUM, "localizationType", NUL, .members = &report_language,
		.initial = "\"localizedValuesAsAdditionalColumn\""),
	P(ENUM, "status", RO | FS, .members = &report_status, .initial = "\"completed\""),
	P(STRING, "url", RO | NUL),
	P(DATE, "requestDateTime", RO | FS, NO_DATE),
	P(DATE, "expirationDateTime", RO | FS, NO_DATE),
	P(STRING, "ferryKey", OD_SECRET | NUL),
};
TYPE(graph_export_job, "deviceManagementExportJob", export_job);

ENUM(log_state, "appLogUploadState", {"pending", 0}, {"completed", 1}, {"failed", 2});
static const struct odata_property log_collection[] = {
	P(STRING, "id", RO),
	P(ENUM, "status", RO, .members = &log_state),
	P(STRING, "managedDeviceId", RO),
	P(INT64, "errorCode", RO, .initial = "0"),
	P(DATE, "requestedDateTimeUTC", RO),
	P(DATE, "receivedDateTimeUTC", RO | NUL),
	P(DATE, "expirationDateTimeUTC", RO),
	P(STRING, "initiatedByUserPrincipalName", RO | NUL),
	P(INT64, "size", RO),
	P(STRING, "ferryFault", RO | NUL),
	P(STRING, "ferrySha256", RO | NUL),
};
TYPE(graph_log_collection, "deviceLogCollectionResponse", log_collection);

ENUM(configuration_status, "complianceStatus", {"unknown", 0}, {"notApplicable", 1},
	{"compliant", 2}, {"remediated", 3}, {"nonCompliant", 4}, {"error", 5}, {"conflict", 6},
	{"notAssigned", 255});
static const struct odata_property configuration_state[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "displayName", RO | FS, .column = "name"),
	P(INT32, "version", RO, .initial = "1"),
	P(STRING, "platformType", RO, .initial = "\"windows10AndLater\""),
	P(ENUM, "state", RO | FS, .members = &configuration_status, .column = "status"),
	P(INT32, "settingCount", RO, .initial = "1"),
	P(DATE, "ferryLastReportedDateTime", RO | FS, .column = "updated_at", NO_DATE),
	P(STRING, "ferryFault", RO | FS | NUL, .column = "fault"),
};
TYPE(graph_configuration_state, "deviceConfigurationState", configuration_state);
