// SPDX-License-Identifier: Apache-2.0
// Devices, groups, users, the organization, and who may join (graph-api.md section 13).
#include "wire/graph/table.h"

static const struct odata_property directory_object[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(DATE, "deletedDateTime", RO | NUL),
};
static const struct odata_type *const directory_objects[] = {
	&graph_device, &graph_group, &graph_user, &graph_organization};
const struct odata_type graph_directory_object = {
	.name = "#microsoft.graph.directoryObject",
	OD_PROPERTIES(directory_object),
	OD_DERIVED(directory_objects),
};

static const struct odata_property device[] = {
	P(STRING, "deviceId", RO | FS, .column = "device_id"),
	P(STRING, "displayName", FS | SEARCH, .column = "display_name", .max = 256),
	P(BOOL, "accountEnabled", FS, .column = "account_enabled", YES),
	P(STRING, "physicalIds", LIST | RO | FS, .column = "physical_ids", NONE),
	P(STRING, "trustType", RO | FS | NUL, .column = "trust_type"),
	P(STRING, "profileType", RO | FS | NUL, .initial = "\"RegisteredDevice\""),
	P(STRING, "enrollmentProfileName", RO | FS | NUL, .column = "profile_name"),
	P(STRING, "enrollmentType", RO | NUL),
	P(STRING, "deviceOwnership", FS | NUL, .column = "ownership", .max = 32),
	P(BOOL, "isManaged", RO | FS | NUL, .column = "is_managed"),
	P(BOOL, "isCompliant", RO | FS | NUL, .column = "is_compliant"),
	P(BOOL, "isRooted", RO | NUL),
	P(STRING, "mdmAppId", RO | NUL, .column = "mdm_app_id"),
	P(STRING, "managementType", RO | FS | NUL, .column = "management_type"),
	P(STRING, "operatingSystem", FS | NUL, .column = "os_type", .max = 64),
	P(STRING, "operatingSystemVersion", FS | NUL, .column = "os_version", .max = 64),
	P(STRING, "manufacturer", RO | FS | NUL, .column = "manufacturer"),
	P(STRING, "model", RO | FS | NUL, .column = "model"),
	P(DATE, "registrationDateTime", RO | FS | NUL, .column = "registered_at"),
	P(DATE, "createdDateTime", RO | FS, .column = "created_at", NO_DATE),
	P(DATE, "approximateLastSignInDateTime", RO | FS | NUL, .column = "last_contact_at"),
	P(BOOL, "onPremisesSyncEnabled", RO | FS | NUL, .column = "on_premises"),
	P(STRING, "onPremisesSecurityIdentifier", RO | FS | NUL, .column = "on_premises_sid"),
	P(DATE, "onPremisesLastSyncDateTime", RO | NUL),
	P(STRING, "systemLabels", LIST | RO, NONE),
	P(INT32, "deviceVersion", RO | NUL, .initial = "2"),
	P(ANY, "alternativeSecurityIds", LIST | RO, NONE),
	P(STRING, "deviceMetadata", RO | NUL),
	P(STRING, "deviceCategory", FS | NUL, .column = "category", .max = 256),
	P(ANY, "extensionAttributes", NUL, .column = "extensions"),
	P(COMPLEX, "memberOf", NAV | LIST, .complex = &graph_directory_object),
	P(COMPLEX, "transitiveMemberOf", NAV | LIST, .complex = &graph_directory_object),
	P(COMPLEX, "registeredOwners", NAV | LIST, .complex = &graph_directory_object),
	P(COMPLEX, "registeredUsers", NAV | LIST, .complex = &graph_directory_object),
};
TYPE(graph_device, "device", device, .base = &graph_directory_object);

