// SPDX-License-Identifier: Apache-2.0
// One OMA-DM message in two halves: what the device's message says, and what the service wants of
// the device next.
#pragma once

#include "domain/esp_profile.h"
#include "ferryd/service.h"
#include "store/actions.h"
#include "store/deployments.h"
#include "store/items.h"
#include "wire/syncml/syncml.h"

enum { MDM_MAX_STATES = 600, MDM_MAX_REPORTS = 100, MDM_MAX_SENT = 50, MDM_MAX_ACTIONS = 20 };

// What became of a remote action: the status that the device gave its command.
struct mdm_action {
	const char *action_id;
	int status;
	const char *original_error; // the device's own, or NULL
};

// What a device's message says, without anything of its syntax.
struct mdm_inbox {
	bool first;	     // MsgID 1: a new session begins
	bool bootstrap;	     // the first session after enrolment (Alert BootstrapSync)
	bool odj_sync;	     // the device asks for its offline-domain-join blob
	bool user_login;     // somebody is signed in: user-scope items may be sent
	const char *odj_job; // the blob of this job was answered with odj_status
	int odj_status;
	bool device_done_acked, user_done_acked;
	bool unenrolled; // the person at the device has ended its management (Alert 1226)
	struct mdm_action actions[MDM_MAX_ACTIONS];
	size_t action_count;
	struct item_state *states;
	size_t state_count, state_room;
	struct report *reports;
	size_t report_count, report_room;
};

// Read the message; every command gets a Status in `reply`. Pure: nothing is stored.
bool mdm_read(struct arena *arena, const struct syncml_message *message, const struct item *items,
	size_t item_count, struct mdm_inbox *inbox, struct syncml_message *reply,
	struct error *e) MUST_CHECK;

// The hardware hash, as the device exports it.
#define MDM_HASH_NODE "./DevDetail/Ext/DeviceHardwareData"

// CmdID of a remote action's command: this and the action's id.
#define MDM_ACTION "act-"

// Everything the decision depends on.
struct mdm_facts {
	const struct mdm_inbox *inbox;
	const struct item *items; // with the states after the inbox was stored
	size_t item_count;
	const struct job *odj; // newest odj job or NULL
	bool hybrid, deployment_failed, user_phase, hash_wanted;
	bool preparing; // device preparation: `items` are what it sets up, in order (Z10)
	bool finished;	// the page is over: what nobody waited for is installed now (X14)
	int64_t timeout_minutes;
	const struct esp_settings *page;  // what the page says, NULL: none reaches the device
	const char *policy;		  // its hash (domain/release.h), with `bootstrap`
	enum esp_flow flow;		  // which apps are tried before the user comes
	bool later_user;		  // the device had its first user already (X7)
	bool given_up;			  // an administrator declared it failed (X61)
	const char *log_wanted, *log_url; // diagnostics that were asked for, and where to
	const char *nothing_for_user;	  // why nothing is sent for the user, or NULL (X34)
	const char *content_url;	  // "https://…/content/"
	const struct device_action_entry *actions; // that the device has to hear of
	size_t action_count;
	bool deleted; // an administrator has deleted its record (A11)
	bool over;    // the device has just accepted one that ends or renews it
};

// What was decided: items that are now on their way.
struct mdm_sent {
	struct item_state states[MDM_MAX_SENT];
	size_t count;
	const struct device_action_entry *actions[MDM_MAX_ACTIONS];
	size_t action_count;
};

// Decide which commands go out with this answer (mdm-wire.md sections 8 and 9). Pure.
bool mdm_plan(struct arena *arena, const struct mdm_facts *facts, struct syncml_message *reply,
	struct mdm_sent *sent, struct error *e) MUST_CHECK;

#define MDM_ESP_NODE "Vendor/MSFT/DMClient/Provider/Ferry/FirstSyncStatus/"

// mdm_page.c: what is to happen with an item in this phase (behaviour X12 to X14, X17); what is no
// app blocks.
struct esp_app mdm_app_rule(const struct mdm_facts *facts, const struct item *item);
// What the page says and tracks, in the first session (mdm-wire.md section 9.1).
void mdm_hold_page(
	struct arena *arena, const struct mdm_facts *facts, struct syncml_message *reply);
// What the page counts in one scope.
void mdm_expect_lists(struct arena *arena, const struct mdm_facts *facts, const char *scope,
	struct syncml_message *reply);

// Append a command on one node; `format` NULL: without data.
void mdm_command(struct arena *arena, struct syncml_message *reply, enum syncml_type type,
	const char *cmd_id, const char *loc_uri, const char *format, const char *data);
struct syncml_item *mdm_item(
	struct arena *arena, const char *loc_uri, const char *format, const char *data);

// Append a command to a message.
struct syncml_command *mdm_append(struct arena *arena, struct syncml_message *message,
	enum syncml_type type, const char *cmd_id);
