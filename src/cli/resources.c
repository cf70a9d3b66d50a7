// SPDX-License-Identifier: Apache-2.0
// The table of everything that the generic verbs know, and the few rules that only one kind has.
#include "base/str.h"
#include "cli/preparation.h"
#include "cli/resource.h"

#define TYPE(name) "#microsoft.graph." name
#define ENROLLMENT_TYPE(name) TYPE("deviceEnrollment" name "Configuration")
#define ENROLLMENT DM "/deviceEnrollmentConfigurations"
#define NAMED                                                                                      \
	{"Id", "id"},                                                                              \
	{                                                                                          \
		"Name", "displayName"                                                              \
	}
#define CREATED                                                                                    \
	{                                                                                          \
		"Created", "createdDateTime"                                                       \
	}

// --- what one kind alone has ---

// behaviour P6.
static bool
complete_profile(struct cli *cli, const struct json *before, struct jsonw *w, struct error *e)
{
	const char *join;

	if (before)
		return true;
	if (!cli_need_option(cli, "join", &join, e))
		return false;
	jsonw_str(w, "@odata.type",
		str_eq(join, "hybrid") ? TYPE("activeDirectoryWindowsAutopilotDeploymentProfile")
				       : TYPE("azureADWindowsAutopilotDeploymentProfile"));
	return true;
}

// A rule makes a group dynamic (behaviour G1), an empty one makes it assigned again.
static bool
complete_group(struct cli *cli, const struct json *before, struct jsonw *w, struct error *e)
{
	const char *rule = cli_option(cli, "rule");

	(void)e;
	if (!before) {
		jsonw_bool(w, "securityEnabled", true);
		jsonw_bool(w, "mailEnabled", false);
	}
	if (!rule)
		return true;
	jsonw_array(w, "groupTypes");
	if (*rule)
		jsonw_str(w, NULL, "DynamicMembership");
	jsonw_end_array(w);
	return true;
}

// --apps of a status page: names become ids; "all" is an empty list (behaviour X12). Whoever makes
// a page wants it seen, though Graph's default is not to show it (X2).
static bool
complete_esp(struct cli *cli, const struct json *before, struct jsonw *w, struct error *e)
{
	const char *apps = cli_option(cli, "apps");

	if (!before && !cli_option(cli, "progress"))
		jsonw_bool(w, "showInstallationProgress", true);
	if (!apps)
		return true;
	jsonw_array(w, "selectedMobileAppIds");
	while (*apps && !str_eq(apps, "all")) {
		size_t len = strcspn(apps, ",");
		const struct json *app;
		if (!resource_find(
			    cli, &resource_app, arena_strndup(cli->arena, apps, len), &app, e))
			return false;
		jsonw_str(w, NULL, json_str(app, "id"));
		apps += len + (apps[len] == ',');
	}
	jsonw_end_array(w);
	return true;
}

static bool
complete_domainjoin(struct cli *cli, const struct json *before, struct jsonw *w, struct error *e)
{
	const char *ignored;

	(void)w;
	return before ||
		(cli_need_option(cli, "domain", &ignored, e) &&
			cli_need_option(cli, "name", &ignored, e));
}

static bool
complete_restriction(struct cli *cli, const struct json *before, struct jsonw *w, struct error *e)
{
	static const char *const types[] = {ENROLLMENT_TYPE("PlatformRestriction"),
		ENROLLMENT_TYPE("Limit"), ENROLLMENT_TYPE("WindowsHelloForBusiness")};
	const char *kind;

	if (before)
		return true;
	if (!cli_need_option(cli, "kind", &kind, e))
		return false;
	jsonw_str(w, "@odata.type", types[cli_choice_find("platform|limit|hello", kind)]);
	return true;
}

// How many elements a collection has, and what that means.
static bool
count_losses(struct cli *cli, const char *path, const char *fmt_one, const char *fmt_many,
	struct losses *losses, struct error *e)
{
	struct json_list list;

