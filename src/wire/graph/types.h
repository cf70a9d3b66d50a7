// SPDX-License-Identifier: Apache-2.0
// Every type of the Graph API that Ferry offers (graph-api.md sections 2 to 13), as tables.
#pragma once

#include "wire/odata/type.h"

// Section 2 to 4, 12: registrations.
extern const struct odata_type graph_autopilot_device, graph_deleted_autopilot_device,
	graph_imported_device, graph_imported_state, graph_autopilot_settings,
	graph_corporate_identifier, graph_import_upload;

// Section 5: deployment profiles of both join types.
extern const struct odata_type graph_profile, graph_profile_directory, graph_profile_hybrid;

// Section 6: to whom something goes.
extern const struct odata_type graph_target, graph_target_group, graph_target_exclusion,
	graph_target_devices, graph_target_users, graph_assignment;

// Section 7: pages, limits, restrictions, Windows Hello.
extern const struct odata_type graph_enrollment, graph_enrollment_page, graph_enrollment_limit,
	graph_enrollment_platforms, graph_enrollment_platform, graph_enrollment_hello;

// Section 8 and 11: configurations, apps, connectors, device preparation.
extern const struct odata_type graph_configuration, graph_domain_join, graph_custom_configuration,
	graph_app, graph_domain_join_connector, graph_ndes_connector, graph_preparation_policy;

// Section 9 and 10: devices under management and what happened to them.
extern const struct odata_type graph_managed_device, graph_autopilot_event, graph_policy_status,
	graph_audit_event, graph_export_job, graph_log_collection, graph_configuration_state,
	graph_protection_state;

// Section 11: what belongs to device preparation.
extern const struct odata_type graph_device_script, graph_preparation_deployment,
	graph_preparation_item, graph_preparation_association;

// Section 13: the directory.
extern const struct odata_type graph_directory_object, graph_device, graph_group, graph_user,
	graph_organization, graph_branding, graph_mobility_policy, graph_registration_policy,
	graph_endpoint;

// Members of a group and groups of a member: directory objects with what lists of them show.
extern const struct odata_type graph_member, graph_member_device, graph_member_user,
	graph_member_group;

// All of them once, for the generated documents: every type comes before those derived from it.
extern const struct odata_type *const graph_types[];
extern const size_t graph_type_count;

// What unset dates and device ids look like (graph-api.md section 1).
#define GRAPH_NO_DATE "0001-01-01T00:00:00Z"
#define GRAPH_NO_GUID "00000000-0000-0000-0000-000000000000"
