// SPDX-License-Identifier: Apache-2.0
// What every verb of the command line is made of: its row in the table, its options and operands,
// and the call in progress.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "codec/json.h"
#include <stdio.h>

enum { CLI_MAX_OPTIONS = 128, CLI_MAX_OPERANDS = 8 };

struct option_spec {
	const char *name; // without "--"
	const char *arg;  // what its value is called in the help; NULL: a switch
	const char *help;
};

struct given_option {
	const char *name, *value; // value is "" for a switch
};

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV };

struct api;

struct cli {
	struct arena *arena; // of the whole command
	const struct verb *verb;
	struct given_option given[CLI_MAX_OPTIONS];
	size_t given_count;
	const char *operands[CLI_MAX_OPERANDS];
	size_t operand_count;
	enum output_format format;
	struct api *api; // opened by the first request
	int exit_code;	 // of a verb that did its work: 1 when what it found is bad
};

typedef bool verb_run(struct cli *cli, struct error *e);

struct verb {
	const char *noun, *name;
	const char *operands; // as the help shows them
	size_t min_operands, max_operands;
	const char *summary;
	const struct option_spec *options; // ends with a row without name; may be NULL
	bool assigns;			   // also takes the options of assignment.h
	verb_run *run;
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

// "yes" or "no". ERR_INVALID.
bool cli_read_yes(const char *option, const char *text, bool *out, struct error *e) MUST_CHECK;

// Verbs, one a file of that name.
verb_run device_import, device_list, device_show, device_timeline, device_unblock, device_delete;
verb_run device_explain;
verb_run identifier_import, identifier_list, identifier_delete;
verb_run group_create, group_list, group_test;
verb_run naming_preview, preflight;
verb_run profile_create, profile_list, profile_set;
verb_run esp_create, esp_list;
verb_run domainjoin_create, domainjoin_list, domainjoin_set;
verb_run policy_add, policy_list, cert_add, wifi_add, app_add, app_list;
verb_run connector_create, connector_list, sync_run, sync_status;
verb_run user_create, user_list, user_password, user_role, user_tap, user_mfa_reset, user_revoke;
verb_run user_set, user_delete;
verb_run client_create, client_list, client_delete, login;
verb_run federation_create, federation_list, federation_delete;
verb_run connector_create, connector_list, sync_run, sync_status;
verb_run catalogue_list, catalogue_show, catalogue_man;
verb_run print_version;