	if (!api_list(cli, path, &list, e))
		return false;
	if (list.count)
		losses_add(losses, cli->arena, "%zu %s", list.count,
			list.count == 1 ? fmt_one : fmt_many);
	return true;
}

static bool
profile_losses(struct cli *cli, const struct json *object, struct losses *losses, struct error *e)
{
	return count_losses(cli,
		resource_address(cli, &resource_profile, object, "assignedDevices"),
		"device has it", "devices have it", losses, e);
}

// Everything that is assigned to a group loses it.
static bool
group_losses(struct cli *cli, const struct json *object, struct losses *losses, struct error *e)
{
	static const struct resource *const assignable[] = {&resource_profile, &resource_esp,
		&resource_domainjoin, &resource_restriction, &resource_policy, &resource_app};
	struct json_list list;

	if (!count_losses(cli, resource_address(cli, &resource_group, object, "members"), "member",
		    "members", losses, e))
		return false;
	for (size_t i = 0; i < sizeof assignable / sizeof *assignable; i++) {
		const struct resource *r = assignable[i];
		if (!api_list(cli, arena_printf(cli->arena, "%s?$expand=assignments", r->path),
			    &list, e))
			return false;
		for (size_t k = 0; k < list.count; k++) {
			const struct json *all = json_get(list.items[k], "assignments");
			const char *type = json_str(list.items[k], "@odata.type");
			bool meant = !r->types || (type && cli_choice_find(r->types, type) >= 0);
			for (const struct json *a = all ? all->first : NULL; meant && a;
				a = a->next)
				if (str_ieq(json_str(json_get(a, "target"), "groupId"),
					    json_str(object, "id")))
					losses_add(losses, cli->arena,
						"%s \"%s\" is assigned to it", r->what,
						json_str(list.items[k], r->name));
		}
	}
	return true;
}

static bool
directory_losses(struct cli *cli, const struct json *object, struct losses *losses, struct error *e)
{
	(void)e;
	(void)object;
	losses_add(losses, cli->arena, "its registration goes too: one device is one record");
	return true;
}

static bool
managed_losses(struct cli *cli, const struct json *object, struct losses *losses, struct error *e)
{
	const char *user = json_str(object, "userPrincipalName");

	(void)e;
	losses_add(losses, cli->arena, "the device is no longer managed%s%s",
		str_empty(user) ? "" : " for ", user ? user : "");
	return true;
}

static bool
grant_losses(struct cli *cli, const struct json *object, struct losses *losses, struct error *e)
{
	(void)object;
	(void)e;
	losses_add(losses, cli->arena, "everything that was granted to it");
	return true;
}

static bool
federation_losses(
	struct cli *cli, const struct json *object, struct losses *losses, struct error *e)
{
	(void)object;
	(void)e;
	losses_add(losses, cli->arena, "people who sign in there cannot sign in any more");
	return true;
}

// --- the table ---

static const struct column device_columns[] = {{"Serial", "serialNumber"},
	{"Manufacturer", "manufacturer"}, {"Model", "model"}, {"Group tag", "groupTag"},
	{"User", "userPrincipalName"}, {"Profile", "deploymentProfileAssignmentStatus"},
	{"Enrolment", "enrollmentState"}, {"State", "ferryState"},
	{"Last contact", "lastContactedDateTime"}, {"Id", "id"}, {0}};
const struct resource resource_device = {.what = "device",
	.label = "SERIAL",
	.hint = "device list",
	.path = DM "/windowsAutopilotDeviceIdentities",
	.name = "serialNumber",
	.columns = device_columns,
	.large = true};

static const struct column imported_columns[] = {{"Id", "id"}, {"Serial", "serialNumber"},
	{"Group tag", "groupTag"}, {"Status", "state/deviceImportStatus"},
	{"Error", "state/deviceErrorName"}, {"Import", "importId"}, {0}};
