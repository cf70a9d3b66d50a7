// SPDX-License-Identifier: Apache-2.0
#include "ferryd/routes.h"

#include "ferryd/handlers.h"

#define ON(method, pattern, auth, run)                                                             \
	{                                                                                          \
		method, pattern, AUTH_##auth, SCOPE_COUNT, run                                     \
	}
// For whom has a token with this permission (domain/scope.def).
#define FOR(method, pattern, scope, run)                                                           \
	{                                                                                          \
		method, pattern, AUTH_SCOPE, SCOPE_##scope, run                                    \
	}
// Graph has two versions; both paths lead to one handler.
#define GRAPH(method, pattern, scope, run)                                                         \
	FOR(method, "/v1.0" pattern, scope, run), FOR(method, "/beta" pattern, scope, run)
#define DM "/deviceManagement"

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
	FOR("GET", "/oidc/userinfo", USER_SELF, oidc_userinfo),
	FOR("POST", "/oidc/userinfo", USER_SELF, oidc_userinfo),
	GRAPH("GET", "/me", USER_SELF, graph_me),

	ON("GET", "/signin/style.css", PUBLIC, page_style),
	ON("GET", "/signin", PUBLIC, sign_in_get),
	ON("POST", "/signin", PUBLIC, sign_in_post),
	ON("POST", "/signin/choose", PUBLIC, sign_in_choose),
	ON("POST", "/signin/continue", PUBLIC, sign_in_continue),
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
	ON("POST", "/device/v1/deployments", PUBLIC, device_deployment_begin),
	ON("POST", "/device/v1/deployments/{id}/events", PUBLIC, device_events_claim),
	ON("POST", "/device/v1/attestation", PUBLIC, device_attestation_begin),
	ON("POST", "/device/v1/attestation/{session}", PUBLIC, device_attestation_prove),
	ON("POST", "/device/v1/events", DEVICE, device_events_add),
	ON("GET", "/device/v1/wait", DEVICE, device_wait),
	ON("POST", "/device/v1/phase", DEVICE, device_phase),
	ON("POST", "/device/v1/retry", DEVICE, device_retry),
	ON("POST", "/device/v1/finish", DEVICE, device_finish),
	ON("GET", "/content/{sha256}", DEVICE, content_get),

	ON("GET", "/EnrollmentServer/Discovery.svc", PUBLIC, enrollment_probe),
	ON("POST", "/EnrollmentServer/Discovery.svc", PUBLIC, enrollment_discover),
	ON("POST", "/EnrollmentServer/Policy.svc", PUBLIC, enrollment_policies),
	ON("POST", "/EnrollmentServer/Enrollment.svc", PUBLIC, enrollment_token),
	ON("POST", "/ManagementServer/MDM.svc", DEVICE, management_session),
	ON("POST", "/EnrollmentServer/device", DEVICE, directory_join),

	ON("POST", "/connector/v1/enroll", PUBLIC, connector_enroll),
	ON("POST", "/connector/v1/lease", CONNECTOR, connector_lease),
	ON("POST", "/connector/v1/jobs/{id}/finish", CONNECTOR, connector_finish),

	GRAPH("GET", DM "/windowsAutopilotDeviceIdentities", SERVICE_CONFIG_READ,
		graph_devices_list),
	GRAPH("GET", DM "/windowsAutopilotDeviceIdentities/{id}", SERVICE_CONFIG_READ,
		graph_device_get),
	GRAPH("DELETE", DM "/windowsAutopilotDeviceIdentities/{id}", SERVICE_CONFIG_WRITE,
		graph_device_delete),
	GRAPH("POST", DM "/windowsAutopilotDeviceIdentities/{id}/allowNextEnrollment",
		SERVICE_CONFIG_WRITE, graph_device_unblock),
	GRAPH("POST", DM "/importedWindowsAutopilotDeviceIdentities/import", SERVICE_CONFIG_WRITE,
		graph_import),
	GRAPH("GET", "/groups", GROUP_READ, graph_groups_list),
	GRAPH("POST", "/groups", GROUP_WRITE, graph_groups_create),
	GRAPH("GET", DM "/windowsAutopilotDeploymentProfiles", SERVICE_CONFIG_READ,
		graph_profiles_list),
	GRAPH("POST", DM "/windowsAutopilotDeploymentProfiles", SERVICE_CONFIG_WRITE,
		graph_profiles_create),
	GRAPH("PATCH", DM "/windowsAutopilotDeploymentProfiles/{id}", SERVICE_CONFIG_WRITE,
		graph_profile_patch),
	GRAPH("POST", DM "/windowsAutopilotDeploymentProfiles/{id}/assignments",
		SERVICE_CONFIG_WRITE, graph_profile_assign),
	GRAPH("GET", DM "/deviceEnrollmentConfigurations", SERVICE_CONFIG_READ, graph_esps_list),
	GRAPH("POST", DM "/deviceEnrollmentConfigurations", SERVICE_CONFIG_WRITE,
		graph_esps_create),
	GRAPH("POST", DM "/deviceEnrollmentConfigurations/{id}/assign", SERVICE_CONFIG_WRITE,
		graph_esp_assign),
	GRAPH("GET", DM "/deviceConfigurations", CONFIGURATION_READ, graph_configurations_list),
	GRAPH("POST", DM "/deviceConfigurations", CONFIGURATION_WRITE, graph_configurations_create),
	GRAPH("PATCH", DM "/deviceConfigurations/{id}", CONFIGURATION_WRITE,
		graph_configuration_patch),
	GRAPH("POST", DM "/deviceConfigurations/{id}/assign", CONFIGURATION_WRITE,
		graph_configuration_assign),
	GRAPH("GET", "/deviceAppManagement/mobileApps", APPS_READ, graph_apps_list),
	GRAPH("POST", "/deviceAppManagement/mobileApps", APPS_WRITE, graph_apps_create),
	GRAPH("POST", "/deviceAppManagement/mobileApps/{id}/assign", APPS_WRITE, graph_app_assign),
	GRAPH("GET", DM "/domainJoinConnectors", SERVICE_CONFIG_READ, graph_connectors_list),

	GRAPH("GET", "/auditLogs/signIns", AUDIT_READ, sign_ins_list),

	FOR("GET", "/ferry/v1/users", USER_READ, users_list),
	FOR("POST", "/ferry/v1/users", USER_WRITE, users_create),
	FOR("GET", "/ferry/v1/users/{id}", USER_READ, users_get),
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
	FOR("POST", "/ferry/v1/imports", SERVICE_CONFIG_WRITE, import_begin),
	FOR("GET", "/ferry/v1/imports", SERVICE_CONFIG_READ, import_list),
	FOR("GET", "/ferry/v1/imports/{id}", SERVICE_CONFIG_READ, import_get),
	FOR("GET", "/ferry/v1/imports/{id}/lines", SERVICE_CONFIG_READ, import_lines),
	FOR("PUT", "/ferry/v1/imports/{id}/parts/{part}", SERVICE_CONFIG_WRITE, import_part_put),
	FOR("POST", "/ferry/v1/imports/{id}/finish", SERVICE_CONFIG_WRITE, import_finish),
	FOR("POST", "/ferry/v1/connectors", SERVICE_CONFIG_WRITE, graph_connectors_create),
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

void
routes_serve(struct http_request *req, struct http_response *resp)
{
	struct http_match match;

	http_router_find(router, req->arena, req->method, req->path, &match);
	if (!match.route) {
		if (match.allow)
			http_response_header(resp, "Allow", match.allow);
		http_response_set(resp, match.allow ? 405 : 404, "application/json",
			slice_str(
				"{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"There is "
				"nothing here.\"}}"));
		return;
	}
	req->params = match.params;
	req->param_count = match.param_count;
	const struct route_row *row = &route_table[match.route - routes];
	struct endpoint endpoint = {.run = row->run, .auth = row->auth, .scope = row->scope};
	call_run(req, resp, &endpoint);
}
