// SPDX-License-Identifier: Apache-2.0
// What the parts of the device's program share: configuration, journal, TPM, connection, screen.
#pragma once

#include "agent/esp_page.h"
#include "agent/esp_view.h"
#include "agent/journal.h"
#include "agent/preparation_ring.h"
#include "http/client.h"
#include "tpm/device.h"
#include "wire/offline/offline.h"

struct face;
struct way_report;

struct agent_config {
	const char *url;	     // of the service, from the image
	const char *ca;		     // PEM file of the pinned root, from the image (threats row 18)
	const char *state_dir;	     // /var/lib/ferry-agent
	const char *socket;	     // /run/ferry/oobe.sock
	const char *tcti;	     // NULL: the system's TPM
	const char *sysfs;	     // "/sys"
	const char *keytab;	     // /etc/krb5.keytab
	const char *krb5_conf;	     // /etc/krb5.conf
	const char *sssd_conf;	     // /etc/sssd/sssd.conf
	const char *power_off;	     // command that powers the machine off
	const char *offline_profile; // AutopilotConfigurationFile.json, or none
	const char *reboot;	     // command that starts it again
	const char *gate_dir;	     // of the release, for ferry-gate (gate.h)
	const char *gate_self;	     // who this device is since it was switched on
	const char *released;	     // command that runs once people may sign in; "" for none
	const char *lock;	     // command that locks the sessions of people
	const char *homes;	     // folder of people's homes, emptied by a wipe; "": none
	const char *language, *keyboard; // preset by the image; NULL: ask
	const char *vpn_dir;		 // /etc/wireguard
	const char *vpn_up, *vpn_down;	 // commands; %s is the tunnel's name
	unsigned vpn_wait;		 // seconds that a gateway may take to answer
	unsigned domain_wait;		 // seconds that a new member waits for a controller (O10)
};

// What the service said about this device; public text.
struct profile {
	const char *ztd_id, *organization, *name, *join_type, *domain, *user, *companion_url;
	const char *mode;	     // that the device goes by itself; NULL: no profile
	const char *device_name;     // that it is to have, NULL: not decided
	const char *group_tag;	     // "" or NULL: none
	const char *color, *support; // of the branding, or NULL
	const char *locale;	     // P13: "os-default", a language tag, or "": the person selects
	bool eula_hidden, privacy_hidden, change_account_hidden, standard_user, keyboard_skipped;
	bool automatic;		    // device preparation without a person (Z3)
	bool skip_domain_check;	    // P7
	const char *fault, *reason; // why pre-provisioning would not begin, or NULL
	int64_t timeout_minutes;    // of the Enrollment Status Page
};

enum { MAX_APPS = 100 };

// A package or a script that the service asked for, and what came of it.
struct app {
	const char *loc_uri, *path, *sha256, *name; // path on the service
	int64_t seconds;			    // of a script: its time limit; 0: a package
	const char *result; // of a script that ended: what the service is told
	int status; // 10 initialised, 70 installed, 60 failed (EnterpriseDesktopAppManagement)
	bool reported;
};

// Device preparation as its page shows it.
struct preparation_view {
	bool active, allow_skip, diagnostics, administrator, finished;
	struct ring ring;
	enum ring_step reached;
	const char *step, *item;    // docs/wire-device.md; item: NULL or the app's or script's name
	size_t total, before, done; // items: all, in place before this try, done in it
	const char *message;	    // that the policy shows with a failure, or NULL
	int64_t timeout_minutes;
};

struct agent {
	struct agent_config config;
	struct arena *arena; // of the program: lives to the end
	struct arena *step;  // of the flow's current step
	struct journal journal;
	struct tpm_device *tpm;
	struct face *face;
	struct http_client *open_client;    // TLS without client certificate
	struct http_client *managed_client; // mutual TLS with the TPM-resident key, once enrolled
	struct evp_pkey_st *tls_key;
	struct esp_view esp;
	struct preparation_view preparation;
	struct esp_page esp_page;
	struct profile profile;
	const char *hardware_hash; // base64
	const char *serial, *model, *manufacturer;
	struct offline_profile offline; // of the file, where it counts
	bool has_offline;
	int64_t flow_started_ms;
	int64_t seq;		     // newest event of the service that was seen
	bool device_done, user_done; // the service has finished provisioning that scope
	bool key_proven;	     // a domain controller accepted the machine's key
	const char *bundle_path;     // where diagnostics were kept after a failure, or NULL
	const char *log_wanted;	     // diagnostics that the service asked for, or NULL
	const char *signed_in;	     // principal of the user, or NULL
	const char *sign_in_session; // a second factor is still missing
	bool from_domain;	     // the person's account is Active Directory's
	char password[512]; // of such a person, so that it is typed once (O5); never stored
	struct app apps[MAX_APPS];
	size_t app_count;
	struct error
		failure; // what a node of the tree refused, with its row; code ERR_NONE: nothing
	enum esp_row failed_row;
	bool powering_off;		    // the command was given: no more legs of the way
	const struct way_report *preflight; // of the configuration page; NULL: not tried yet
	bool act_told;	      // the service has heard that the journal's act was accepted
	unsigned reset_tries; // wrong passwords for a reset at the device since it was switched on
	bool restart_wanted, shutdown_wanted; // by an administrator, once the session is over
	bool bootstrapped;		      // the first management session was held
};

// Read the configuration file. ERR_INVALID with file and line.
bool agent_config_read(struct arena *arena, const char *file, struct agent_config *out,
	struct error *e) MUST_CHECK;

// Keep what the Enrollment Status Page has become; a failure is logged.
void agent_save_page(const struct agent *agent);

// Path of a file in the state folder.
char *agent_path(const struct agent *agent, struct arena *arena, const char *name);
