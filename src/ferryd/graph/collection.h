// SPDX-License-Identifier: Apache-2.0
// What a collection of the Graph API is made of: one row of a table, from which the same handlers
// list, read, make, change, delete and assign.
#pragma once

#include "ferryd/service.h"
#include "store/objects.h"
#include "store/views.h"
#include "wire/graph/types.h"
#include "wire/odata/body.h"

struct graph_collection;

// A document that every tenant has from the beginning; it is stored once somebody changes it.
struct graph_default {
	const char *key; // of its id
	const struct odata_type *type;
	const char *document; // JSON beside the type's initial values
};

// A write in progress, inside its transaction.
struct graph_change {
	const struct graph_collection *collection;
	const struct odata_type *type;
	struct object object;	   // as it will be
	const struct json *before; // the document until now; NULL: it is being made
	const struct json *sent;   // what the client wrote, in normal form
	bool decide;		   // set by `project`: devices must be decided again
	bool quiet;		   // the caller writes the audit log
};

struct graph_collection {
	const char *path; // below the version, without a slash before it
	const struct odata_type *type;
	const struct view *view; // large collection; NULL: documents
	int64_t page;		 // objects a page; 0: 100
	const char *noun;	 // in the audit log: "WindowsAutopilotDeploymentProfile"
	const char *category;	 // there too: "Enrollment"
	bool typed_ids;		 // "<guid>_<Type>" (graph-api.md section 7)
	const struct graph_default *defaults; // ends with a row without key
	bool default_ids_are_keys;	      // the tenant's id is no part of them
	// Further parameters of the view; at most two.
	void (*params)(struct call *c, struct db_param *out, size_t *count);
	// As struct new_assignment; NULL: cannot be assigned.
	const char *(*kind)(const struct odata_type *type);
	// Add members that are worked out when an object is read.
	void (*decorate)(struct call *c, const struct object *object, struct json_maker *m);
	// Add the member of an expanded navigation property other than assignments.
	bool (*expand)(struct call *c, const struct odata_expand *expand, const struct json *object,
		struct json_maker *m, struct error *e);
	// May this be written? The document may be completed in change->object.
	bool (*check)(struct call *c, struct graph_change *change, struct error *e);
	// Write what devices read.
	bool (*project)(struct call *c, struct graph_change *change, struct error *e);
	bool (*may_delete)(struct call *c, const struct object *object, struct error *e);
	// May the object go to these?
	bool (*may_assign)(struct call *c, const struct object *object,
		const struct new_assignment *targets, size_t count, struct error *e);
	// It was assigned, or changed, and devices were decided: what would stop them? After the
	// transaction, so that nobody waits for it; for a strict client, who may be refused, in it.
	bool (*assigned)(struct call *c, const struct object *object, struct error *e);
};

// The tables, by family.
extern const struct graph_collection graph_autopilot_devices, graph_imported_devices,
	graph_import_uploads, graph_corporate_identifiers, graph_profiles,
	graph_enrollment_configurations, graph_device_configurations, graph_mobile_apps,
	graph_domain_join_connectors, graph_ndes_connectors, graph_preparation_policies,
	graph_device_scripts, graph_preparation_deployments, graph_preparation_associations,
	graph_managed_devices, graph_autopilot_events, graph_audit_events, graph_devices,
	graph_groups, graph_users, graph_organizations, graph_mobility_policies,
	graph_registration_policies, graph_brandings, graph_export_jobs;

// --- handlers for every collection ---

call_handler graph_list, graph_count, graph_get, graph_create, graph_patch, graph_delete;
call_handler graph_assignments_list, graph_assignments_add, graph_assignment_get,
	graph_assignment_patch, graph_assignment_delete, graph_assign_all;

// --- what they are made of ---

// The document with this id as clients know it, or the default. ERR_NOT_FOUND.
bool graph_find(struct call *c, const struct graph_collection *collection, const char *id,
	struct object *out, struct error *e) MUST_CHECK;

// The type of a stored document.
const struct odata_type *graph_type_of(
	const struct graph_collection *collection, const struct object *object);

// How clients know a document.
const char *graph_id(
	struct call *c, const struct graph_collection *collection, const struct object *object);

// The document with id, times, version and what `decorate` adds.
struct json_maker graph_object(
	struct call *c, const struct graph_collection *collection, const struct object *object);

// What `assigned` says, if the collection has it and this is its moment.
bool graph_look_at(
	struct call *c, const struct object *object, bool committed, struct error *e) MUST_CHECK;

// Write a document inside store_together(): check, store, project, decide, note in the audit log.
bool graph_store(struct call *c, struct graph_change *change, struct error *e) MUST_CHECK;

// Assignments of a document as a JSON list (graph-api.md section 6).
bool graph_assignments(struct call *c, const struct graph_collection *collection,
	const struct object *object, const struct json **out, struct error *e) MUST_CHECK;

// Replace them.
bool graph_assign_to(struct call *c, const struct graph_collection *collection,
	const struct object *object, const struct json *list, struct error *e) MUST_CHECK;

// One object of a view by its id. ERR_NOT_FOUND.
bool graph_view_object(struct call *c, const struct graph_collection *collection, const char *id,
	const struct json **out, struct error *e) MUST_CHECK;

// List a view that is not a collection of its own, as members of a group. `path` for the context.
bool graph_list_view(struct call *c, const struct view *view, const char *path,
	const char *parameter, struct error *e) MUST_CHECK;
