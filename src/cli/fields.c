// SPDX-License-Identifier: Apache-2.0
// The settings of each kind of object as options: which member of the API an option is.
#include "cli/resource.h"

#define YES_NO(option_, help_, member_)                                                            \
	{                                                                                          \
		option_, "yes|no", help_, OPTION_YES, member_                                      \
	}
#define TEXT(option_, arg_, help_, member_)                                                        \
	{                                                                                          \
		option_, arg_, help_, OPTION_TEXT, member_                                         \
	}
#define NUMBER(option_, arg_, help_, member_)                                                      \
	{                                                                                          \
		option_, arg_, help_, OPTION_NUMBER, member_                                       \
	}
#define RENAME TEXT("rename", "NAME", "Call it this from now on", "displayName")
#define DESCRIPTION TEXT("description", "TEXT", "What it is for", "description")
#define SCOPE_TAGS                                                                                 \
	{                                                                                          \
		"scope-tags", "IDS", "Scope tags, with commas between them: kept, not acted on",   \
			OPTION_LIST, "roleScopeTagIds"                                             \
	}

// behaviour P4 to P17.
#define OOBE "outOfBoxExperienceSetting/"
#define PROFILE_FIELDS                                                                             \
	YES_NO("preprovisioning", "Allow pre-provisioned deployment", "preprovisioningAllowed"),   \
		TEXT("trust-store", "STORE", "Which TPMs to trust (default hardware)",             \
			"ferryTrustStore"),                                                        \
		DESCRIPTION,                                                                       \
		{"mode", "user-driven|self-deploying", "Who signs in: a user, or nobody",          \
			OPTION_CHOICE, OOBE "deviceUsageType", "singleUser|shared"},               \
		{"account", "administrator|standard", "What the user is on the device",            \
			OPTION_CHOICE, OOBE "userType"},                                           \
		YES_NO("hide-license", "Leave out the license terms", OOBE "eulaHidden"),          \
		YES_NO("hide-privacy", "Leave out the privacy settings",                           \
			OOBE "privacySettingsHidden"),                                             \
		YES_NO("hide-change-account", "No way to another account",                         \
			OOBE "escapeLinkHidden"),                                                  \
		YES_NO("skip-keyboard", "Choose the keyboard by the language",                     \
			OOBE "keyboardSelectionPageSkipped"),                                      \
		TEXT("locale", "LOCALE", "Language: os-default, a tag as de-DE, or \"\" to ask",   \
			"locale"),                                                                 \
		TEXT("name-template", "TEMPLATE", "Computer names, as PC-%RAND:5% or %SERIAL%",    \
			"deviceNameTemplate"),                                                     \
		YES_NO("convert-targeted", "Register every targeted device",                       \
			"hardwareHashExtractionEnabled"),                                          \
		YES_NO("skip-connectivity-check",                                                  \
			"Hybrid: do not look for a domain controller first",                       \
			"hybridAzureADJoinSkipConnectivityCheck"),                                 \
		SCOPE_TAGS

const struct option_spec profile_fields[] = {
	{"join", "hybrid|directory", "Join Active Directory too, or not (needed)"}, PROFILE_FIELDS,
	{0}};
const struct option_spec profile_changes[] = {RENAME, PROFILE_FIELDS, {0}};

// behaviour X2 to X16.
#define ESP_FIELDS                                                                                 \
	NUMBER("timeout", "MINUTES", "Fail after this time (default 60)",                          \
		"installProgressTimeoutInMinutes"),                                                \
		NUMBER("hybrid-extra", "MINUTES", "More time for a hybrid join (default 40)",      \
			"ferryHybridExtraMinutes"),                                                \
		DESCRIPTION,                                                                       \
		YES_NO("progress", "Show what is being installed (default yes)",                   \
			"showInstallationProgress"),                                               \
		TEXT("message", "TEXT", "What to say when it fails", "customErrorMessage"),        \
		YES_NO("logs", "Let the user collect logs", "allowLogCollectionOnInstallFailure"), \
		YES_NO("oobe-only", "Only for devices that are being set up",                      \
			"trackInstallProgressForAutopilotOnly"),                                   \
		YES_NO("first-user-only", "Only for the first user of a device",                   \
			"disableUserStatusTrackingAfterFirstUser"),                                \
		YES_NO("quality-updates", "Install updates during set-up",                         \
			"installQualityUpdates"),                                                  \
		YES_NO("block-retry", "No second try by the user", "blockDeviceSetupRetryByUser"), \
		YES_NO("allow-reset", "The user may reset after a failure",                        \
			"allowDeviceResetOnInstallFailure"),                                       \
		YES_NO("allow-use", "The user may go on after a failure",                          \
			"allowDeviceUseOnInstallFailure"),                                         \
		{"apps", "APPS", "Wait only for these, by name or id with commas; all: for all"},  \
		YES_NO("fail-selected-only", "The technician phase fails only for these apps",     \
			"allowNonBlockingAppInstallation"),                                        \
		SCOPE_TAGS

const struct option_spec esp_fields[] = {
	ESP_FIELDS, NUMBER("priority", "N", "Lower wins (default: last)", "priority"), {0}};
const struct option_spec esp_changes[] = {RENAME, ESP_FIELDS, {0}};

// behaviour J1 to J3.
#define DOMAINJOIN_FIELDS                                                                          \
	TEXT("domain", "DOMAIN", "DNS name of the Active Directory domain",                        \
		"activeDirectoryDomainName"),                                                      \
		TEXT("ou", "DN", "Organizational unit of the computer accounts",                   \
			"organizationalUnit"),                                                     \
		TEXT("name", "TEMPLATE", "Computer names, as PC-%RAND:5%", "ferryNameTemplate"),   \
		YES_NO("disable-resealed",                                                         \
			"The account is disabled from Reseal until the User flow begins",          \
			"ferryDisabledWhileResealed"),                                             \
		DESCRIPTION

