// SPDX-License-Identifier: Apache-2.0
// What every verb of the command line is made of: its row in the table, its options and operands,
// and the call in progress.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "codec/json.h"
#include <stdio.h>

enum { CLI_MAX_OPTIONS = 128, CLI_MAX_OPERANDS = 8 };

// What resource.h makes of an option; the others are their verb's own business.
enum option_kind {
	OPTION_OWN,
	OPTION_TEXT,
	OPTION_YES,    // "yes|no"; without a value it means yes; true and false, or `values`
	OPTION_NUMBER, // not negative
	OPTION_CHOICE, // one of the words of `arg`
	OPTION_LIST,   // words with commas between them
	OPTION_FILTER, // of a list: `member` is a condition in which %s is the value
	OPTION_TIME,   // the same with a time (RFC 3339) or a day
};

struct option_spec {
	const char *name; // without "--"
	// What its value is called in the help; NULL: a switch. Lower-case words with | between
	// them are all the values that there are.
	const char *arg;
	const char *help;
	enum option_kind kind;
	const char *member; // of the object, as outOfBoxExperienceSetting/eulaHidden
	const char *values; // what the API calls the words of `arg`, if it calls them otherwise
};

struct given_option {
	const char *name, *value; // value is "" for a switch
};

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV, OUTPUT_JSONL };

struct api;
struct plan;
struct resource;

struct cli {
	struct arena *arena; // of the whole command
	const struct verb *verb;
	const char *noun; // while the verb is not known
	struct given_option given[CLI_MAX_OPTIONS];
	size_t given_count;
	const char *operands[CLI_MAX_OPERANDS];
	size_t operand_count;
	enum output_format format;
	struct api *api;	// opened by the first request
	struct plan *plan;	// of a dry run: requests are noted here and not sent; else NULL
	int timeout_ms;		// of a whole request; 0: the usual, which also waits and asks again
	const char *if_match;	// the next request is about this version of its object; NULL: any
	const char *request_id; // what the service calls the last request
	int exit_code;		// of a verb that did its work: 1 when what it found is bad
};

typedef bool verb_run(struct cli *cli, struct error *e);

// What a verb does to the service; the options that follow from it are its own.
enum effect {
	EFFECT_NONE,
	EFFECT_LISTS,	 // reads page by page: list_options of args.h
	EFFECT_CHANGES,	 // --dry-run
	EFFECT_DESTROYS, // --dry-run, --yes
};

struct verb {
	const char *noun, *name;
	const char *operands; // as the help shows them
	size_t min_operands, max_operands;
	const char *summary;
	const struct option_spec *options; // ends with a row without name; may be NULL
	bool assigns;			   // also takes the options of assignment.h
	verb_run *run;
	enum effect effect;
	const struct resource *resource; // for the verbs of resource.h
	const char *example;		 // a command line without "ferry"
};

// All verbs, by noun. The only list of them: parsing, help and ferry(1)'s check are made from it.
extern const struct verb verbs[];
extern const size_t verb_count;

// The last value of an option, or NULL.
const char *cli_option(const struct cli *cli, const char *name);
bool cli_switch(const struct cli *cli, const char *name);

// The value of an option that must be given. ERR_INVALID names it.
bool cli_need_option(
	const struct cli *cli, const char *name, const char **out, struct error *e) MUST_CHECK;

// {"reason"} of --reason, which must be given and say something.
bool cli_need_reason(const struct cli *cli, const char **body, struct error *e) MUST_CHECK;

// How often an option was given, and its n-th value from 0.
const char *cli_nth_option(const struct cli *cli, const char *name, size_t n);

// An option that this verb has, also those that all have; NULL: none.
const struct option_spec *cli_find_option(const struct verb *verb, const char *name, size_t len);

// True for a list of alternatives, as "yes|no".
bool cli_is_choice(const char *arg);

// The place of `word` in "one|two|three", or -1; and the word at a place, NULL after the last.
int cli_choice_find(const char *choices, const char *word);
const char *cli_choice_at(struct arena *arena, const char *choices, int place);

// Verbs; those of resource.h besides.
verb_run device_import, device_show, device_set, device_assign_user, device_unassign_user;
verb_run device_timeline, device_diagnostics, device_block, device_unblock, device_delete;
verb_run device_wipe, device_fresh_start, device_retire, device_reset, device_rename, device_sync;
verb_run device_restart, device_shut_down, device_lock, device_actions, device_cancel_action;
verb_run device_fail;
verb_run partner_register;
verb_run device_events, orphan_list, orphan_removed;
verb_run action_create, action_list, action_show, action_approve, action_refuse;
verb_run deregistration_create, deregistration_list, deregistration_show;
verb_run deregistration_approve, deregistration_refuse;
verb_run transfer_request, transfer_list, transfer_approve, transfer_refuse;
verb_run partner_offer, partner_list, partner_grant, partner_revoke;
verb_run device_explain, group_test, naming_preview, preflight;
verb_run profile_preview, profile_export;
verb_run group_members, group_owners, group_add_member, group_remove_member;
verb_run group_add_owner, group_remove_owner;
verb_run profile_devices, enrollment_set_priority, preparation_set_group, preparation_clear_group;
verb_run policy_add, policy_set, cert_add, wifi_add, app_add, script_add;
verb_run vpn_add, vpn_peers;
extern const struct option_spec vpn_options[];
verb_run preparation_status, preparation_associate;
verb_run connector_create, corporate_id_add, corporate_id_import;
verb_run policy_add, policy_set, cert_add, wifi_add, app_add;
verb_run connector_create, connector_test, orphan_delete, corporate_id_add, corporate_id_import;
verb_run organization_show, settings_show, settings_sync, audit_verify;
verb_run api_call, completion;
verb_run sync_run, sync_status;
verb_run user_create, user_list, user_password, user_role, user_tap, user_mfa_reset, user_revoke;
verb_run user_set, user_delete;
verb_run client_create, client_list, login;
verb_run federation_create, federation_list;
verb_run catalogue_list, catalogue_show, catalogue_man, catalogue_codes;
verb_run print_version;
