// SPDX-License-Identifier: Apache-2.0
#include "ferryd/routes.h"

#include "base/str.h"
#include "ferryd/graph/collection.h"
#include "ferryd/graph/family.h"
#include "ferryd/graph/path.h"
#include "ferryd/handlers.h"
#include "http/compress.h"

#define ON(method, pattern, auth, run)                                                             \
	{                                                                                          \
		method, pattern, AUTH_##auth, SCOPE_COUNT, run, NULL                               \
	}
// For whom has a token with this permission (domain/scope.def).
#define FOR(method, pattern, scope, run) RESOURCE(method, pattern, scope, run, NULL)
#define RESOURCE(method, pattern, scope, run, collection)                                          \
	{                                                                                          \
		method, pattern, AUTH_SCOPE, SCOPE_##scope, run, collection                        \
	}
// Graph has two versions; both paths lead to one handler.
#define GRAPH(method, pattern, scope, run) OF(NULL, method, pattern, scope, run)
#define OF(collection, method, pattern, scope, run)                                                \
	RESOURCE(method, "/v1.0" pattern, scope, run, collection),                                 \
		RESOURCE(method, "/beta" pattern, scope, run, collection)
// What every collection has, what can be changed besides, and to whom it goes.
#define READS(collection, path, scope)                                                             \
	OF(collection, "GET", path, scope, graph_list),                                            \
		OF(collection, "GET", path "/$count", scope, graph_count),                         \
		OF(collection, "GET", path "/{id}", scope, graph_get)
#define WRITES(collection, path, scope)                                                            \
	OF(collection, "POST", path, scope, graph_create),                                         \
		OF(collection, "PATCH", path "/{id}", scope, graph_patch),                         \
		OF(collection, "DELETE", path "/{id}", scope, graph_delete)
#define ASSIGNED(collection, path, read, write)                                                    \
	OF(collection, "GET", path "/{id}/assignments", read, graph_assignments_list),             \
		OF(collection, "POST", path "/{id}/assignments", write, graph_assignments_add),    \
		OF(collection, "GET", path "/{id}/assignments/{assignment}", read,                 \
			graph_assignment_get),                                                     \
		OF(collection, "PATCH", path "/{id}/assignments/{assignment}", write,              \
			graph_assignment_patch),                                                   \
		OF(collection, "DELETE", path "/{id}/assignments/{assignment}", write,             \
			graph_assignment_delete),                                                  \
		OF(collection, "POST", path "/{id}/assign", write, graph_assign_all)
#define DM "/deviceManagement"
#define AUTOPILOT DM "/windowsAutopilotDeviceIdentities"
#define IMPORTED DM "/importedWindowsAutopilotDeviceIdentities"
#define UPLOADS DM "/importedWindowsAutopilotDeviceIdentityUploads"
#define CORPORATE DM "/importedDeviceIdentities"
#define PROFILES DM "/windowsAutopilotDeploymentProfiles"
#define ENROLLMENT DM "/deviceEnrollmentConfigurations"
#define CONFIGURATIONS DM "/deviceConfigurations"
#define POLICIES DM "/configurationPolicies"
#define SCRIPTS DM "/deviceManagementScripts"
#define PREPARATIONS DM "/devicePreparationDeployments"
#define ASSOCIATIONS DM "/devicePreparationAssociations"
#define CONNECTORS DM "/domainJoinConnectors"
#define MANAGED DM "/managedDevices"
#define APPS "/deviceAppManagement/mobileApps"
#define MOBILITY "/policies/mobileDeviceManagementPolicies"
#define EXPORTS DM "/reports/exportJobs"
#define ACTION(name) GRAPH("POST", MANAGED "/{id}/" name, MANAGED_ACT, graph_managed_action)

