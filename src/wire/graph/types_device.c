// SPDX-License-Identifier: Apache-2.0
// Registrations, their import, and corporate identifiers (graph-api.md sections 2, 3, 4, 12).
#include "wire/graph/table.h"

ENUM(enrollment_state, "enrollmentState", {"unknown", 0}, {"enrolled", 1}, {"pendingReset", 2},
	{"failed", 3}, {"notContacted", 4}, {"blocked", 5});
// "assignedUnkownSyncState" is how Graph spells it.
ENUM(assignment_status, "windowsAutopilotProfileAssignmentStatus", {"unknown", 0},
	{"assignedInSync", 1}, {"assignedOutOfSync", 2}, {"assignedUnkownSyncState", 3},
	{"notAssigned", 4}, {"pending", 5}, {"failed", 6});
ENUM(assignment_detail, "windowsAutopilotProfileAssignmentDetailedStatus", {"none", 0},
	{"hardwareRequirementsNotMet", 1}, {"surfaceHubProfileNotSupported", 2},
	{"holoLensProfileNotSupported", 3}, {"windowsPcProfileNotSupported", 4},
	{"surfaceHub2SProfileNotSupported", 5}, {"unknownFutureValue", 99});
ENUM(remediation_state, "windowsAutopilotDeviceRemediationState", {"unknown", 0},
	{"noRemediationRequired", 1}, {"automaticRemediationRequired", 2},
	{"manualRemediationRequired", 3}, {"unknownFutureValue", 4});
ENUM(userless_status, "windowsAutopilotUserlessEnrollmentStatus", {"unknown", 0}, {"allowed", 1},
	{"blocked", 2}, {"unknownFutureValue", 3});

static const struct odata_property autopilot_device[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "groupTag", FS | SEARCH | NUL, .column = "group_tag", EMPTY),
	P(STRING, "purchaseOrderIdentifier", FS | RO | NUL, .column = "purchase_order", EMPTY),
	P(STRING, "serialNumber", FS | SEARCH | NEED, .column = "serial", .max = 128),
	P(STRING, "productKey", FS | NUL, .column = "product_key", EMPTY),
	P(STRING, "manufacturer", FS | SEARCH | NUL, .column = "manufacturer", EMPTY),
	P(STRING, "model", FS | SEARCH | NUL, .column = "model", EMPTY),
	P(STRING, "skuNumber", FS | RO | NUL, .column = "sku_number", EMPTY),
	P(STRING, "systemFamily", FS | RO | NUL, .column = "system_family", EMPTY),
	P(STRING, "resourceName", RO | NUL, .column = "resource_name", EMPTY),
	P(ENUM, "enrollmentState", FS | RO, .members = &enrollment_state,
		.column = "enrollment_state", .initial = "\"notContacted\""),
	P(DATE, "lastContactedDateTime", FS | RO, .column = "last_contact_at", NO_DATE),
	P(STRING, "addressableUserName", FS | NUL, .column = "user_name", EMPTY),
	P(STRING, "userPrincipalName", FS | SEARCH | NUL, .column = "assigned_upn", EMPTY),
	P(STRING, "displayName", FS | SEARCH | NUL, .column = "friendly_name", EMPTY),
	P(STRING, "azureActiveDirectoryDeviceId", FS | RO | NUL, .column = "directory_id"),
	P(STRING, "azureAdDeviceId", BETA | FS | RO | NUL, .column = "directory_id"),
	P(STRING, "managedDeviceId", FS | RO | NUL, .column = "enrollment_id", NO_GUID),
	P(ENUM, "deploymentProfileAssignmentStatus", FS | RO, .members = &assignment_status,
		.column = "assignment_status", .initial = "\"notAssigned\""),
	P(ENUM, "deploymentProfileAssignmentDetailedStatus", BETA | RO,
		.members = &assignment_detail, .initial = "\"none\""),
	P(DATE, "deploymentProfileAssignedDateTime", FS | RO, .column = "assigned_at", NO_DATE),
	P(ENUM, "remediationState", BETA | FS | RO, .members = &remediation_state,
		.column = "remediation", .initial = "\"noRemediationRequired\""),
	P(DATE, "remediationStateLastModifiedDateTime", BETA | FS | RO, .column = "remediation_at",
		NO_DATE),
	// Unblocking reads it on both versions (behaviour B4).
	P(ENUM, "userlessEnrollmentStatus", FS | RO, .members = &userless_status,
		.column = "userless", .initial = "\"allowed\""),
	P(STRING, "deviceAccountUpn", BETA | RO | NUL, .column = "account_upn", EMPTY),
	P(STRING, "deviceAccountPassword", BETA | RO | NUL, EMPTY),
	P(STRING, "deviceFriendlyName", BETA | RO | NUL, .column = "account_name", EMPTY),
	P(STRING, "ferryState", FS | RO, .column = "state"),
	P(STRING, "ferryAttestationStore", FS | RO, .column = "attestation_store", EMPTY),
	P(DATE, "ferryAttestedDateTime", FS | RO, .column = "attested_at", NO_DATE),
	P(STRING, "ferryTrustType", FS | RO, .column = "trust_type", EMPTY),
	P(DATE, "ferryRegisteredDateTime", FS | RO, .column = "created_at", NO_DATE),
	P(STRING, "ferryDeploymentProfileId", FS | RO | NUL, .column = "profile_id"),
	P(COMPLEX, "deploymentProfile", EXPAND, .complex = &graph_profile),
	P(COMPLEX, "intendedDeploymentProfile", EXPAND, .complex = &graph_profile),
};
TYPE(graph_autopilot_device, "windowsAutopilotDeviceIdentity", autopilot_device);

