// SPDX-License-Identifier: Apache-2.0
// The management tree of the device: which node does what (mdm-wire.md section 9). One file a
// configuration service provider.
#pragma once

#include "agent/agent.h"
#include "wire/syncml/syncml.h"

struct csp_call {
	struct agent *agent;
	struct arena *arena;
	enum syncml_type type; // Add, Replace, Delete, Get, Exec
	const char *loc_uri;   // as sent; what is remembered
	const char *path;      // below the scope, decoded: "Vendor/MSFT/WiFi/Profile/corp/WlanXml"
	bool user;	       // ./User
	const char *format, *data, *correlator;
	const char *result; // set by Get
	struct error why;   // set with every status of 400 and above
};

// Run a command on a node. Gives the OMA-DM status: 200, 202 (goes on after the session), 404, 405,
// 415, 500 …
int csp_run(struct csp_call *call);

// Put an error into the call and give status 500.
int csp_failed(struct csp_call *call, const char *fault);

// The providers; each runs the nodes below its prefix.
typedef int csp_fn(struct csp_call *call);
csp_fn csp_policy, csp_root_certificate, csp_wifi, csp_app, csp_offline_domain_join, csp_dmclient,
	csp_device_status, csp_dev_detail, csp_domain, csp_account, csp_diagnostic_log,
	csp_status_page, csp_enrollment_status, csp_remote, csp_computer_name, csp_assigned_access,
	csp_script, csp_wireguard;

// What makes the kiosk's account sign in by itself.
#define KIOSK_FOLDER "/etc/systemd/system/getty@tty1.service.d"
#define KIOSK_FILE KIOSK_FOLDER "/60-ferry-kiosk.conf"

// Where Wi-Fi profiles are kept, and the first line of those that are ours.
#define WIFI_FOLDER "/etc/NetworkManager/system-connections"
#define WIFI_MARK "# Ferry\n"

// Percent-decode one path; in the arena.
char *csp_decode(struct arena *arena, const char *text);
