// SPDX-License-Identifier: Apache-2.0
// What the device remembers over a power cut: which flow it is in, which step it began, and what it
// has become.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

enum flow {
	FLOW_OOBE,	     // first boot: nothing was done yet
	FLOW_TECHNICIAN,     // Provision was pressed
	FLOW_READY,	     // the green page: waiting for Reseal
	FLOW_RESEALED,	     // powered off by Reseal: the next boot is the user's
	FLOW_USER,	     // User flow
	FLOW_DONE,	     // released
	FLOW_USER_DRIVEN,    // a person signed in on the first pages
	FLOW_SELF_DEPLOYING, // nobody signs in
	FLOW_PREPARATION,    // device preparation
	FLOW_RESET,	     // Autopilot Reset
	FLOW_RETIRED,	     // the organization has ended its management
	FLOW_COUNT
};

enum { JOURNAL_ITEMS = 1000, JOURNAL_PACKAGES = 200 };

struct journal {
	const char *path;
	struct arena *arena; // texts below
	enum flow flow;
	const char *step; // the step that was begun last
	const char *language, *region, *keyboard;
	const char *keyboard2;	   // a second layout, "": none is wanted
	const char *mode;	   // of the deployment, as domain/deployment_mode.h names it
	const char *deployment_id; // of the service
	const char *enrollment_id; // once enrolled; the certificate is beside the journal
	const char *mdm_url;
	bool joined;	       // the offline domain join is on disk
	bool password_changed; // the computer's password is not the blob's any more
	const char *domain, *netbios, *computer_name, *machine_sid;
	const char *dc; // the controller that made or changed this computer's account last
	const char *directory_id; // once registered in the directory
	const char *user;	  // who signed in
	const char *domain_user;  // the same, as the domain controller names the person
	const char *user_token;	  // of the service, for this person on this device
	const char *account_type; // of the person on this device: "standard", "administrator"
	const char *privacy;	  // switches that are on, joined by commas; NULL: not asked
	const char *act;	  // what is being taken away (act.h), or NULL
	bool local_reset;	  // a local administrator may reset it (A5)
	bool kiosk;		  // its account signs in by itself (SD5)
	bool eula_accepted;
	bool account_ready; // Account setup was finished
	int64_t technician_seconds;
	int64_t percent; // of device preparation's ring, so that it goes on where it was
	const char *done[JOURNAL_ITEMS]; // LocURIs that are in place
	size_t done_count;
	const char *packages[JOURNAL_PACKAGES]; // that are there because of us
	size_t package_count;
};

const char *flow_name(enum flow flow);

// Read the journal; a missing file is a new device. A damaged one is an error: it is never guessed
// at.
bool journal_open(
	struct arena *arena, const char *path, struct journal *out, struct error *e) MUST_CHECK;

// Write it durably: before an act (the step) and after it (what came of it).
bool journal_save(const struct journal *journal, struct error *e) MUST_CHECK;

// Note the step and save. The failpoint "agent.<step>" fires after it.
bool journal_step(struct journal *journal, const char *step, struct error *e) MUST_CHECK;

bool journal_is_done(const struct journal *journal, const char *loc_uri);
// Note a package that is to be installed and was not there, and save.
bool journal_add_package(struct journal *journal, const char *name, struct error *e) MUST_CHECK;
// Note an item that is in place, and save.
bool journal_add_done(struct journal *journal, const char *loc_uri, struct error *e) MUST_CHECK;