const struct resource resource_imported = {.what = "imported device",
	.label = "IMPORTED",
	.hint = "imported list",
	.path = DM "/importedWindowsAutopilotDeviceIdentities",
	.name = "serialNumber",
	.columns = imported_columns,
	.large = true};

static const struct column group_columns[] = {NAMED, {"Rule", "membershipRule"},
	{"Processing", "membershipRuleProcessingState"}, CREATED, {0}};
const struct resource resource_group = {.what = "group",
	.label = "GROUP",
	.hint = "group list",
	.path = GRAPH "/groups",
	.name = "displayName",
	.columns = group_columns,
	.large = true,
	.complete = complete_group,
	.losses = group_losses};

static const struct column profile_columns[] = {NAMED, {"Type", "@odata.type"},
	{"Pre-provisioning", "preprovisioningAllowed"},
	{"Mode", "outOfBoxExperienceSetting/deviceUsageType"}, {"Trust store", "ferryTrustStore"},
	CREATED, {0}};
const struct resource resource_profile = {.what = "profile",
	.label = "PROFILE",
	.hint = "profile list",
	.path = DM "/windowsAutopilotDeploymentProfiles",
	.name = "displayName",
	.columns = profile_columns,
	.assign = "assignments",
	.complete = complete_profile,
	.losses = profile_losses};

static const struct column esp_columns[] = {NAMED, {"Priority", "priority"},
	{"Timeout (min)", "installProgressTimeoutInMinutes"},
	{"Progress", "showInstallationProgress"}, CREATED, {0}};
const struct resource resource_esp = {.what = "Enrollment Status Page",
	.label = "ESP",
	.hint = "esp list",
	.path = ENROLLMENT,
	.name = "displayName",
	.types = TYPE("windows10EnrollmentCompletionPageConfiguration"),
	.type = TYPE("windows10EnrollmentCompletionPageConfiguration"),
	.columns = esp_columns,
	.assign = "assign",
	.complete = complete_esp};

static const struct column restriction_columns[] = {NAMED, {"Kind", "@odata.type"},
	{"Priority", "priority"}, {"Limit", "limit"}, {"Platform", "platformType"},
	{"Blocked", "platformRestriction/platformBlocked"}, {"Hello", "state"}, {0}};
const struct resource resource_restriction = {.what = "restriction",
	.label = "RESTRICTION",
	.hint = "restriction list",
	.path = ENROLLMENT,
	.name = "displayName",
	.types = ENROLLMENT_TYPE("PlatformRestriction") "|" ENROLLMENT_TYPE(
		"Limit") "|" ENROLLMENT_TYPE("WindowsHelloForBusiness") "|" ENROLLMENT_TYPE("Platfo"
											    "rmRest"
											    "rictio"
											    "ns"),
	.columns = restriction_columns,
	.assign = "assign",
	.complete = complete_restriction};

static const struct column domainjoin_columns[] = {NAMED, {"Domain", "activeDirectoryDomainName"},
	{"Names", "ferryNameTemplate"}, {"Organizational unit", "organizationalUnit"}, CREATED,
	{0}};
const struct resource resource_domainjoin = {.what = "domain-join profile",
	.label = "DOMAINJOIN",
	.hint = "domainjoin list",
	.path = DM "/deviceConfigurations",
	.name = "displayName",
	.types = TYPE("windowsDomainJoinConfiguration"),
	.type = TYPE("windowsDomainJoinConfiguration"),
	.columns = domainjoin_columns,
	.assign = "assign",
	.complete = complete_domainjoin};

static const struct column policy_columns[] = {
	NAMED, {"Kind", "ferryKind"}, {"Scope", "ferryScope"}, {"Node", "omaUri"}, CREATED, {0}};
const struct resource resource_policy = {.what = "policy",
	.label = "POLICY",
	.hint = "policy list",
	.path = DM "/deviceConfigurations",
	.name = "displayName",
	.types = TYPE("windows10CustomConfiguration"),
	.columns = policy_columns,
	.assign = "assign"};