ENUM(deletion_state, "windowsAutopilotDeviceDeletionState", {"unknown", 0}, {"failed", 1},
	{"accepted", 2}, {"error", 3}, {"unknownFutureValue", 4});
static const struct odata_property deleted_device[] = {
	P(STRING, "serialNumber", RO),
	P(STRING, "deviceRegistrationId", RO | NUL),
	P(ENUM, "deletionState", RO, .members = &deletion_state),
	P(STRING, "errorMessage", RO | NUL, EMPTY),
};
TYPE(graph_deleted_autopilot_device, "deletedWindowsAutopilotDeviceState", deleted_device);

ENUM(import_status, "importedWindowsAutopilotDeviceIdentityImportStatus", {"unknown", 0},
	{"pending", 1}, {"partial", 2}, {"complete", 3}, {"error", 4});
static const struct odata_property imported_state[] = {
	P(ENUM, "deviceImportStatus", FS, .members = &import_status, .column = "status",
		.initial = "\"unknown\""),
	P(STRING, "deviceRegistrationId", FS, .column = "device_id", EMPTY),
	P(INT32, "deviceErrorCode", FS, .column = "error_code", .initial = "0"),
	P(STRING, "deviceErrorName", FS, .column = "error_name", EMPTY),
};
TYPE(graph_imported_state, "importedWindowsAutopilotDeviceIdentityState", imported_state);

static const struct odata_property imported_device[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "groupTag", FS | NUL, .column = "group_tag", .old_name = "orderIdentifier",
		EMPTY),
	P(STRING, "serialNumber", FS | NUL, .column = "serial", EMPTY),
	P(STRING, "productKey", FS | NUL, .column = "product_key", EMPTY),
	P(STRING, "importId", FS | NUL, .column = "batch_id", EMPTY),
	P(BINARY, "hardwareIdentifier", NUL, .max = 64 << 10),
	P(STRING, "assignedUserPrincipalName", FS | NUL, .column = "assigned_upn", EMPTY),
	P(COMPLEX, "state", NUL | RO, .complex = &graph_imported_state, .column = "state"),
};
TYPE(graph_imported_device, "importedWindowsAutopilotDeviceIdentity", imported_device);

ENUM(upload_status, "importedWindowsAutopilotDeviceIdentityUploadStatus", {"noUpload", 0},
	{"pending", 1}, {"complete", 2}, {"error", 3});
static const struct odata_property import_upload[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(DATE, "createdDateTimeUtc", FS | RO, .column = "created_at", NO_DATE),
	P(ENUM, "status", FS | RO, .members = &upload_status, .column = "status",
		.initial = "\"noUpload\""),
	P(COMPLEX, "deviceIdentities", NAV | LIST, .complex = &graph_imported_device),
};
TYPE(graph_import_upload, "importedWindowsAutopilotDeviceIdentityUpload", import_upload);

ENUM(sync_status, "windowsAutopilotSyncStatus", {"unknown", 0}, {"inProgress", 1}, {"completed", 2},
	{"failed", 3});
static const struct odata_property autopilot_settings[] = {
	P(STRING, "id", RO),
	P(DATE, "lastSyncDateTime", RO, NO_DATE),
	P(DATE, "lastManualSyncTriggerDateTime", RO, NO_DATE),
	P(ENUM, "syncStatus", RO, .members = &sync_status, .initial = "\"completed\""),
};
TYPE(graph_autopilot_settings, "windowsAutopilotSettings", autopilot_settings);

ENUM(identity_type, "importedDeviceIdentityType", {"unknown", 0}, {"imei", 1}, {"serialNumber", 2},
	{"manufacturerModelSerial", 3});
ENUM(platform, "platform", {"unknown", 0}, {"ios", 1}, {"android", 2}, {"windows", 3},
	{"windowsMobile", 4}, {"macOS", 5}, {"linux", 6});
static const struct odata_property corporate_identifier[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "importedDeviceIdentifier", FS | NEED, .column = "identifier", .max = 512),
	P(ENUM, "importedDeviceIdentityType", FS | NEED, .column = "type",
		.members = &identity_type),
	P(ENUM, "platform", FS, .column = "platform", .members = &platform,
		.initial = "\"unknown\""),
	P(STRING, "description", FS | NUL, .column = "description"),
	P(ENUM, "enrollmentState", FS | RO, .column = "enrollment_state",
		.members = &enrollment_state, .initial = "\"unknown\""),
	P(DATE, "createdDateTime", FS | RO, .column = "created_at", NO_DATE),
	P(DATE, "lastModifiedDateTime", FS | RO, .column = "modified_at", NO_DATE),
	P(DATE, "lastContactedDateTime", FS | RO, .column = "last_contact_at", NO_DATE),
};
TYPE(graph_corporate_identifier, "importedDeviceIdentity", corporate_identifier);
