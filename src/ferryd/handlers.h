// SPDX-License-Identifier: Apache-2.0
// Every handler of the route table, by resource; each file beside this one is one resource.
#pragma once

#include "ferryd/service.h"

// health.c
call_handler health_get, ready_get;

// oauth.c, oauth_*.c: sign-in for programs
call_handler oauth_discovery, oauth_keys, oauth_token, oauth_preflight, oauth_device_code;
call_handler oauth_authorize, oauth_authorize_post, oidc_userinfo, oauth_subscriptions;

// page.c, sign_in_pages.c, account_pages.c, oauth_device.c: sign-in for people
call_handler page_style, sign_in_get, sign_in_post, sign_in_choose, sign_in_continue, mfa_get,
	mfa_post, password_get, password_post, setup_get, setup_post, account_get, account_post,
	logout_get, logout_post, device_page_get, device_page_post;

// users.c, clients.c: administration of both
call_handler users_list, users_create, users_update, users_delete, users_get, users_password,
	users_roles, users_mfa_reset, users_revoke, users_pass, sign_ins_list;
call_handler federated_begin, federated_answer, federations_list, federations_create,
	federations_delete; // federated.c
call_handler clients_list, clients_create, clients_get, clients_update, clients_delete;

// device_profile.c: what a device may know before it proved anything, and where a deployment begins
call_handler device_profile_claim, device_profile_known, device_deployment_begin;

// device_sign_in.c: a person signs in on a device
call_handler device_sign_in;
// device_preflight.c
call_handler device_preflight;

// device_events.c: the timeline's device side, and the long poll
call_handler device_events_claim, device_events_add, device_wait, device_phase, device_retry;

// device_actions.c: remote actions, where Graph has no word for it
call_handler device_actions_list, device_action_cancel, device_reset, device_fail;

// device_attestation.c
call_handler device_attestation_begin, device_attestation_prove;

// device_finish.c: the checked postcondition
call_handler device_finish;

// device_login.c: people sign in to a device that is theirs
call_handler device_login;

// device_logs.c: diagnostics
call_handler device_log_put, device_log_add, device_log_download;

// device_release.c: when people may sign in to a device
call_handler device_release, device_release_keys;

// directory_join.c: MS-DVRJ
call_handler directory_join;

// enrollment_*.c: MS-MDE2
call_handler enrollment_probe, enrollment_discover, enrollment_policies, enrollment_token;

// management.c: OMA-DM
call_handler management_session;

// preparation.c: device preparation
call_handler device_preparation_get, device_preparation_continue;

// content.c
call_handler content_get, content_put;

// connector_jobs.c
call_handler connector_enroll, connector_keys, connector_lease, connector_finish;
call_handler connector_accounts, connector_tested; // connector_accounts.c

// graph_devices.c: what explains a device; the Graph resources are in graph/
call_handler graph_device_explain, graph_device_timeline;
// preflight.c: what would stop devices, and why each gets what it gets
call_handler preflight_run, device_explanation, group_evaluate, naming_preview;
// connector_checks.c: sign-in of people whom a connector has to check
call_handler checks_lease, checks_finish;

// directory_sync.c: Active Directory's users and groups
call_handler directory_begin, directory_batch, directory_failed, sync_status, sync_request;

// winauth.c: single sign-on with a Kerberos ticket
call_handler winauth_sign_in;
// graph_devices.c: what explains a device, and imports; the other Graph resources are in graph/
call_handler graph_device_explain, graph_device_timeline, graph_import;
call_handler winauth_sso;
call_handler winauth_sso;
// graph_devices.c: what explains a device, and imports; the other Graph resources are in graph/
call_handler graph_device_explain, graph_device_timeline, graph_import;
// graph_devices.c: what explains a device; Graph's resources are in graph/
call_handler graph_device_explain, graph_device_timeline;

// imports.c: files of any size, in parts
call_handler import_begin, import_part_put, import_list, import_get, import_lines, import_finish;

// registrations.c: how registrations end and change hands
call_handler deregistration_create, deregistration_list, deregistration_get, deregistration_approve,
	deregistration_refuse, orphan_accounts, orphan_account_done, registration_events,
	registration_block, transfer_request, transfer_list, transfer_approve, transfer_refuse;

// corporate_file.c: corporate identifiers from a file
call_handler corporate_file_put;

// partners.c: who may register for an organization, and what they register
call_handler partner_consent_offer, partner_register, consent_grant, consent_list, consent_revoke;

// vpn.c
call_handler vpn_peers;

// connectors.c
call_handler graph_connectors_create, connector_show, connector_check;
call_handler account_disable, account_enable, account_delete, account_order_get;
