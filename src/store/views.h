// SPDX-License-Identifier: Apache-2.0
// Every large collection: its SELECT, its type, its own order, and what an index can answer.
#pragma once

#include "store/view.h"

// Parameters after the tenant, where there are any.
extern const struct view view_autopilot_devices;
extern const struct view view_profile_devices; // the profile's id
extern const struct view view_imported_devices, view_corporate_identifiers;
extern const struct view view_devices;
extern const struct view view_managed_devices;
extern const struct view view_groups;
extern const struct view view_users;
extern const struct view view_organization;
extern const struct view view_connectors; // inactive before, in error before (times)
extern const struct view view_autopilot_events;
extern const struct view view_preparation_deployments, view_preparation_apps,
	view_preparation_scripts, view_preparation_items, view_associations;
extern const struct view view_policy_status;	    // the deployment's id
extern const struct view view_configuration_states; // the managed device's id
extern const struct view view_audit_events;
extern const struct view view_import_uploads;
extern const struct view view_upload_devices; // the upload's id
// The id of the group, device or user.
extern const struct view view_group_members, view_group_all_members, view_group_owners,
	view_device_groups, view_user_groups, view_group_groups;
