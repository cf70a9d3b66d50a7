// SPDX-License-Identifier: Apache-2.0
// A small type of every kind of property, for the tests of this folder only.
#pragma once

#include "wire/odata/type.h"

static const struct odata_member state_members[] = {
	{"unknown", 0}, {"enrolled", 1}, {"pendingReset", 2}, {"failed", 3}};
static const struct odata_enum state_enum = {
	.name = "microsoft.graph.enrollmentState", OD_MEMBERS(state_members)};

static const struct odata_property screen_properties[] = {
	{.name = "privacySettingsHidden",
		.kind = OD_BOOL,
		.old_name = "hidePrivacySettings",
		.initial = "false"},
	{.name = "userType", .kind = OD_ENUM, .members = &state_enum, .flags = OD_NULLABLE},
	{.name = "minutes",
		.kind = OD_INT32,
		.min = 1,
		.max = 1440,
		.initial = "60",
		.flags = OD_FILTER},
};
static const struct odata_type screen_type = {
	.name = "#microsoft.graph.screenSetting", OD_PROPERTIES(screen_properties)};

static const struct odata_property assignment_properties[] = {
	{.name = "id", .kind = OD_STRING, .flags = OD_FILTER | OD_SORT},
	{.name = "target", .kind = OD_STRING, .flags = OD_NULLABLE | OD_FILTER | OD_SORT},
	{.name = "weight", .kind = OD_INT32, .initial = "0", .flags = OD_FILTER | OD_SORT},
};
static const struct odata_type assignment_type = {
	.name = "#microsoft.graph.assignment", OD_PROPERTIES(assignment_properties)};

static const struct odata_property device_properties[] = {
	{.name = "id", .kind = OD_STRING, .flags = OD_READ_ONLY | OD_FILTER | OD_SORT},
	{.name = "displayName",
		.kind = OD_STRING,
		.flags = OD_REQUIRED | OD_FILTER | OD_SORT | OD_SEARCH,
		.max = 20,
		.column = "display_name"},
	{.name = "serialNumber",
		.kind = OD_STRING,
		.flags = OD_NULLABLE | OD_FILTER | OD_SORT | OD_SEARCH},
	{.name = "groupTag",
		.kind = OD_STRING,
		.old_name = "orderIdentifier",
		.flags = OD_NULLABLE | OD_FILTER},
	{.name = "enabled", .kind = OD_BOOL, .initial = "true", .flags = OD_FILTER},
	{.name = "score", .kind = OD_INT64, .flags = OD_NULLABLE | OD_FILTER | OD_SORT},
	{.name = "ratio", .kind = OD_DOUBLE, .flags = OD_NULLABLE | OD_FILTER},
	{.name = "created", .kind = OD_DATE, .flags = OD_NULLABLE | OD_FILTER | OD_SORT},
	{.name = "deviceId", .kind = OD_GUID, .flags = OD_NULLABLE | OD_FILTER},
	{.name = "hash", .kind = OD_BINARY, .flags = OD_NULLABLE, .max = 64},
	{.name = "timeout", .kind = OD_DURATION, .flags = OD_NULLABLE | OD_FILTER},
	{.name = "state",
		.kind = OD_ENUM,
		.members = &state_enum,
		.initial = "\"unknown\"",
		.flags = OD_FILTER | OD_SORT},
	{.name = "setting", .kind = OD_COMPLEX, .complex = &screen_type, .old_name = "settings"},
	{.name = "note",
		.kind = OD_COMPLEX,
		.complex = &screen_type,
		.flags = OD_NULLABLE | OD_FILTER},
	{.name = "physicalIds", .kind = OD_STRING, .flags = OD_LIST | OD_FILTER, .max = 40},
	{.name = "screens",
		.kind = OD_COMPLEX,
		.complex = &screen_type,
		.flags = OD_LIST | OD_FILTER},
	{.name = "extra", .kind = OD_ANY, .flags = OD_NULLABLE},
	{.name = "remediation", .kind = OD_STRING, .flags = OD_NULLABLE | OD_BETA | OD_FILTER},
	{.name = "password", .kind = OD_STRING, .flags = OD_NULLABLE | OD_SECRET},
	{.name = "assignments",
		.kind = OD_COMPLEX,
		.complex = &assignment_type,
		.flags = OD_LIST | OD_NAV | OD_EXPAND | OD_FILTER},
	{.name = "owner",
		.kind = OD_COMPLEX,
		.complex = &assignment_type,
		.flags = OD_NAV | OD_EXPAND},
};

static const struct odata_type base_device;

static const struct odata_property hybrid_properties[] = {
	{.name = "skipCheck", .kind = OD_BOOL, .initial = "false", .flags = OD_FILTER}};
static const struct odata_type hybrid_device = {.name = "#microsoft.graph.hybridDevice",
	.base = &base_device,
	OD_PROPERTIES(hybrid_properties)};
static const struct odata_type cloud_device = {
	.name = "#microsoft.graph.cloudDevice", .base = &base_device};

static const struct odata_type *const device_kinds[] = {&hybrid_device, &cloud_device};
static const struct odata_type base_device = {.name = "#microsoft.graph.device",
	.abstract = true,
	OD_PROPERTIES(device_properties),
	OD_DERIVED(device_kinds)};
