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

	ON("POST", "/{tenant}/oauth2/v2.0/token", PUBLIC, oauth_token),
	ON("GET", "/{tenant}/v2.0/.well-known/openid-configuration", PUBLIC, oauth_discovery),
	ON("GET", "/{tenant}/discovery/v2.0/keys", PUBLIC, oauth_keys),

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