const struct route_row route_table[] = {
	ON("GET", "/healthz", PUBLIC, health_get),
	ON("GET", "/readyz", PUBLIC, ready_get),

	ON("GET", "/.well-known/openid-configuration", PUBLIC, oauth_discovery),
	ON("GET", "/.well-known/oauth-authorization-server", PUBLIC, oauth_discovery),
	ON("GET", "/v2.0/.well-known/openid-configuration", PUBLIC, oauth_discovery),
	ON("GET", "/{tenant}/.well-known/openid-configuration", PUBLIC, oauth_discovery),
	ON("GET", "/{tenant}/v2.0/.well-known/openid-configuration", PUBLIC, oauth_discovery),
	ON("GET", "/{tenant}/discovery/v2.0/keys", PUBLIC, oauth_keys),
	ON("GET", "/{tenant}/oauth2/v2.0/authorize", PUBLIC, oauth_authorize),
	ON("POST", "/{tenant}/oauth2/v2.0/authorize", PUBLIC, oauth_authorize_post),
	ON("POST", "/{tenant}/oauth2/v2.0/token", PUBLIC, oauth_token),
	ON("OPTIONS", "/{tenant}/oauth2/v2.0/token", PUBLIC, oauth_preflight),
	ON("POST", "/{tenant}/oauth2/v2.0/devicecode", PUBLIC, oauth_device_code),
	ON("GET", "/{tenant}/oauth2/v2.0/logout", PUBLIC, logout_get),
	ON("POST", "/{tenant}/oauth2/v2.0/logout", PUBLIC, logout_post),
	ON("GET", "/subscriptions", TOKEN, oauth_subscriptions),
	FOR("GET", "/oidc/userinfo", USER_SELF, oidc_userinfo),
	FOR("POST", "/oidc/userinfo", USER_SELF, oidc_userinfo),

	ON("GET", "/signin/style.css", PUBLIC, page_style),
	ON("GET", "/signin", PUBLIC, sign_in_get),
	ON("POST", "/signin", PUBLIC, sign_in_post),
	ON("POST", "/signin/choose", PUBLIC, sign_in_choose),
	ON("POST", "/signin/continue", PUBLIC, sign_in_continue),
	ON("GET", "/signin/domain", PUBLIC, winauth_sign_in),
	ON("GET", "/signin/mfa", PUBLIC, mfa_get),
	ON("POST", "/signin/mfa", PUBLIC, mfa_post),
	ON("GET", "/signin/password", PUBLIC, password_get),
	ON("POST", "/signin/password", PUBLIC, password_post),
	ON("GET", "/signin/setup", PUBLIC, setup_get),
	ON("POST", "/signin/setup", PUBLIC, setup_post),
	ON("GET", "/signin/account", PUBLIC, account_get),
	ON("POST", "/signin/account", PUBLIC, account_post),
	ON("GET", "/signin/device", PUBLIC, device_page_get),
	ON("POST", "/signin/device", PUBLIC, device_page_post),
	ON("GET", "/signin/federated/{id}/answer", PUBLIC, federated_answer),
	ON("GET", "/signin/federated/{id}", PUBLIC, federated_begin),

	ON("POST", "/device/v1/profile", PUBLIC, device_profile_claim),
	ON("GET", "/device/v1/profile", DEVICE_READ, device_profile_known),
	ON("POST", "/device/v1/signin", PUBLIC, device_sign_in),
	ON("POST", "/device/v1/preflight", PUBLIC, device_preflight),
	ON("POST", "/device/v1/deployments", PUBLIC, device_deployment_begin),
	ON("POST", "/device/v1/deployments/{id}/events", PUBLIC, device_events_claim),
	ON("POST", "/device/v1/attestation", PUBLIC, device_attestation_begin),
	ON("POST", "/device/v1/attestation/{session}", PUBLIC, device_attestation_prove),
	ON("POST", "/device/v1/events", DEVICE, device_events_add),
	ON("GET", "/device/v1/wait", DEVICE, device_wait),
	ON("POST", "/device/v1/phase", DEVICE, device_phase),
	ON("POST", "/device/v1/retry", DEVICE, device_retry),
	ON("POST", "/device/v1/reset", DEVICE, device_reset),
	ON("POST", "/device/v1/finish", DEVICE, device_finish),
	ON("POST", "/device/v1/login", DEVICE, device_login),
	ON("GET", "/device/v1/preparation", DEVICE, device_preparation_get),
	ON("POST", "/device/v1/preparation/continue", DEVICE, device_preparation_continue),
	ON("POST", "/device/v1/logs", DEVICE, device_log_add),
	ON("PUT", "/device/v1/logs/{id}", DEVICE, device_log_put),
	ON("GET", "/diagnostics/{key}", PUBLIC, device_log_download),
	ON("GET", "/device/v1/release", DEVICE, device_release_keys),
	ON("POST", "/device/v1/release", DEVICE_READ, device_release),
	ON("GET", "/content/{sha256}", DEVICE, content_get),

	ON("GET", "/EnrollmentServer/Discovery.svc", PUBLIC, enrollment_probe),
	ON("POST", "/EnrollmentServer/Discovery.svc", PUBLIC, enrollment_discover),
	ON("POST", "/EnrollmentServer/Policy.svc", PUBLIC, enrollment_policies),
	ON("POST", "/EnrollmentServer/Enrollment.svc", PUBLIC, enrollment_token),
	ON("POST", "/ManagementServer/MDM.svc", DEVICE, management_session),
	ON("POST", "/EnrollmentServer/device", DEVICE_OR_TOKEN, directory_join),

	ON("POST", "/connector/v1/enroll", PUBLIC, connector_enroll),
	ON("POST", "/connector/v1/keys", CONNECTOR, connector_keys),
	ON("POST", "/connector/v1/lease", CONNECTOR, connector_lease),
	ON("POST", "/connector/v1/jobs/{id}/finish", CONNECTOR, connector_finish),
	ON("POST", "/connector/v1/accounts", CONNECTOR, connector_accounts),
	ON("POST", "/connector/v1/self-test", CONNECTOR, connector_tested),
	ON("POST", "/connector/v1/directory/begin", CONNECTOR, directory_begin),
	ON("POST", "/connector/v1/directory", CONNECTOR, directory_batch),
	ON("POST", "/connector/v1/directory/failed", CONNECTOR, directory_failed),
	ON("POST", "/connector/v1/checks/lease", CONNECTOR, checks_lease),
	ON("POST", "/connector/v1/checks/{id}/finish", CONNECTOR, checks_finish),

	READS(&graph_autopilot_devices, AUTOPILOT, SERVICE_CONFIG_READ),
	GRAPH("POST", AUTOPILOT, PARTNER_REGISTER, graph_autopilot_create),
	GRAPH("PATCH", AUTOPILOT "/{id}", SERVICE_CONFIG_WRITE, graph_autopilot_patch),
	GRAPH("DELETE", AUTOPILOT "/{id}", SERVICE_CONFIG_WRITE, graph_autopilot_delete),
	GRAPH("POST", AUTOPILOT "/{id}/updateDeviceProperties", SERVICE_CONFIG_WRITE,
		graph_update_properties),
	GRAPH("POST", AUTOPILOT "/{id}/assignUserToDevice", SERVICE_CONFIG_WRITE,
		graph_assign_user),
	GRAPH("POST", AUTOPILOT "/{id}/unassignUserFromDevice", SERVICE_CONFIG_WRITE,
		graph_unassign_user),
	GRAPH("POST", AUTOPILOT "/{id}/allowNextEnrollment", SERVICE_CONFIG_WRITE,
		graph_allow_enrollment),
	GRAPH("POST", AUTOPILOT "/{id}/assignResourceAccountToDevice", SERVICE_CONFIG_WRITE,
		graph_assign_resource_account),
	GRAPH("POST", AUTOPILOT "/{id}/unassignResourceAccountFromDevice", SERVICE_CONFIG_WRITE,
		graph_unassign_resource_account),
	GRAPH("POST", AUTOPILOT "/deleteDevices", SERVICE_CONFIG_WRITE, graph_delete_devices),
	GRAPH("GET", AUTOPILOT "/{id}/deploymentProfile", SERVICE_CONFIG_READ,
		graph_device_profile),
	GRAPH("GET", AUTOPILOT "/{id}/intendedDeploymentProfile", SERVICE_CONFIG_READ,
		graph_device_profile),
	READS(&graph_imported_devices, IMPORTED, SERVICE_CONFIG_READ),
	OF(&graph_imported_devices, "POST", IMPORTED, SERVICE_CONFIG_WRITE, graph_imported_create),
	OF(&graph_imported_devices, "DELETE", IMPORTED "/{id}", SERVICE_CONFIG_WRITE,
		graph_imported_delete),
	READS(&graph_import_uploads, UPLOADS, SERVICE_CONFIG_READ),
	OF(&graph_import_uploads, "POST", UPLOADS, SERVICE_CONFIG_WRITE, graph_upload_create),
	OF(&graph_import_uploads, "DELETE", UPLOADS "/{id}", SERVICE_CONFIG_WRITE,
		graph_imported_delete),
	OF(&graph_import_uploads, "GET", UPLOADS "/{id}/deviceIdentities", SERVICE_CONFIG_READ,
		graph_upload_devices),
	GRAPH("POST", IMPORTED "/import", SERVICE_CONFIG_WRITE, graph_imported_import),
	READS(&graph_corporate_identifiers, CORPORATE, SERVICE_CONFIG_READ),
	OF(&graph_corporate_identifiers, "POST", CORPORATE, SERVICE_CONFIG_WRITE,
		graph_corporate_create),
	OF(&graph_corporate_identifiers, "DELETE", CORPORATE "/{id}", SERVICE_CONFIG_WRITE,
		graph_corporate_delete),
	GRAPH("POST", CORPORATE "/importDeviceIdentityList", SERVICE_CONFIG_WRITE,
		graph_corporate_import),
	GRAPH("POST", CORPORATE "/searchExistingIdentities", SERVICE_CONFIG_READ,
		graph_corporate_search),
	GRAPH("GET", DM "/windowsAutopilotSettings", SERVICE_CONFIG_READ,
		graph_autopilot_settings_get),
	GRAPH("PATCH", DM "/windowsAutopilotSettings", SERVICE_CONFIG_WRITE,
		graph_autopilot_settings_patch),
	GRAPH("POST", DM "/windowsAutopilotSettings/sync", SERVICE_CONFIG_WRITE,
		graph_autopilot_sync),

	READS(&graph_profiles, PROFILES, SERVICE_CONFIG_READ),
	WRITES(&graph_profiles, PROFILES, SERVICE_CONFIG_WRITE),
	ASSIGNED(&graph_profiles, PROFILES, SERVICE_CONFIG_READ, SERVICE_CONFIG_WRITE),
	READS(&graph_enrollment_configurations, ENROLLMENT, SERVICE_CONFIG_READ),
	WRITES(&graph_enrollment_configurations, ENROLLMENT, SERVICE_CONFIG_WRITE),
	ASSIGNED(&graph_enrollment_configurations, ENROLLMENT, SERVICE_CONFIG_READ,
		SERVICE_CONFIG_WRITE),
	READS(&graph_device_configurations, CONFIGURATIONS, CONFIGURATION_READ),
	WRITES(&graph_device_configurations, CONFIGURATIONS, CONFIGURATION_WRITE),
	ASSIGNED(&graph_device_configurations, CONFIGURATIONS, CONFIGURATION_READ,
		CONFIGURATION_WRITE),
	READS(&graph_mobile_apps, APPS, APPS_READ),
	WRITES(&graph_mobile_apps, APPS, APPS_WRITE),
	ASSIGNED(&graph_mobile_apps, APPS, APPS_READ, APPS_WRITE),
	READS(&graph_preparation_policies, POLICIES, CONFIGURATION_READ),
	WRITES(&graph_preparation_policies, POLICIES, CONFIGURATION_WRITE),
	ASSIGNED(&graph_preparation_policies, POLICIES, CONFIGURATION_READ, CONFIGURATION_WRITE),
	OF(&graph_profiles, "GET", PROFILES "/{id}/assignedDevices", SERVICE_CONFIG_READ,
		graph_profile_devices),
	GRAPH("POST", PROFILES "/hasPayloadLinks", SERVICE_CONFIG_READ, graph_payload_links),
	OF(&graph_enrollment_configurations, "POST", ENROLLMENT "/{id}/setPriority",
		SERVICE_CONFIG_WRITE, graph_set_priority),
	GRAPH("POST", ENROLLMENT "/hasPayloadLinks", SERVICE_CONFIG_READ, graph_payload_links),
	OF(&graph_device_configurations, "GET", CONFIGURATIONS "/{id}/deviceStatuses",
		CONFIGURATION_READ, graph_no_statuses),
	OF(&graph_device_configurations, "GET", CONFIGURATIONS "/{id}/userStatuses",
		CONFIGURATION_READ, graph_no_statuses),
	OF(&graph_preparation_policies, "GET", POLICIES "/{id}/settings", CONFIGURATION_READ,
		graph_policy_settings),
	OF(&graph_preparation_policies, "POST",
		POLICIES "/{id}/setEnrollmentTimeDeviceMembershipTarget", CONFIGURATION_WRITE,
		graph_set_device_group),
	OF(&graph_preparation_policies, "POST",
		POLICIES "/{id}/retrieveEnrollmentTimeDeviceMembershipTarget", CONFIGURATION_READ,
		graph_get_device_group),
	OF(&graph_preparation_policies, "POST",
		POLICIES "/{id}/clearEnrollmentTimeDeviceMembershipTarget", CONFIGURATION_WRITE,
		graph_clear_device_group),
	READS(&graph_device_scripts, SCRIPTS, CONFIGURATION_READ),
	WRITES(&graph_device_scripts, SCRIPTS, CONFIGURATION_WRITE),
	ASSIGNED(&graph_device_scripts, SCRIPTS, CONFIGURATION_READ, CONFIGURATION_WRITE),
	READS(&graph_preparation_deployments, PREPARATIONS, MANAGED_READ),
	OF(&graph_preparation_deployments, "GET", PREPARATIONS "/{id}/items", MANAGED_READ,
		graph_preparation_items),
	READS(&graph_preparation_associations, ASSOCIATIONS, SERVICE_CONFIG_READ),
	OF(&graph_preparation_associations, "POST", ASSOCIATIONS, SERVICE_CONFIG_WRITE,
		graph_association_create),
	OF(&graph_preparation_associations, "DELETE", ASSOCIATIONS "/{id}", SERVICE_CONFIG_WRITE,
		graph_association_delete),
	READS(&graph_domain_join_connectors, CONNECTORS, SERVICE_CONFIG_READ),
	GRAPH("PATCH", CONNECTORS "/{id}", SERVICE_CONFIG_WRITE, graph_connector_patch),
	GRAPH("DELETE", CONNECTORS "/{id}", SERVICE_CONFIG_WRITE, graph_connector_delete),
	READS(&graph_ndes_connectors, DM "/ndesConnectors", SERVICE_CONFIG_READ),

	READS(&graph_managed_devices, MANAGED, MANAGED_READ),
	GRAPH("PATCH", MANAGED "/{id}", MANAGED_WRITE, graph_managed_patch),
	GRAPH("DELETE", MANAGED "/{id}", MANAGED_WRITE, graph_managed_delete),
	GRAPH("GET", MANAGED "/{id}/users", MANAGED_READ, graph_managed_users),
	GRAPH("GET", MANAGED "/{id}/deviceConfigurationStates", MANAGED_READ,
		graph_managed_configuration_states),
	GRAPH("GET", MANAGED "/{id}/deviceCompliancePolicyStates", MANAGED_READ,
		graph_managed_nothing),
	GRAPH("GET", MANAGED "/{id}/windowsProtectionState", MANAGED_READ,
		graph_managed_protection),
	GRAPH("GET", MANAGED "/{id}/logCollectionRequests", MANAGED_READ, graph_log_requests),
	GRAPH("GET", MANAGED "/{id}/logCollectionRequests/{log}", MANAGED_READ, graph_log_get),
	GRAPH("POST", MANAGED "/{id}/logCollectionRequests/{log}/createDownloadUrl", MANAGED_READ,
		graph_log_link),
	GRAPH("POST", MANAGED "/{id}/createDeviceLogCollectionRequest", MANAGED_ACT,
		graph_log_request),
	GRAPH("POST", MANAGED "/executeAction", MANAGED_ACT, graph_execute_action),
	ACTION("wipe"),
	ACTION("retire"),
	ACTION("cleanWindowsDevice"),
	ACTION("syncDevice"),
	ACTION("rebootNow"),
	ACTION("shutDown"),
	ACTION("remoteLock"),
	ACTION("resetPasscode"),
	ACTION("locateDevice"),
	ACTION("windowsDefenderScan"),
	ACTION("windowsDefenderUpdateSignatures"),
	ACTION("setDeviceName"),
	ACTION("rotateBitLockerKeys"),
	ACTION("rotateLocalAdminPassword"),
	ACTION("deprovision"),
	GRAPH("POST", MANAGED "/{id}/disable", MANAGED_ACT, graph_managed_enable),
	GRAPH("POST", MANAGED "/{id}/reenable", MANAGED_ACT, graph_managed_enable),
	READS(&graph_autopilot_events, DM "/autopilotEvents", MANAGED_READ),
	OF(&graph_autopilot_events, "GET", DM "/autopilotEvents/{id}/policyStatusDetails",
		MANAGED_READ, graph_event_details),
	READS(&graph_export_jobs, EXPORTS, MANAGED_READ),
	OF(&graph_export_jobs, "POST", EXPORTS, MANAGED_READ, graph_create),
	OF(&graph_export_jobs, "DELETE", EXPORTS "/{id}", MANAGED_READ, graph_delete),
	READS(&graph_audit_events, DM "/auditEvents", AUDIT_READ),

	READS(&graph_devices, "/devices", DEVICE_READ),
	GRAPH("POST", "/devices", DEVICE_WRITE, graph_directory_device_create),
	GRAPH("PATCH", "/devices/{id}", DEVICE_WRITE, graph_directory_device_patch),
	GRAPH("DELETE", "/devices/{id}", DEVICE_WRITE, graph_directory_device_delete),
	GRAPH("GET", "/devices/{id}/memberOf", DEVICE_READ, graph_device_groups),
	GRAPH("GET", "/devices/{id}/transitiveMemberOf", DEVICE_READ, graph_device_groups),
	GRAPH("GET", "/devices/{id}/registeredOwners", DEVICE_READ, graph_device_users),
	GRAPH("GET", "/devices/{id}/registeredUsers", DEVICE_READ, graph_device_users),
	READS(&graph_groups, "/groups", GROUP_READ),
	GRAPH("POST", "/groups", GROUP_WRITE, graph_group_create),
	GRAPH("POST", "/groups/evaluateDynamicMembership", GROUP_READ, graph_evaluate_membership),
	GRAPH("POST", "/groups/{id}/evaluateDynamicMembership", GROUP_READ,
		graph_evaluate_membership),
	GRAPH("PATCH", "/groups/{id}", GROUP_WRITE, graph_group_patch),
	GRAPH("DELETE", "/groups/{id}", GROUP_WRITE, graph_group_delete),
	GRAPH("GET", "/groups/{id}/members", GROUP_READ, graph_group_members),
	GRAPH("GET", "/groups/{id}/transitiveMembers", GROUP_READ, graph_group_all_members),
	GRAPH("GET", "/groups/{id}/owners", GROUP_READ, graph_group_owners),
	GRAPH("GET", "/groups/{id}/memberOf", GROUP_READ, graph_group_groups),
	GRAPH("POST", "/groups/{id}/members/$ref", GROUP_WRITE, graph_group_member_add),
	GRAPH("DELETE", "/groups/{id}/members/{member}/$ref", GROUP_WRITE,
		graph_group_member_remove),
	GRAPH("POST", "/groups/{id}/owners/$ref", GROUP_WRITE, graph_group_owner_add),
	GRAPH("DELETE", "/groups/{id}/owners/{member}/$ref", GROUP_WRITE, graph_group_owner_remove),
	READS(&graph_users, "/users", USER_READ),
	GRAPH("GET", "/users/{id}/memberOf", USER_READ, graph_user_groups),
	GRAPH("GET", "/users/{id}/transitiveMemberOf", USER_READ, graph_user_groups),
	GRAPH("GET", "/users/{id}/managedDevices", MANAGED_READ, graph_user_managed_devices),
	GRAPH("GET", "/me", USER_SELF, graph_me),
	READS(&graph_organizations, "/organization", ORGANIZATION_READ),
	OF(&graph_brandings, "GET", "/organization/{id}/branding", ORGANIZATION_READ,
		graph_branding_get),
	OF(&graph_brandings, "PATCH", "/organization/{id}/branding", ORGANIZATION_WRITE,
		graph_branding_patch),
	OF(&graph_brandings, "DELETE", "/organization/{id}/branding", ORGANIZATION_WRITE,
		graph_branding_delete),
	READS(&graph_mobility_policies, MOBILITY, POLICY_READ),
	OF(&graph_mobility_policies, "PATCH", MOBILITY "/{id}", POLICY_WRITE, graph_patch),
	GRAPH("GET", MOBILITY "/{id}/includedGroups", POLICY_READ, graph_included_groups),
	GRAPH("POST", MOBILITY "/{id}/includedGroups/$ref", POLICY_WRITE, graph_included_group_add),
	GRAPH("DELETE", MOBILITY "/{id}/includedGroups/{member}/$ref", POLICY_WRITE,
		graph_included_group_remove),
	GRAPH("GET", "/policies/deviceRegistrationPolicy", POLICY_READ,
		graph_registration_policy_get),
	GRAPH("PUT", "/policies/deviceRegistrationPolicy", POLICY_WRITE,
		graph_registration_policy_put),
	GRAPH("GET", "/servicePrincipals/{id}/endpoints", POLICY_READ, graph_endpoints),

	// Each request in a batch needs its own permission.
	ON("POST", "/v1.0/$batch", TOKEN, graph_batch),
	ON("POST", "/beta/$batch", TOKEN, graph_batch),
	ON("GET", "/v1.0/$metadata", PUBLIC, graph_metadata),
	ON("GET", "/beta/$metadata", PUBLIC, graph_metadata),
	ON("GET", "/openapi.json", PUBLIC, graph_openapi),

	// Whoever has the link that an export job gave: who fetches it has no token.
	ON("GET", "/reports/{tenant}/{id}", PUBLIC, report_content),
	FOR("GET", "/ferry/v1/audit/chain", AUDIT_READ, graph_audit_chain),
	FOR("GET", "/ferry/v1/audit/verify", AUDIT_READ, graph_audit_verify),
	GRAPH("GET", "/auditLogs/signIns", AUDIT_READ, sign_ins_list),

	FOR("GET", "/ferry/v1/users", USER_READ, users_list),
	FOR("POST", "/ferry/v1/users", USER_WRITE, users_create),
	FOR("GET", "/ferry/v1/users/{id}", USER_READ, users_get),
	FOR("PATCH", "/ferry/v1/users/{id}", USER_WRITE, users_update),
	FOR("DELETE", "/ferry/v1/users/{id}", USER_WRITE, users_delete),
	FOR("POST", "/ferry/v1/users/{id}/password", USER_WRITE, users_password),
	FOR("POST", "/ferry/v1/users/{id}/mfaReset", USER_WRITE, users_mfa_reset),
	FOR("POST", "/ferry/v1/users/{id}/temporaryAccessPass", USER_WRITE, users_pass),
	FOR("POST", "/ferry/v1/users/{id}/revokeSessions", USER_WRITE, users_revoke),
	FOR("POST", "/ferry/v1/users/{id}/roles", RBAC_WRITE, users_roles),
	FOR("GET", "/ferry/v1/clients", APPLICATION_READ, clients_list),
	FOR("POST", "/ferry/v1/clients", APPLICATION_WRITE, clients_create),
	FOR("GET", "/ferry/v1/clients/{id}", APPLICATION_READ, clients_get),
	FOR("PUT", "/ferry/v1/clients/{id}", APPLICATION_WRITE, clients_update),
	FOR("DELETE", "/ferry/v1/clients/{id}", APPLICATION_WRITE, clients_delete),
	FOR("GET", "/ferry/v1/federations", APPLICATION_READ, federations_list),
	FOR("POST", "/ferry/v1/federations", RBAC_WRITE, federations_create),
	FOR("DELETE", "/ferry/v1/federations/{id}", RBAC_WRITE, federations_delete),
	FOR("GET", "/ferry/v1/signIns", AUDIT_READ, sign_ins_list),

	FOR("GET", "/ferry/v1/devices/{serial}", SERVICE_CONFIG_READ, graph_device_explain),
	FOR("GET", "/ferry/v1/devices/{serial}/timeline", MANAGED_READ, graph_device_timeline),
	FOR("GET", "/ferry/v1/devices/{serial}/actions", MANAGED_READ, device_actions_list),
	FOR("POST", "/ferry/v1/devices/{serial}/fail", MANAGED_ACT, device_fail),
	FOR("POST", "/ferry/v1/deviceActions/{id}/cancel", MANAGED_ACT, device_action_cancel),
	FOR("GET", "/ferry/v1/actionRequests", MANAGED_READ, action_requests_list),
	FOR("GET", "/ferry/v1/actionRequests/{id}", MANAGED_READ, action_request_get),
	FOR("POST", "/ferry/v1/actionRequests/{id}/approve", MANAGED_ACT, action_request_approve),
	FOR("POST", "/ferry/v1/actionRequests/{id}/refuse", MANAGED_ACT, action_request_refuse),
	FOR("GET", "/ferry/v1/devices/{serial}/explain", SERVICE_CONFIG_READ, device_explanation),
	FOR("POST", "/ferry/v1/preflight", SERVICE_CONFIG_READ, preflight_run),
	FOR("POST", "/ferry/v1/groups/evaluate", GROUP_READ, group_evaluate),
	FOR("GET", "/ferry/v1/naming/preview", SERVICE_CONFIG_READ, naming_preview),
	FOR("POST", "/ferry/v1/naming/preview", SERVICE_CONFIG_READ, naming_preview),
	FOR("POST", "/ferry/v1/imports", SERVICE_CONFIG_WRITE, import_begin),
	FOR("GET", "/ferry/v1/imports", SERVICE_CONFIG_READ, import_list),
	FOR("GET", "/ferry/v1/imports/{id}", SERVICE_CONFIG_READ, import_get),
	FOR("GET", "/ferry/v1/imports/{id}/lines", SERVICE_CONFIG_READ, import_lines),
	FOR("PUT", "/ferry/v1/imports/{id}/parts/{part}", SERVICE_CONFIG_WRITE, import_part_put),
	FOR("POST", "/ferry/v1/imports/{id}/finish", SERVICE_CONFIG_WRITE, import_finish),
	FOR("POST", "/ferry/v1/deregistrations", SERVICE_CONFIG_WRITE, deregistration_create),
	FOR("GET", "/ferry/v1/deregistrations", SERVICE_CONFIG_READ, deregistration_list),
	FOR("GET", "/ferry/v1/deregistrations/{id}", SERVICE_CONFIG_READ, deregistration_get),
	FOR("POST", "/ferry/v1/deregistrations/{id}/approve", SERVICE_CONFIG_WRITE,
		deregistration_approve),
	FOR("POST", "/ferry/v1/deregistrations/{id}/refuse", SERVICE_CONFIG_WRITE,
		deregistration_refuse),
	FOR("PUT", "/ferry/v1/corporateIdentifiers", SERVICE_CONFIG_WRITE, corporate_file_put),
	FOR("POST", "/ferry/v1/partner/consents", PARTNER_REGISTER, partner_consent_offer),
	FOR("POST", "/ferry/v1/partner/registrations", PARTNER_REGISTER, partner_register),
	FOR("GET", "/ferry/v1/consents", ORGANIZATION_READ, consent_list),
	FOR("POST", "/ferry/v1/consents", ORGANIZATION_WRITE, consent_grant),
	FOR("DELETE", "/ferry/v1/consents/{id}", ORGANIZATION_WRITE, consent_revoke),
	FOR("GET", "/ferry/v1/orphanAccounts", SERVICE_CONFIG_READ, orphan_accounts),
	FOR("POST", "/ferry/v1/orphanAccounts/{id}/removed", SERVICE_CONFIG_WRITE,
		orphan_account_done),
	FOR("GET", "/ferry/v1/registrations/{id}/events", SERVICE_CONFIG_READ, registration_events),
	FOR("POST", "/ferry/v1/registrations/{id}/block", MANAGED_ACT, registration_block),
	FOR("POST", "/ferry/v1/transfers", SERVICE_CONFIG_WRITE, transfer_request),
	FOR("GET", "/ferry/v1/transfers", SERVICE_CONFIG_READ, transfer_list),
	FOR("POST", "/ferry/v1/transfers/{id}/approve", SERVICE_CONFIG_WRITE, transfer_approve),
	FOR("POST", "/ferry/v1/transfers/{id}/refuse", SERVICE_CONFIG_WRITE, transfer_refuse),
	FOR("GET", "/ferry/v1/vpn/{id}/peers", CONFIGURATION_READ, vpn_peers),
	FOR("POST", "/ferry/v1/connectors", SERVICE_CONFIG_WRITE, graph_connectors_create),
	FOR("GET", "/ferry/v1/connectors/{id}", SERVICE_CONFIG_READ, connector_show),
	FOR("POST", "/ferry/v1/connectors/{id}/check", SERVICE_CONFIG_READ, connector_check),
	FOR("POST", "/ferry/v1/accounts/{id}/disable", SERVICE_CONFIG_WRITE, account_disable),
	FOR("POST", "/ferry/v1/accounts/{id}/enable", SERVICE_CONFIG_WRITE, account_enable),
	FOR("POST", "/ferry/v1/accounts/{id}/delete", SERVICE_CONFIG_WRITE, account_delete),
	FOR("GET", "/ferry/v1/accountOrders/{id}", SERVICE_CONFIG_READ, account_order_get),
	FOR("GET", "/ferry/v1/sync", DIRECTORY_READ, sync_status),
	FOR("POST", "/ferry/v1/sync", SERVICE_CONFIG_WRITE, sync_request),
	FOR("PUT", "/ferry/v1/content/{sha256}", APPS_WRITE, content_put),
};

