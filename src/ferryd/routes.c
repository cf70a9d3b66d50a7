// SPDX-License-Identifier: Apache-2.0
#include "ferryd/routes.h"

#include "ferryd/handlers.h"

#define ON(method, pattern, auth, run)                                                             \
	{                                                                                          \
		method, pattern, AUTH_##auth, run                                                  \
	}
// Graph has two versions; both paths lead to one handler.
#define GRAPH(method, pattern, auth, run)                                                          \
	ON(method, "/v1.0" pattern, auth, run), ON(method, "/beta" pattern, auth, run)
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
	ON("POST", "/ManagementServer/MDM.svc", DEVICE_READ, management_session),
	ON("POST", "/EnrollmentServer/device", DEVICE, directory_join),

	ON("POST", "/connector/v1/enroll", PUBLIC, connector_enroll),
	ON("POST", "/connector/v1/lease", CONNECTOR, connector_lease),
	ON("POST", "/connector/v1/jobs/{id}/finish", CONNECTOR, connector_finish),

	GRAPH("GET", DM "/windowsAutopilotDeviceIdentities", READ, graph_devices_list),
	GRAPH("GET", DM "/windowsAutopilotDeviceIdentities/{id}", READ, graph_device_get),
	GRAPH("DELETE", DM "/windowsAutopilotDeviceIdentities/{id}", WRITE, graph_device_delete),
	GRAPH("POST", DM "/windowsAutopilotDeviceIdentities/{id}/allowNextEnrollment", WRITE,
		graph_device_unblock),
	GRAPH("POST", DM "/importedWindowsAutopilotDeviceIdentities/import", WRITE, graph_import),
	GRAPH("GET", "/groups", READ, graph_groups_list),
	GRAPH("POST", "/groups", WRITE, graph_groups_create),
	GRAPH("GET", DM "/windowsAutopilotDeploymentProfiles", READ, graph_profiles_list),
	GRAPH("POST", DM "/windowsAutopilotDeploymentProfiles", WRITE, graph_profiles_create),
	GRAPH("PATCH", DM "/windowsAutopilotDeploymentProfiles/{id}", WRITE, graph_profile_patch),
	GRAPH("POST", DM "/windowsAutopilotDeploymentProfiles/{id}/assignments", WRITE,
		graph_profile_assign),
	GRAPH("GET", DM "/deviceEnrollmentConfigurations", READ, graph_esps_list),
	GRAPH("POST", DM "/deviceEnrollmentConfigurations", WRITE, graph_esps_create),
	GRAPH("POST", DM "/deviceEnrollmentConfigurations/{id}/assign", WRITE, graph_esp_assign),
	GRAPH("GET", DM "/deviceConfigurations", READ, graph_configurations_list),
	GRAPH("POST", DM "/deviceConfigurations", WRITE, graph_configurations_create),
	GRAPH("PATCH", DM "/deviceConfigurations/{id}", WRITE, graph_configuration_patch),
	GRAPH("POST", DM "/deviceConfigurations/{id}/assign", WRITE, graph_configuration_assign),
	GRAPH("GET", "/deviceAppManagement/mobileApps", READ, graph_apps_list),
	GRAPH("POST", "/deviceAppManagement/mobileApps", WRITE, graph_apps_create),
	GRAPH("POST", "/deviceAppManagement/mobileApps/{id}/assign", WRITE, graph_app_assign),
	GRAPH("GET", DM "/domainJoinConnectors", READ, graph_connectors_list),

	ON("GET", "/ferry/v1/devices/{serial}", READ, graph_device_explain),
	ON("GET", "/ferry/v1/devices/{serial}/timeline", READ, graph_device_timeline),
	ON("POST", "/ferry/v1/connectors", WRITE, graph_connectors_create),
	ON("PUT", "/ferry/v1/content/{sha256}", WRITE, content_put),
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
	struct endpoint endpoint = {.run = row->run, .auth = row->auth};
	call_run(req, resp, &endpoint);
}