static const struct column app_columns[] = {
	NAMED, {"File", "fileName"}, {"Size", "size"}, {"Publisher", "publisher"}, CREATED, {0}};
const struct resource resource_app = {.what = "app",
	.label = "APP",
	.hint = "app list",
	.path = GRAPH "/deviceAppManagement/mobileApps",
	.name = "displayName",
	.columns = app_columns,
	.assign = "assign"};

static const struct column connector_columns[] = {NAMED, {"Domain", "domain"}, {"State", "state"},
	{"Version", "version"}, {"Last contact", "lastConnectionDateTime"}, {0}};
const struct resource resource_connector = {.what = "connector",
	.label = "CONNECTOR",
	.hint = "connector list",
	.path = DM "/domainJoinConnectors",
	.name = "displayName",
	.columns = connector_columns};

static const struct column preparation_columns[] = {{"Id", "id"}, {"Name", "name"},
	{"Priority", "priority"}, {"Settings", "settingCount"}, {"Assigned", "isAssigned"},
	{"Device group", "ferryDeviceGroupId"}, CREATED, {0}};
const struct resource resource_preparation = {.what = "device preparation policy",
	.label = "POLICY",
	.hint = "preparation list",
	.path = DM "/configurationPolicies",
	.name = "name",
	.columns = preparation_columns,
	.assign = "assign",
	.complete = complete_preparation};

static const struct column script_columns[] = {NAMED, {"File", "fileName"},
	{"Time limit (min)", "ferryTimeoutMinutes"}, {"SHA-256", "ferrySha256"}, CREATED, {0}};
const struct resource resource_script = {.what = "script",
	.label = "SCRIPT",
	.hint = "script list",
	.path = DM "/deviceManagementScripts",
	.name = "displayName",
	.columns = script_columns,
	.assign = "assign"};

static const struct column report_columns[] = {{"Serial", "serialNumber"}, {"Name", "deviceName"},
	{"User", "userPrincipalName"}, {"Policy", "policyName"}, {"Version", "policyVersion"},
	{"Status", "deploymentStatus"}, {"Policies", "policyInstallationStatus"},
	{"Scripts", "scriptInstallationStatus"}, {"Apps", "appInstallationStatus"},
	{"Items", "itemCount"}, {"Installed", "installedItemCount"},
	{"Skipped", "skippedItemCount"}, {"Started", "startedDateTime"},
	{"Took", "deploymentDuration"}, {"Failure", "failureDetails"}, {"Id", "id"}, {0}};
const struct resource resource_preparation_report = {.what = "deployment",
	.label = "DEPLOYMENT",
	.hint = "preparation report",
	.path = DM "/devicePreparationDeployments",
	.name = "id",
	.columns = report_columns,
	.large = true};

static const struct column association_columns[] = {{"Serial", "serialNumber"},
	{"Manufacturer", "manufacturer"}, {"Model", "model"}, {"State", "state"},
	{"Stale", "isStale"}, {"Policy", "policyId"}, {"Since", "createdDateTime"}, {"Id", "id"},
	{0}};
const struct resource resource_association = {.what = "associated device",
	.label = "DEVICE",
	.hint = "preparation associations",
	.path = DM "/devicePreparationAssociations",
	.name = "serialNumber",
	.columns = association_columns,
	.large = true};

static const struct column corporate_columns[] = {{"Id", "id"},
	{"Identifier", "importedDeviceIdentifier"}, {"Type", "importedDeviceIdentityType"},
	{"Platform", "platform"}, {"Description", "description"}, {"Enrolment", "enrollmentState"},
	{0}};
const struct resource resource_corporate_id = {.what = "corporate identifier",
	.label = "IDENTIFIER",
	.hint = "corporate-id list",
	.path = DM "/importedDeviceIdentities",
	.name = "importedDeviceIdentifier",
	.columns = corporate_columns,
	.large = true};