static const struct odata_property group[] = {
	P(STRING, "displayName", FS | SEARCH | NEED, .column = "name", .max = 256),
	P(STRING, "description", FS | SEARCH | NUL, .column = "description", .max = 1024),
	P(STRING, "mailNickname", FS | NUL, .column = "mail_nickname", .max = 64),
	P(BOOL, "mailEnabled", FS | NUL, NO),
	P(BOOL, "securityEnabled", FS | NUL, YES),
	P(STRING, "groupTypes", LIST | FS, .column = "group_types", NONE),
	P(STRING, "membershipRule", FS | NUL, .column = "rule", .max = 3072),
	P(STRING, "membershipRuleProcessingState", FS | NUL, .column = "processing", .max = 16),
	P(BOOL, "isAssignableToRole", NUL),
	P(DATE, "createdDateTime", RO | FS, .column = "created_at", NO_DATE),
	P(STRING, "mail", RO | NUL),
	P(STRING, "visibility", NUL, .max = 32),
	P(BOOL, "onPremisesSyncEnabled", RO | FS | NUL, .column = "on_premises"),
	P(STRING, "onPremisesSecurityIdentifier", RO | FS | NUL, .column = "sid"),
	P(STRING, "securityIdentifier", RO | NUL),
	P(COMPLEX, "members", EXPAND | LIST, .complex = &graph_directory_object),
	P(COMPLEX, "owners", EXPAND | LIST, .complex = &graph_directory_object),
	P(COMPLEX, "transitiveMembers", NAV | LIST, .complex = &graph_directory_object),
	P(COMPLEX, "memberOf", NAV | LIST, .complex = &graph_directory_object),
};
TYPE(graph_group, "group", group, .base = &graph_directory_object);

static const struct odata_property user[] = {
	P(STRING, "userPrincipalName", FS | SEARCH, .column = "upn", .max = 256),
	P(STRING, "displayName", FS | SEARCH | NUL, .column = "display_name", .max = 256),
	P(STRING, "givenName", FS | SEARCH | NUL, .column = "given_name", .max = 256),
	P(STRING, "surname", FS | SEARCH | NUL, .column = "surname", .max = 256),
	P(STRING, "mail", FS | SEARCH | NUL, .column = "mail", .max = 256),
	P(STRING, "jobTitle", FS | NUL, .column = "job_title", .max = 256),
	P(STRING, "department", FS | NUL, .column = "department", .max = 256),
	P(STRING, "usageLocation", FS | NUL, .column = "usage_location", .max = 8),
	P(BOOL, "accountEnabled", FS | NUL, .column = "account_enabled"),
	P(STRING, "mobilePhone", RO | NUL),
	P(STRING, "officeLocation", RO | NUL),
	P(STRING, "preferredLanguage", RO | NUL),
	P(STRING, "businessPhones", RO | LIST, NONE),
	P(ANY, "assignedLicenses", RO | LIST, NONE),
	P(DATE, "createdDateTime", RO | FS, .column = "created_at", NO_DATE),
	P(BOOL, "onPremisesSyncEnabled", RO | FS | NUL, .column = "on_premises"),
	P(STRING, "onPremisesSecurityIdentifier", RO | FS | NUL, .column = "sid"),
	P(STRING, "onPremisesSamAccountName", RO | FS | NUL, .column = "account_name"),
	P(STRING, "onPremisesDomainName", RO | FS | NUL, .column = "domain"),
	P(COMPLEX, "memberOf", NAV | LIST, .complex = &graph_directory_object),
	P(COMPLEX, "managedDevices", NAV | LIST, .complex = &graph_managed_device),
};
TYPE(graph_user, "user", user, .base = &graph_directory_object);

static const struct odata_property organization[] = {
	P(STRING, "displayName", FS | NUL, .column = "name"),
	P(DATE, "createdDateTime", RO | FS, .column = "created_at", NO_DATE),
	P(ANY, "verifiedDomains", RO | LIST, .column = "domains"),
	P(STRING, "tenantType", RO, .initial = "\"AAD\""),
	P(ANY, "assignedPlans", RO | LIST, NONE),
	P(STRING, "mobileDeviceManagementAuthority", RO, .initial = "\"intune\""),
	P(STRING, "countryLetterCode", RO | NUL),
};
TYPE(graph_organization, "organization", organization, .base = &graph_directory_object);

static const struct odata_property branding[] = {
	P(STRING, "id", RO, .initial = "\"branding\""),
	P(STRING, "backgroundColor", NUL, .max = 16),
	P(STRING, "headerBackgroundColor", BETA | NUL, .max = 16),
	P(STRING, "signInPageText", NUL, .max = 1024),
	P(STRING, "usernameHintText", NUL, .max = 64),
	P(STRING, "customPrivacyAndCookiesText", BETA | NUL, .max = 128),
	P(STRING, "customPrivacyAndCookiesUrl", BETA | NUL, .max = 512),
	P(STRING, "customTermsOfUseText", BETA | NUL, .max = 128),
	P(STRING, "customTermsOfUseUrl", BETA | NUL, .max = 512),
};
TYPE(graph_branding, "organizationalBranding", branding);

ENUM(policy_scope, "policyScope", {"none", 0}, {"all", 1}, {"selected", 2},
	{"unknownFutureValue", 3});
