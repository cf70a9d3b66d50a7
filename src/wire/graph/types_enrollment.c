// SPDX-License-Identifier: Apache-2.0
// What enrolment is bound to: status pages, limits, restrictions, Windows Hello (graph-api.md 7).
#include "wire/graph/table.h"

ENUM(configuration_type, "deviceEnrollmentConfigurationType", {"unknown", 0}, {"limit", 1},
	{"platformRestrictions", 2}, {"windowsHelloForBusiness", 3}, {"defaultLimit", 4},
	{"defaultPlatformRestrictions", 5}, {"defaultWindowsHelloForBusiness", 6},
	{"defaultWindows10EnrollmentCompletionPageConfiguration", 7},
	{"windows10EnrollmentCompletionPageConfiguration", 8},
	{"deviceComanagementAuthorityConfiguration", 9}, {"singlePlatformRestriction", 10},
	{"unknownFutureValue", 11}, {"enrollmentNotificationsConfiguration", 12},
	{"windowsRestore", 13});
ENUM(enablement, "enablement", {"notConfigured", 0}, {"enabled", 1}, {"disabled", 2});
ENUM(pin_usage, "windowsHelloForBusinessPinUsage", {"allowed", 0}, {"required", 1},
	{"disallowed", 2});
ENUM(platform_type, "enrollmentRestrictionPlatformType", {"allPlatforms", 0}, {"ios", 1},
	{"windows", 2}, {"windowsPhone", 3}, {"android", 4}, {"androidForWork", 5}, {"mac", 7},
	{"linux", 8}, {"unknownFutureValue", 9});

static const struct odata_property base[] = {
	P(STRING, "id", RO | FS),
	P(STRING, "displayName", FS | SEARCH | NEED, .max = 256),
	P(STRING, "description", FS | SEARCH | NUL, EMPTY, .max = 1500),
	P(INT32, "priority", FS, .initial = "0", .max = 10000),
	P(DATE, "createdDateTime", FS | RO, NO_DATE),
	P(DATE, "lastModifiedDateTime", FS | RO, NO_DATE),
	P(INT32, "version", FS | RO, .initial = "1"),
	P(STRING, "roleScopeTagIds", BETA | LIST | FS, .initial = "[\"0\"]"),
	// Filtered by what lists status pages, on both versions.
	P(ENUM, "deviceEnrollmentConfigurationType", FS | RO, .members = &configuration_type,
		.initial = "\"unknown\""),
	P(COMPLEX, "assignments", EXPAND | LIST, .complex = &graph_assignment),
};
static const struct odata_type *const configurations[] = {&graph_enrollment_page,
	&graph_enrollment_limit, &graph_enrollment_platforms, &graph_enrollment_platform,
	&graph_enrollment_hello};
const struct odata_type graph_enrollment = {
	.name = "#microsoft.graph.deviceEnrollmentConfiguration",
	OD_PROPERTIES(base),
	OD_DERIVED(configurations),
	.abstract = true,
};

// behaviour X1 to X13. The command line has always read the time limit below /v1.0.
static const struct odata_property page[] = {
	P(BOOL, "showInstallationProgress", FS, NO),
	P(BOOL, "blockDeviceSetupRetryByUser", FS, NO),
	P(BOOL, "allowDeviceResetOnInstallFailure", FS, NO),
	P(BOOL, "allowLogCollectionOnInstallFailure", FS, NO),
	P(STRING, "customErrorMessage", NUL, EMPTY, .max = 10000),
	P(INT32, "installProgressTimeoutInMinutes", FS, .initial = "60", .min = 1, .max = 1440),
	P(BOOL, "allowDeviceUseOnInstallFailure", FS, NO),
	P(STRING, "selectedMobileAppIds", LIST, NONE),
	P(BOOL, "trackInstallProgressForAutopilotOnly", FS, NO),
	P(BOOL, "disableUserStatusTrackingAfterFirstUser", FS, NO),
	P(BOOL, "allowNonBlockingAppInstallation", FS, NO),
	P(BOOL, "installQualityUpdates", FS, NO),
	P(INT32, "ferryHybridExtraMinutes", FS, .initial = "40", .max = 1440),
};
TYPE(graph_enrollment_page, "windows10EnrollmentCompletionPageConfiguration", page,
	.base = &graph_enrollment);

