// SPDX-License-Identifier: Apache-2.0
// Device configurations, apps, connectors, device preparation (graph-api.md sections 8 and 11).
#include "wire/graph/table.h"

static const struct odata_property configuration[] = {
	P(STRING, "id", RO | FS),
	P(STRING, "displayName", FS | SEARCH | NEED, .max = 256),
	P(STRING, "description", FS | SEARCH | NUL, EMPTY, .max = 1500),
	P(INT32, "version", FS | RO, .initial = "1"),
	P(DATE, "createdDateTime", FS | RO, NO_DATE),
	P(DATE, "lastModifiedDateTime", FS | RO, NO_DATE),
	P(STRING, "roleScopeTagIds", BETA | LIST | FS, .initial = "[\"0\"]"),
	P(BOOL, "supportsScopeTags", BETA | RO, YES),
	P(ANY, "deviceManagementApplicabilityRuleOsEdition", BETA | NUL),
	P(ANY, "deviceManagementApplicabilityRuleOsVersion", BETA | NUL),
	P(ANY, "deviceManagementApplicabilityRuleDeviceMode", BETA | NUL),
	P(STRING, "ferryKind", FS | RO | NUL),
	P(STRING, "ferryScope", FS | RO | NUL),
	P(COMPLEX, "assignments", EXPAND | LIST, .complex = &graph_assignment),
};
static const struct odata_type *const configurations[] = {
	&graph_domain_join, &graph_custom_configuration};
const struct odata_type graph_configuration = {
	.name = "#microsoft.graph.deviceConfiguration",
	OD_PROPERTIES(configuration),
	OD_DERIVED(configurations),
	.abstract = true,
};

// behaviour J1 to J3; ferryNameTemplate may use macros, which Autopilot cannot.
static const struct odata_property domain_join[] = {
	P(STRING, "activeDirectoryDomainName", FS | NEED, .max = 255),
	P(STRING, "computerNameStaticPrefix", FS | NUL, EMPTY, .max = 15),
	P(INT32, "computerNameSuffixRandomCharCount", FS, .initial = "10", .min = 0, .max = 15),
	P(STRING, "organizationalUnit", FS | NUL, EMPTY, .max = 2048),
	P(STRING, "ferryNameTemplate", FS | NUL, .max = 64),
	// The account cannot be used between Reseal and the User flow (threats-and-faults row 10).
	P(BOOL, "ferryDisabledWhileResealed", FS, .initial = "false"),
};
TYPE(graph_domain_join, "windowsDomainJoinConfiguration", domain_join,
	.base = &graph_configuration);

// The value of a setting may be a key: it goes in and does not come out.
static const struct odata_property oma_setting[] = {
	P(STRING, "displayName", NUL, EMPTY, .max = 256),
	P(STRING, "description", NUL, EMPTY, .max = 1500),
	P(STRING, "omaUri", NEED, .max = 2000),
	P(ANY, "value", OD_SECRET | NUL),
	P(STRING, "ferryFormat", NUL, .max = 8),
};
static const struct odata_type *const oma_kinds[8];
static const struct odata_type oma = {
	.name = "#microsoft.graph.omaSetting",
	OD_PROPERTIES(oma_setting),
	.derived = oma_kinds,
	.derived_count = 8,
};
#define OMA(id_, name_) static SUBTYPE(id_, name_, &oma)
OMA(oma_string, "omaSettingString");
OMA(oma_xml, "omaSettingStringXml");
OMA(oma_integer, "omaSettingInteger");
OMA(oma_boolean, "omaSettingBoolean");
OMA(oma_base64, "omaSettingBase64");
OMA(oma_float, "omaSettingFloatingPoint");
OMA(oma_date, "omaSettingDateTime");
OMA(oma_encoded, "omaSettingEncoded");
static const struct odata_type *const oma_kinds[] = {&oma_string, &oma_xml, &oma_integer,
	&oma_boolean, &oma_base64, &oma_float, &oma_date, &oma_encoded};

static const struct odata_property custom[] = {
	P(COMPLEX, "omaSettings", LIST | NEED, .complex = &oma),
	P(STRING, "omaUri", FS | RO | NUL),
};
TYPE(graph_custom_configuration, "windows10CustomConfiguration", custom,
	.base = &graph_configuration);

