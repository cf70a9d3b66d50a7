// SPDX-License-Identifier: Apache-2.0
// The handlers of what is particular to each family of resources; the route table names them.
#pragma once

#include "ferryd/service.h"

// profiles.c
call_handler graph_profile_devices, graph_payload_links, graph_set_priority;

// autopilot.c
call_handler graph_autopilot_patch, graph_autopilot_delete, graph_update_properties,
	graph_assign_user, graph_unassign_user, graph_allow_enrollment,
	graph_assign_resource_account, graph_unassign_resource_account, graph_delete_devices,
	graph_device_profile, graph_autopilot_settings_get, graph_autopilot_settings_patch,
	graph_autopilot_sync;

// imported.c, corporate.c
call_handler graph_imported_create, graph_imported_import, graph_imported_delete,
	graph_autopilot_create, graph_upload_create, graph_upload_devices;
call_handler graph_corporate_create, graph_corporate_import, graph_corporate_search,
	graph_corporate_delete;

// configurations.c
call_handler graph_connector_patch, graph_connector_delete, graph_policy_settings,
	graph_set_device_group, graph_get_device_group, graph_clear_device_group, graph_no_statuses;

// preparation.c
call_handler graph_preparation_items, graph_association_create, graph_association_delete;

// managed.c
call_handler graph_managed_patch, graph_event_details, graph_audit_chain, graph_audit_verify;

// managed_actions.c
call_handler graph_managed_delete, graph_managed_action, graph_managed_enable;

// managed_bulk.c
call_handler graph_execute_action, action_requests_list, action_request_get, action_request_approve,
	action_request_refuse;

// End the management of a device: it is hidden at once and told (behaviour A11). ERR_NOT_FOUND.
bool graph_managed_end(struct call *c, const char *id, struct error *e) MUST_CHECK;

// managed_parts.c
call_handler graph_user_managed_devices, graph_managed_users, graph_managed_configuration_states,
	graph_managed_nothing, graph_managed_protection;

// managed_logs.c
call_handler graph_log_request, graph_log_requests, graph_log_get, graph_log_link;

// directory.c
call_handler graph_directory_device_create, graph_directory_device_patch,
	graph_directory_device_delete, graph_device_groups, graph_user_groups, graph_device_users,
	graph_me;
call_handler graph_group_create, graph_group_patch, graph_group_delete, graph_group_members,
	graph_group_all_members, graph_group_owners, graph_group_groups, graph_group_member_add,
	graph_group_member_remove, graph_group_owner_add, graph_group_owner_remove;
call_handler graph_included_group_add, graph_included_group_remove, graph_included_groups,
	graph_registration_policy_get, graph_registration_policy_put, graph_endpoints;

// reports.c
call_handler report_content;

// branding.c
call_handler graph_branding_get, graph_branding_patch, graph_branding_delete;

// evaluate.c
call_handler graph_evaluate_membership;

// batch.c, metadata.c, openapi.c
call_handler graph_batch, graph_metadata, graph_openapi;

// A document with one member replaced.
struct json;
const struct json *graph_with_int(
	struct call *c, const struct json *document, const char *name, int64_t value);
const struct json *graph_with(
	struct call *c, const struct json *document, const char *name, const struct json *value);