const size_t route_count = sizeof route_table / sizeof *route_table;

static struct route routes[sizeof route_table / sizeof *route_table];
static struct http_router *router;

bool
routes_compile(struct arena *arena, struct error *e)
{
	for (size_t i = 0; i < route_count; i++)
		routes[i] = (struct route){
			.method = route_table[i].method,
			.pattern = route_table[i].pattern,
			.auth = (int)route_table[i].auth,
			.handler = routes_serve,
		};
	return http_router_compile(arena, routes, route_count, &router, e);
}

static bool
not_there(struct call *c, struct error *e)
{
	(void)c;
	return error_set(e, ERR_NOT_FOUND, "There is nothing here.");
}

static bool
not_allowed(struct call *c, struct error *e)
{
	return error_fault(e, ERR_INVALID, "method_not_allowed",
		"%s cannot be done here; the header Allow says what can", c->req->method);
}

void
routes_run(struct http_request *req, struct http_response *resp)
{
	struct http_match match;

	http_router_find(
		router, req->arena, req->method, graph_plain_path(req->arena, req->path), &match);
	if (!match.route) {
		struct endpoint nothing = {
			.run = match.allow ? not_allowed : not_there, .auth = AUTH_PUBLIC};
		if (match.allow)
			http_response_header(resp, "Allow", match.allow);
		call_run(req, resp, &nothing);
		return;
	}
	req->params = match.params;
	req->param_count = match.param_count;
	const struct route_row *row = &route_table[match.route - routes];
	struct endpoint endpoint = {.run = row->run,
		.auth = row->auth,
		.scope = row->scope,
		.collection = row->collection,
		.pattern = row->pattern};
	call_run(req, resp, &endpoint);
}

// Programs with a token, and the documents about the API. Nothing that a browser asks for with a
// cookie (http/compress.h).
static bool
is_for_programs(const char *path)
{
	static const char *const below[] = {"/v1.0/", "/beta/", "/ferry/v1/", "/openapi.json"};

	for (size_t i = 0; i < sizeof below / sizeof *below; i++)
		if (str_istarts(path, below[i]))
			return true;
	return false;
}

void
routes_serve(struct http_request *req, struct http_response *resp)
{
	routes_run(req, resp);
	if (!is_for_programs(req->path))
		return;
	// JSON is UTF-8 (RFC 8259), but Windows PowerShell takes it for Latin-1 when nobody says
	// so.
	if (str_eq(resp->content_type, "application/json"))
		resp->content_type = "application/json; charset=utf-8";
	http_response_compress(req, resp);
}