static const struct odata_property app[] = {
	P(STRING, "id", RO | FS),
	P(STRING, "displayName", FS | SEARCH | NEED, .max = 256),
	P(STRING, "description", FS | SEARCH | NUL, EMPTY, .max = 10000),
	P(STRING, "publisher", FS | SEARCH | NUL, EMPTY, .max = 1024),
	P(STRING, "fileName", FS | NEED, .max = 256),
	P(INT64, "size", FS, .initial = "0"),
	P(STRING, "ferrySha256", FS | NEED, .max = 64),
	P(BOOL, "ferryRestart", FS, NO),
	P(STRING, "ferryKind", FS | RO | NUL),
	P(STRING, "ferryScope", FS | RO | NUL),
	P(STRING, "omaUri", FS | RO | NUL),
	P(DATE, "createdDateTime", FS | RO, NO_DATE),
	P(DATE, "lastModifiedDateTime", FS | RO, NO_DATE),
	P(STRING, "roleScopeTagIds", BETA | LIST | FS, .initial = "[\"0\"]"),
	P(COMPLEX, "assignments", EXPAND | LIST, .complex = &graph_assignment),
};
static const struct odata_type *const apps[5];
const struct odata_type graph_app = {
	.name = "#microsoft.graph.mobileApp",
	OD_PROPERTIES(app),
	.derived = apps,
	.derived_count = 5,
};
static SUBTYPE(win32_app, "win32LobApp", &graph_app);
// What device preparation sets up before scripts and after them (behaviour Z7, Z10).
static SUBTYPE(msi_app, "windowsMobileMSI", &graph_app);
static SUBTYPE(office_app, "officeSuiteApp", &graph_app);
static SUBTYPE(store_app, "winGetApp", &graph_app);
static SUBTYPE(catalog_app, "win32CatalogApp", &graph_app);
static const struct odata_type *const apps[] = {
	&win32_app, &msi_app, &office_app, &store_app, &catalog_app};

// behaviour K11; "pending" is a connector that has never called.
ENUM(connector_state, "deviceManagementDomainJoinConnectorState", {"active", 0}, {"error", 1},
	{"inactive", 2}, {"pending", 3});
static const struct odata_property connector[] = {
	P(STRING, "id", RO | FS, .column = "id"),
	P(STRING, "displayName", FS | SEARCH, .column = "name", .max = 256),
	P(DATE, "lastConnectionDateTime", FS | RO | NUL, .column = "last_seen_at"),
	P(ENUM, "state", FS | RO, .members = &connector_state, .column = "state"),
	P(STRING, "version", FS | RO, .column = "version", EMPTY),
	P(STRING, "domain", FS | RO, .column = "domain"),
};
TYPE(graph_domain_join_connector, "deviceManagementDomainJoinConnector", connector);

ENUM(ndes_state, "ndesConnectorState", {"none", 0}, {"active", 1}, {"inactive", 2});
static const struct odata_property ndes[] = {
	P(STRING, "id", RO | FS),
	P(STRING, "displayName", FS | NUL),
	P(DATE, "lastConnectionDateTime", FS | RO, NO_DATE),
	P(ENUM, "state", FS | RO, .members = &ndes_state, .initial = "\"none\""),
};
TYPE(graph_ndes_connector, "ndesConnector", ndes);

static const struct odata_property reference[] = {
	P(STRING, "templateId", FS | NUL, EMPTY, .max = 128),
	P(STRING, "templateFamily", NUL),
	P(STRING, "templateDisplayName", NUL),
};
static TYPE(template_reference, "deviceManagementConfigurationPolicyTemplateReference", reference);
static const struct odata_property setting[] = {
	P(STRING, "id", NUL),
	P(ANY, "settingInstance", NUL),
};
static TYPE(policy_setting, "deviceManagementConfigurationSetting", setting);
static const struct odata_property preparation[] = {
	P(STRING, "id", RO | FS),
	P(STRING, "name", FS | SEARCH | NEED, .max = 256),
	P(STRING, "description", FS | SEARCH | NUL, EMPTY, .max = 1500),
	P(STRING, "platforms", FS, .initial = "\"windows10\""),
	P(STRING, "technologies", FS, .initial = "\"enrollment\""),
	P(STRING, "roleScopeTagIds", LIST | FS, .initial = "[\"0\"]"),
	P(COMPLEX, "templateReference", FS | NUL, .complex = &template_reference),
	P(COMPLEX, "settings", LIST, .complex = &policy_setting, NONE),
	P(INT32, "settingCount", RO | FS, .initial = "0"),
	P(BOOL, "isAssigned", RO | FS, NO),
	P(STRING, "ferryDeviceGroupId", RO | FS | NUL),
	P(INT32, "priority", FS, .initial = "0", .min = 0, .max = 100000),
	P(STRING, "ferryTrustStore", FS, .initial = "\"hardware\"", .max = 32),
	P(DATE, "createdDateTime", FS | RO, NO_DATE),
	P(DATE, "lastModifiedDateTime", FS | RO, NO_DATE),
	P(COMPLEX, "assignments", EXPAND | LIST, .complex = &graph_assignment),
};
TYPE(graph_preparation_policy, "deviceManagementConfigurationPolicy", preparation);