static const struct odata_property mobility_policy[] = {
	P(STRING, "id", RO | FS),
	P(STRING, "displayName", FS | RO, .initial = "\"Ferry\""),
	P(STRING, "description", NUL, EMPTY, .max = 1024),
	P(ENUM, "appliesTo", FS, .members = &policy_scope, .initial = "\"all\""),
	P(STRING, "discoveryUrl", NUL, .max = 2048),
	P(STRING, "complianceUrl", NUL, .max = 2048),
	P(STRING, "termsOfUseUrl", NUL, .max = 2048),
	P(BOOL, "isValid", RO, YES),
	P(COMPLEX, "includedGroups", EXPAND | LIST, .complex = &graph_group),
};
TYPE(graph_mobility_policy, "mobilityManagementPolicy", mobility_policy);

ENUM(mfa, "multiFactorAuthConfiguration", {"notRequired", 0}, {"required", 1},
	{"unknownFutureValue", 2});
static const struct odata_property join_membership[] = {
	P(BOOL, "isAdminConfigurable", 0, YES),
	P(ANY, "allowedToJoin", NUL,
		.initial = "{\"@odata.type\":"
			   "\"#microsoft.graph.allDeviceRegistrationMembership\"}"),
	P(ANY, "localAdmins", NUL),
};
static TYPE(join_policy, "azureADJoinPolicy", join_membership);
static const struct odata_property register_membership[] = {
	P(BOOL, "isAdminConfigurable", 0, NO),
	P(ANY, "allowedToRegister", NUL),
};
static TYPE(register_policy, "azureADRegistrationPolicy", register_membership);
static const struct odata_property password_settings[] = {P(BOOL, "isEnabled", 0, NO)};
static TYPE(password_policy, "localAdminPasswordSettings", password_settings);
static const struct odata_property registration_policy[] = {
	P(STRING, "id", RO, .initial = "\"deviceRegistrationPolicy\""),
	P(STRING, "displayName", RO, .initial = "\"Device Registration Policy\""),
	P(STRING, "description", RO | NUL, EMPTY),
	P(INT32, "userDeviceQuota", 0, .initial = "50", .max = 1000000),
	P(ENUM, "multiFactorAuthConfiguration", 0, .members = &mfa, .initial = "\"notRequired\""),
	P(COMPLEX, "azureADJoin", NUL, .complex = &join_policy, .initial = "{}"),
	P(COMPLEX, "azureADRegistration", NUL, .complex = &register_policy, .initial = "{}"),
	P(COMPLEX, "localAdminPassword", NUL, .complex = &password_policy, .initial = "{}"),
};
TYPE(graph_registration_policy, "deviceRegistrationPolicy", registration_policy);

static const struct odata_property endpoint[] = {
	P(STRING, "id", RO),
	P(STRING, "capability", RO | NUL),
	P(STRING, "providerId", RO | NUL),
	P(STRING, "providerName", RO | NUL),
	P(STRING, "providerResourceId", RO | NUL),
	P(STRING, "uri", RO | NUL),
};
TYPE(graph_endpoint, "endpoint", endpoint);

static const struct odata_property member[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(DATE, "deletedDateTime", RO | NUL),
	P(STRING, "displayName", RO | FS | SEARCH | NUL, .column = "display_name"),
};
static const struct odata_type *const members[] = {
	&graph_member_device, &graph_member_user, &graph_member_group};
const struct odata_type graph_member = {
	.name = "#microsoft.graph.directoryObject",
	OD_PROPERTIES(member),
	OD_DERIVED(members),
};
static const struct odata_property member_device[] = {
	P(STRING, "deviceId", RO | FS | NUL, .column = "device_id"),
	P(STRING, "operatingSystem", RO | FS | NUL, .column = "os_type"),
	P(STRING, "operatingSystemVersion", RO | FS | NUL, .column = "os_version"),
	P(STRING, "trustType", RO | FS | NUL, .column = "trust_type"),
};
TYPE(graph_member_device, "device", member_device, .base = &graph_member);
static const struct odata_property member_user[] = {
	P(STRING, "userPrincipalName", RO | FS | NUL, .column = "upn"),
	P(STRING, "mail", RO | FS | NUL, .column = "mail"),
};
TYPE(graph_member_user, "user", member_user, .base = &graph_member);
static const struct odata_property member_group[] = {
	P(STRING, "description", RO | NUL, .column = "description"),
	P(STRING, "membershipRule", RO | FS | NUL, .column = "rule"),
	P(BOOL, "securityEnabled", RO, YES),
};
TYPE(graph_member_group, "group", member_group, .base = &graph_member);