static const struct column managed_columns[] = {{"Name", "deviceName"}, {"Serial", "serialNumber"},
	{"User", "userPrincipalName"}, {"Compliance", "complianceState"},
	{"System", "operatingSystem"}, {"Version", "osVersion"}, {"Last sync", "lastSyncDateTime"},
	{"Id", "id"}, {0}};
const struct resource resource_managed = {.what = "managed device",
	.label = "DEVICE",
	.hint = "managed list",
	.path = DM "/managedDevices",
	.name = "deviceName",
	.columns = managed_columns,
	.large = true,
	.losses = managed_losses};

static const struct column directory_columns[] = {{"Name", "displayName"}, {"Trust", "trustType"},
	{"Enabled", "accountEnabled"}, {"Managed", "isManaged"}, {"Compliant", "isCompliant"},
	{"System", "operatingSystem"}, {"Last sign-in", "approximateLastSignInDateTime"},
	{"Device id", "deviceId"}, {"Id", "id"}, {0}};
const struct resource resource_directory_device = {.what = "directory device",
	.label = "DEVICE",
	.hint = "directory-device list",
	.path = GRAPH "/devices",
	.name = "displayName",
	.columns = directory_columns,
	.large = true,
	.losses = directory_losses};

static const struct column audit_columns[] = {{"Time", "activityDateTime"}, {"Who", "ferryActor"},
	{"What", "activity"}, {"Result", "activityResult"}, {"Object", "ferryResourceId"},
	{"Id", "id"}, {0}};
const struct resource resource_audit = {.what = "audit event",
	.label = "EVENT",
	.hint = "audit list",
	.path = DM "/auditEvents",
	.name = "id",
	.columns = audit_columns,
	.large = true};

static const struct column deployment_columns[] = {{"Started", "deploymentStartDateTime"},
	{"Serial", "deviceSerialNumber"}, {"Name", "managedDeviceName"},
	{"State", "deploymentState"}, {"Device setup", "deviceSetupStatus"},
	{"Account setup", "accountSetupStatus"}, {"Took", "deploymentDuration"},
	{"Failure", "enrollmentFailureDetails"}, {"Id", "id"}, {0}};
const struct resource resource_deployment = {.what = "deployment",
	.label = "DEPLOYMENT",
	.hint = "deployment list",
	.path = DM "/autopilotEvents",
	.name = "id",
	.columns = deployment_columns,
	.large = true};

static const struct column organization_columns[] = {NAMED, CREATED, {0}};
const struct resource resource_organization = {.what = "organization",
	.label = "ORGANIZATION",
	.hint = "org show",
	.path = GRAPH "/organization",
	.name = "displayName",
	.columns = organization_columns};

static const struct column user_columns[] = {{"Id", "id"}, {"User name", "userPrincipalName"},
	{"Name", "displayName"}, {"Enabled", "accountEnabled"}, {0}};
const struct resource resource_user = {.what = "user",
	.label = "UPN",
	.hint = "user list",
	.path = GRAPH "/users",
	.name = "userPrincipalName",
	.columns = user_columns,
	.large = true};

static const struct column client_columns[] = {NAMED, CREATED, {0}};
const struct resource resource_client = {.what = "API client",
	.label = "ID",
	.hint = "client list",
	.path = "/ferry/v1/clients",
	.name = "displayName",
	.columns = client_columns,
	.losses = grant_losses};

static const struct column federation_columns[] = {{"Id", "id"}, {"Name", "displayName"},
	{"Issuer", "issuer"}, {"Domains", "domains"}, {"Redirect URI", "redirectUri"}, {0}};
const struct resource resource_federation = {.what = "identity provider",
	.label = "ID",
	.hint = "federation list",
	.path = "/ferry/v1/federations",
	.name = "displayName",
	.columns = federation_columns,
	.losses = federation_losses};
