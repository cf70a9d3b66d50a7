// SPDX-License-Identifier: Apache-2.0
#include "store/views.h"

#include "store/queries.h"
#include "wire/graph/types.h"

// Identifiers are stored in lower case, serial numbers a second time in upper case.
static const struct view_key device_keys[] = {
	{"id", "id", VIEW_LOWER},
	{"serial", "serial_key", VIEW_UPPER},
	{"directory_id", "directory_id", VIEW_LOWER},
	{"enrollment_id", "enrollment_id", VIEW_LOWER},
	{"registration_id", "registration_id", VIEW_LOWER},
	{"profile_id", "profile_id", VIEW_LOWER},
	{0},
};
static const struct view_key id_keys[] = {
	{"id", "id", VIEW_LOWER}, {"device_id", "device_id", VIEW_LOWER}, {0}};
// Batch numbers are what clients make them.
static const struct view_key import_keys[] = {
	{"id", "id", VIEW_LOWER}, {"batch_id", "batch_id", VIEW_EXACT}, {0}};
static const struct view_key group_keys[] = {
	{"id", "id", VIEW_LOWER}, {"name", "name_key", VIEW_LOWER}, {0}};
static const struct view_key user_keys[] = {
	{"id", "id", VIEW_LOWER}, {"upn", "upn_key", VIEW_LOWER}, {0}};

// What the directory knows a registered device by (behaviour R12 to R14).
static const struct view_part physical_ids[] = {
	{"physical_ids", "[ZTDID]:", "ztd_id", VIEW_LOWER},
	{"physical_ids", "[OrderID]:", "group_tag", VIEW_EXACT},
	{"physical_ids", "[PurchaseOrderId]:", "purchase_order", VIEW_EXACT},
	{0},
};
static const struct view_part group_types[] = {{"group_types", "", "group_type", VIEW_EXACT}, {0}};

// By serial number: the order of the index that also answers contains() and startswith().
#define BY_SERIAL                                                                                  \
	.order = {{.column = "serial_key"}, {.column = "manufacturer"}, {.column = "model"}}

const struct view view_autopilot_devices = {.query = Q_VIEW_AUTOPILOT_DEVICES,
	.type = &graph_autopilot_device,
	.keys = device_keys,
	BY_SERIAL};
const struct view view_imported_devices = {
	.query = Q_VIEW_IMPORTED_DEVICES, .type = &graph_imported_device, .keys = import_keys};
const struct view view_corporate_identifiers = {.query = Q_VIEW_CORPORATE_IDENTIFIERS,
	.type = &graph_corporate_identifier,
	.keys = id_keys};
const struct view view_profile_devices = {
	.query = Q_VIEW_PROFILE_DEVICES, .type = &graph_autopilot_device, .keys = device_keys};
const struct view view_devices = {
	.query = Q_VIEW_DEVICES, .type = &graph_device, .keys = id_keys, .parts = physical_ids};
const struct view view_managed_devices = {
	.query = Q_VIEW_MANAGED_DEVICES, .type = &graph_managed_device, .keys = device_keys};
const struct view view_groups = {.query = Q_VIEW_GROUPS,
	.type = &graph_group,
	.order = {{.column = "created_at", .number = true}, {.column = "id"}},
	.keys = group_keys,
	.parts = group_types};
const struct view view_users = {.query = Q_VIEW_USERS,
	.type = &graph_user,
	.order = {{.column = "upn_key"}},
	.keys = user_keys};
const struct view view_organization = {
	.query = Q_VIEW_ORGANIZATION, .type = &graph_organization, .keys = id_keys};
const struct view view_connectors = {.query = Q_VIEW_CONNECTORS,
	.type = &graph_domain_join_connector,
	.order = {{.column = "created_at", .number = true}, {.column = "id"}},
	.keys = id_keys};
// The newest first.
const struct view view_autopilot_events = {.query = Q_VIEW_AUTOPILOT_EVENTS,
	.type = &graph_autopilot_event,
	.order = {{.column = "started_at", .number = true, .descending = true},
		{.column = "id", .descending = true}},
	.keys = device_keys};
const struct view view_preparation_deployments = {.query = Q_VIEW_PREPARATION_DEPLOYMENTS,
	.type = &graph_preparation_deployment,
	.order = {{.column = "started_at", .number = true, .descending = true},
		{.column = "id", .descending = true}},
	.keys = device_keys};
#define PREPARED(name_, query_)                                                                    \
	const struct view name_ = {.query = (query_),                                              \
		.type = &graph_preparation_item,                                                   \
		.order = {{.column = "deployment_id"}, {.column = "position", .number = true}},    \
		.keys = id_keys}
PREPARED(view_preparation_items, Q_VIEW_PREPARATION_ITEMS);
PREPARED(view_preparation_apps, Q_VIEW_PREPARATION_APPS);
PREPARED(view_preparation_scripts, Q_VIEW_PREPARATION_SCRIPTS);
const struct view view_associations = {
	.query = Q_VIEW_ASSOCIATIONS, .type = &graph_preparation_association, .keys = device_keys};
const struct view view_policy_status = {
	.query = Q_VIEW_POLICY_STATUS, .type = &graph_policy_status, .keys = id_keys};
const struct view view_configuration_states = {
	.query = Q_VIEW_CONFIGURATION_STATES, .type = &graph_configuration_state, .keys = id_keys};
const struct view view_audit_events = {.query = Q_VIEW_AUDIT_EVENTS,
	.type = &graph_audit_event,
	.order = {{.column = "seq", .number = true, .descending = true}},
	.keys = id_keys};

const struct view view_upload_devices = {
	.query = Q_VIEW_UPLOAD_DEVICES, .type = &graph_imported_device, .keys = import_keys};
const struct view view_import_uploads = {
	.query = Q_VIEW_IMPORT_UPLOADS, .type = &graph_import_upload, .keys = id_keys};
#define MEMBERS(name_, query_)                                                                     \
	const struct view name_ = {                                                                \
		.query = (query_), .type = &graph_member, .keys = id_keys, .typed = true}
MEMBERS(view_group_members, Q_VIEW_GROUP_MEMBERS);
MEMBERS(view_group_all_members, Q_VIEW_GROUP_ALL_MEMBERS);
MEMBERS(view_group_owners, Q_VIEW_GROUP_OWNERS);
MEMBERS(view_device_groups, Q_VIEW_DEVICE_GROUPS);
MEMBERS(view_user_groups, Q_VIEW_USER_GROUPS);
MEMBERS(view_group_groups, Q_VIEW_GROUP_GROUPS);
