// SPDX-License-Identifier: Apache-2.0
// Every handler of the route table, by resource; each file beside this one is one resource.
#pragma once

#include "ferryd/service.h"

// health.c
call_handler health_get, ready_get;

// oauth.c: sign-in as far as the main job needs it (client credentials)
call_handler oauth_token, oauth_discovery, oauth_keys;

// device_profile.c: what a device may know before it proved anything, and where a deployment begins
call_handler device_profile_claim, device_profile_known, device_deployment_begin;

// device_events.c: the timeline's device side, and the long poll
call_handler device_events_claim, device_events_add, device_wait, device_phase, device_retry;

// device_attestation.c
call_handler device_attestation_begin, device_attestation_prove;

// device_finish.c: the checked postcondition
call_handler device_finish;

// directory_join.c: MS-DVRJ
call_handler directory_join;

// enrollment_*.c: MS-MDE2
call_handler enrollment_probe, enrollment_discover, enrollment_policies, enrollment_token;

// management.c: OMA-DM
call_handler management_session;

// content.c
call_handler content_get, content_put;

// connector_jobs.c
call_handler connector_enroll, connector_lease, connector_finish;

// connector_checks.c: sign-in of people whom a connector has to check
call_handler checks_lease, checks_finish;

// directory_sync.c: Active Directory's users and groups
call_handler directory_begin, directory_batch, directory_failed, sync_status, sync_request;

// winauth.c: single sign-on with a Kerberos ticket
call_handler winauth_sso;
// graph_devices.c: what explains a device, and imports; the other Graph resources are in graph/
call_handler graph_device_explain, graph_device_timeline, graph_import;

// imports.c: files of any size, in parts
call_handler import_begin, import_part_put, import_list, import_get, import_lines, import_finish;

// connectors.c
call_handler graph_connectors_create;