const struct option_spec domainjoin_fields[] = {DOMAINJOIN_FIELDS, {0}};
const struct option_spec domainjoin_changes[] = {RENAME, DOMAINJOIN_FIELDS, {0}};

#define PIN_USE "allowed|required|disallowed"
#define PLATFORM "platformRestriction/"
#define RESTRICTION_FIELDS                                                                         \
	DESCRIPTION, NUMBER("limit", "N", "limit: devices a user may enrol", "limit"),             \
		{"platform", "windows|ios|android|android-work|mac|linux|all",                     \
			"platform: which one", OPTION_CHOICE, "platformType",                      \
			"windows|ios|android|androidForWork|mac|linux|allPlatforms"},              \
		YES_NO("block", "platform: no device of it", PLATFORM "platformBlocked"),          \
		YES_NO("block-personal", "platform: only the organization's own devices",          \
			PLATFORM "personalDeviceEnrollmentBlocked"),                               \
		TEXT("min-version", "VERSION", "platform: oldest system",                          \
			PLATFORM "osMinimumVersion"),                                              \
		TEXT("max-version", "VERSION", "platform: newest system",                          \
			PLATFORM "osMaximumVersion"),                                              \
		{"block-makers", "NAMES", "platform: not of these makers", OPTION_LIST,            \
			PLATFORM "blockedManufacturers"},                                          \
		{"state", "enabled|disabled|not-configured", "hello: is it used?", OPTION_CHOICE,  \
			"state", "enabled|disabled|notConfigured"},                                \
		NUMBER("pin-min", "N", "hello: shortest PIN (4 to 127)", "pinMinimumLength"),      \
		NUMBER("pin-max", "N", "hello: longest PIN", "pinMaximumLength"),                  \
		NUMBER("pin-history", "N", "hello: PINs not to be used again",                     \
			"pinPreviousBlockCount"),                                                  \
		NUMBER("pin-days", "N", "hello: a PIN's life; 0: for ever",                        \
			"pinExpirationInDays"),                                                    \
		{"pin-upper", PIN_USE, "hello: upper-case letters", OPTION_CHOICE,                 \
			"pinUppercaseCharactersUsage"},                                            \
		{"pin-lower", PIN_USE, "hello: lower-case letters", OPTION_CHOICE,                 \
			"pinLowercaseCharactersUsage"},                                            \
		{"pin-special", PIN_USE, "hello: special characters", OPTION_CHOICE,               \
			"pinSpecialCharactersUsage"},                                              \
		YES_NO("need-tpm", "hello: only with a TPM", "securityDeviceRequired"),            \
		YES_NO("biometrics", "hello: face and finger", "unlockWithBiometricsEnabled"),     \
		YES_NO("phone", "hello: sign in by phone", "remotePassportEnabled"), SCOPE_TAGS

const struct option_spec restriction_fields[] = {
	{"kind", "platform|limit|hello", "What it restricts (needed)"}, RESTRICTION_FIELDS,
	NUMBER("priority", "N", "Lower wins (default: last)", "priority"), {0}};
const struct option_spec restriction_changes[] = {RENAME, RESTRICTION_FIELDS, {0}};

#define GROUP_FIELDS                                                                               \
	TEXT("rule", "RULE", "Members are the devices that match this rule", "membershipRule"),    \
		DESCRIPTION,                                                                       \
	{                                                                                          \
		"paused", "yes|no", "Leave the members as they are for now", OPTION_YES,           \
			"membershipRuleProcessingState", "Paused|On"                               \
	}

const struct option_spec group_fields[] = {GROUP_FIELDS, {0}};
const struct option_spec group_changes[] = {RENAME, GROUP_FIELDS, {0}};

// graph-api.md section 11: what they become is in preparation.c.
#define PREPARATION_FIELDS                                                                         \
	DESCRIPTION, {"type", "user-driven|automatic", "Who starts it: a user, or nobody"},        \
		{"account", "standard|administrator", "What the user is on the device"},           \
		{"timeout", "MINUTES", "Fail after this time", OPTION_OWN},                        \
		{"message", "TEXT", "What to say when it fails"},                                  \
		{"allow-skip", "yes|no", "The user may go on after a failure"},                    \
		{"diagnostics", "yes|no", "The user may see diagnostics"},                         \
		{"apps", "APPS", "Apps to wait for, by name or id, with commas"},                  \
		{"scripts", "SCRIPTS", "Scripts to run, by name or id, with commas"},              \
		NUMBER("priority", "N", "Lower wins (default 0)", "priority"),                     \
		TEXT("trust-store", "STORE", "Which TPMs to trust (default hardware)",             \
			"ferryTrustStore"),                                                        \
		SCOPE_TAGS

// behaviour Z6.
#define SCRIPT_FIELDS                                                                              \
	DESCRIPTION,                                                                               \
		NUMBER("timeout", "MINUTES", "Stop it after this time (default 30)",               \
			"ferryTimeoutMinutes"),                                                    \
		SCOPE_TAGS
const struct option_spec script_fields[] = {
	{"name", "NAME", "How it is called (default: the file's name)"}, SCRIPT_FIELDS, {0}};
const struct option_spec script_changes[] = {RENAME, SCRIPT_FIELDS, {0}};

const struct option_spec preparation_fields[] = {PREPARATION_FIELDS, {0}};
const struct option_spec preparation_changes[] = {
	TEXT("rename", "NAME", "Call it this from now on", "name"), PREPARATION_FIELDS, {0}};
