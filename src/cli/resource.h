// SPDX-License-Identifier: Apache-2.0
// What most nouns have in common: a collection of the API whose objects are listed, shown, made,
// changed, assigned and deleted alike, as one row of a table says.
#pragma once

#include "cli/output.h"
#include "cli/plan.h"

struct resource {
	const char *what;  // for people: "deployment profile"
	const char *label; // as the help calls it: "PROFILE"
	const char *hint;  // where its names are: "profile list"
	const char *path;
	const char *name;  // the member that people know it by
	const char *types; // the only @odata.type values that are meant, with | between; NULL: all
	const char *type;  // @odata.type of a new one; NULL: none, or `complete` writes it
	const struct column *columns; // of a list
	const char *query;	      // of a list, as "$expand=members"; NULL: none
	const char *assign;	      // the action that replaces its assignments; NULL: it has none
	bool large;		      // names are asked for, not looked for in the whole list
	// Members that need more than one option says. `before` is NULL for a new one.
	bool (*complete)(
		struct cli *cli, const struct json *before, struct jsonw *w, struct error *e);
	// What goes away with it, beside its assignments.
	bool (*losses)(
		struct cli *cli, const struct json *object, struct losses *losses, struct error *e);
};

extern const struct resource resource_imported, resource_group, resource_profile, resource_esp,
	resource_domainjoin, resource_restriction, resource_policy, resource_app,
	resource_connector, resource_preparation, resource_script, resource_preparation_report,
	resource_association, resource_corporate_id, resource_managed, resource_directory_device,
	resource_audit, resource_device, resource_deployment, resource_organization, resource_user,
	resource_client, resource_federation;

// The options that are properties, for making and for changing (fields.c).
extern const struct option_spec profile_fields[], profile_changes[], esp_fields[], esp_changes[],
	domainjoin_fields[], domainjoin_changes[], restriction_fields[], restriction_changes[],
	group_fields[], group_changes[], preparation_fields[], preparation_changes[],
	script_fields[], script_changes[], corporate_id_fields[], corporate_id_import_options[];

// --- verbs, of cli->verb->resource ---

verb_run resource_list, resource_show, resource_create, resource_update, resource_delete;
verb_run resource_assign, resource_unassign, resource_assignments;

// --- their parts ---

// By id, or by name; ASCII letter case does not matter. ERR_NOT_FOUND, and ERR_CONFLICT when
// several have the name.
bool resource_find(struct cli *cli, const struct resource *r, const char *id_or_name,
	const struct json **out, struct error *e) MUST_CHECK;

// The address of an object, and of something below it (NULL: nothing).
const char *resource_address(
	struct cli *cli, const struct resource *r, const struct json *object, const char *below);

// Print a collection page by page as the options of a list say. `conditions` are options of kind
// OPTION_FILTER among the verb's.
bool resource_print(
	struct cli *cli, const struct resource *r, const char *path, struct error *e) MUST_CHECK;

// The members that the given options set, into an object that is open. Members of a complex one
// that `before` has and nobody changes stay as they are.
void resource_put(struct cli *cli, const struct json *before, struct jsonw *w);

// When the service refuses a member, say which option it came from. Always false.
bool resource_blame(const struct cli *cli, struct error *e);

// How many of the given options are properties.
size_t resource_given(const struct cli *cli);
