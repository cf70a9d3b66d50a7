// SPDX-License-Identifier: Apache-2.0
// What belongs to device preparation: scripts, its report, associated devices (behaviour Z6, Z13,
// Z15). The report's and associations' types are Ferry's own: Microsoft has none for them in Graph.
#include "wire/graph/table.h"

ENUM(run_as, "runAsAccountType", {"system", 0}, {"user", 1});
static const struct odata_property script[] = {
	P(STRING, "id", RO | FS),
	P(STRING, "displayName", FS | SEARCH | NEED, .max = 256),
	P(STRING, "description", FS | SEARCH | NUL, EMPTY, .max = 1500),
	P(STRING, "fileName", FS | NEED, .max = 256),
	// May hold a secret: it goes in and does not come out, as the value of a setting.
	P(BINARY, "scriptContent", NEED | OD_SECRET, .max = 400 << 10),
	P(ENUM, "runAsAccount", FS, .members = &run_as, .initial = "\"system\""),
	P(BOOL, "enforceSignatureCheck", FS, NO),
	P(BOOL, "runAs32Bit", FS, NO),
	P(INT32, "ferryTimeoutMinutes", FS, .initial = "30", .min = 1, .max = 720),
	P(STRING, "ferrySha256", RO | FS | NUL),
	P(DATE, "createdDateTime", FS | RO, NO_DATE),
	P(DATE, "lastModifiedDateTime", FS | RO, NO_DATE),
	P(STRING, "roleScopeTagIds", LIST | FS, .initial = "[\"0\"]"),
	P(COMPLEX, "assignments", EXPAND | LIST, .complex = &graph_assignment),
};
TYPE(graph_device_script, "deviceManagementScript", script);

ENUM(preparation_status, "ferryPreparationStatus", {"inProgress", 0}, {"success", 1},
	{"failed", 2});
ENUM(preparation_item_status, "ferryPreparationItemStatus", {"inProgress", 0}, {"installed", 1},
	{"skipped", 2}, {"failed", 3});

#define STATUS(name_, column_)                                                                     \
	P(ENUM, name_, RO | FS, .members = &preparation_status, .column = (column_),               \
		.initial = "\"inProgress\"")
static const struct odata_property deployment[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "deviceId", RO | FS, .column = "device_id"),
	P(STRING, "serialNumber", RO | FS | SEARCH, .column = "serial"),
	P(STRING, "deviceName", RO | FS | NUL, .column = "device_name", EMPTY),
	P(STRING, "userPrincipalName", RO | FS | NUL, .column = "upn", EMPTY),
	P(STRING, "policyId", RO | FS, .column = "policy_id"),
	P(STRING, "policyName", RO | FS, .column = "policy_name"),
	P(INT64, "policyVersion", RO | FS, .column = "policy_version", .initial = "0"),
	P(STRING, "deviceGroupName", RO | FS, .column = "group_name"),
	STATUS("deploymentStatus", "status"),
	STATUS("policyInstallationStatus", "policy_status"),
	STATUS("scriptInstallationStatus", "script_status"),
	STATUS("appInstallationStatus", "app_status"),
	P(INT64, "itemCount", RO | FS, .column = "item_count", .initial = "0"),
	P(INT64, "installedItemCount", RO | FS, .column = "installed_count", .initial = "0"),
	P(INT64, "skippedItemCount", RO | FS, .column = "skipped_count", .initial = "0"),
	P(DATE, "startedDateTime", RO | FS, .column = "started_at", NO_DATE),
	P(DATE, "finishedDateTime", RO | FS | NUL, .column = "finished_at"),
	P(DURATION, "deploymentDuration", RO | FS | NUL, .column = "duration"),
	P(STRING, "failureDetails", RO | FS | NUL, .column = "reason", EMPTY),
	P(STRING, "ferryFault", RO | FS | NUL, .column = "fault"),
};
TYPE(graph_preparation_deployment, "ferryPreparationDeployment", deployment);

static const struct odata_property item[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "deploymentId", RO | FS, .column = "deployment_id"),
	P(STRING, "serialNumber", RO | FS | SEARCH, .column = "serial"),
	P(INT64, "position", RO | FS, .column = "position", .initial = "0"),
	P(STRING, "itemId", RO | FS, .column = "item_id"),
	P(STRING, "displayName", RO | FS | SEARCH, .column = "name"),
	P(STRING, "itemKind", RO | FS, .column = "kind"),
	P(ENUM, "status", RO | FS, .members = &preparation_item_status, .column = "status"),
	P(STRING, "details", RO | FS | NUL, .column = "reason", EMPTY),
	P(STRING, "ferryFault", RO | FS | NUL, .column = "fault"),
	P(INT64, "exitCode", RO | FS | NUL, .column = "exit_code"),
	P(STRING, "output", RO | NUL, .column = "output", EMPTY),
	P(DATE, "lastReportedDateTime", RO | FS | NUL, .column = "updated_at"),
};
TYPE(graph_preparation_item, "ferryPreparationItem", item);

ENUM(association_state, "ferryAssociationState", {"preassociated", 0}, {"associated", 1},
	{"pendingRemoval", 2});
static const struct odata_property association[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "deviceId", RO | FS, .column = "device_id"),
	P(STRING, "serialNumber", RO | FS | SEARCH, .column = "serial"),
	P(STRING, "manufacturer", RO | FS | SEARCH, .column = "manufacturer"),
	P(STRING, "model", RO | FS | SEARCH, .column = "model"),
	P(STRING, "policyId", RO | FS | NUL, .column = "policy_id"),
	P(ENUM, "state", RO | FS, .members = &association_state, .column = "state"),
	P(BOOL, "isStale", RO | FS, NO, .column = "stale"),
	P(DATE, "createdDateTime", RO | FS, .column = "created_at", NO_DATE),
	P(DATE, "associatedDateTime", RO | FS | NUL, .column = "associated_at"),
};
TYPE(graph_preparation_association, "ferryDeviceAssociation", association);