static const struct odata_property limit[] = {
	P(INT32, "limit", FS, .initial = "15", .min = 1, .max = 1000),
};
TYPE(graph_enrollment_limit, "deviceEnrollmentLimitConfiguration", limit,
	.base = &graph_enrollment);

static const struct odata_property restriction[] = {
	P(BOOL, "platformBlocked", 0, NO),
	P(BOOL, "personalDeviceEnrollmentBlocked", 0, NO),
	P(STRING, "osMinimumVersion", NUL, .max = 64),
	P(STRING, "osMaximumVersion", NUL, .max = 64),
	P(STRING, "blockedManufacturers", BETA | LIST, NONE),
	P(STRING, "blockedSkus", BETA | LIST, NONE),
};
static TYPE(platform_restriction, "deviceEnrollmentPlatformRestriction", restriction);

static const struct odata_property platforms[] = {
	P(COMPLEX, "iosRestriction", NUL, .complex = &platform_restriction),
	P(COMPLEX, "windowsRestriction", NUL, .complex = &platform_restriction),
	P(COMPLEX, "windowsMobileRestriction", NUL, .complex = &platform_restriction),
	P(COMPLEX, "androidRestriction", NUL, .complex = &platform_restriction),
	P(COMPLEX, "macOSRestriction", NUL, .complex = &platform_restriction),
};
TYPE(graph_enrollment_platforms, "deviceEnrollmentPlatformRestrictionsConfiguration", platforms,
	.base = &graph_enrollment);

static const struct odata_property platform[] = {
	P(COMPLEX, "platformRestriction", NUL, .complex = &platform_restriction),
	P(ENUM, "platformType", FS, .members = &platform_type, .initial = "\"allPlatforms\""),
};
TYPE(graph_enrollment_platform, "deviceEnrollmentPlatformRestrictionConfiguration", platform,
	.base = &graph_enrollment);

static const struct odata_property hello[] = {
	P(ENUM, "state", FS, .members = &enablement, .initial = "\"notConfigured\""),
	P(ENUM, "enhancedBiometricsState", FS, .members = &enablement,
		.initial = "\"notConfigured\""),
	P(INT32, "pinMinimumLength", 0, .initial = "6", .min = 4, .max = 127),
	P(INT32, "pinMaximumLength", 0, .initial = "127", .min = 4, .max = 127),
	P(ENUM, "pinUppercaseCharactersUsage", 0, .members = &pin_usage,
		.initial = "\"disallowed\""),
	P(ENUM, "pinLowercaseCharactersUsage", 0, .members = &pin_usage,
		.initial = "\"disallowed\""),
	P(ENUM, "pinSpecialCharactersUsage", 0, .members = &pin_usage, .initial = "\"disallowed\""),
	P(BOOL, "securityDeviceRequired", 0, NO),
	P(BOOL, "unlockWithBiometricsEnabled", 0, YES),
	P(BOOL, "remotePassportEnabled", 0, YES),
	P(INT32, "pinPreviousBlockCount", 0, .initial = "0", .min = 0, .max = 50),
	P(INT32, "pinExpirationInDays", 0, .initial = "0", .min = 0, .max = 730),
	P(ENUM, "securityKeyForSignIn", BETA, .members = &enablement,
		.initial = "\"notConfigured\""),
	P(INT32, "enhancedSignInSecurity", BETA, .initial = "0"),
};
TYPE(graph_enrollment_hello, "deviceEnrollmentWindowsHelloForBusinessConfiguration", hello,
	.base = &graph_enrollment);
