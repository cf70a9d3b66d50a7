// SPDX-License-Identifier: Apache-2.0
// Documents that administrators make through the Graph API, to whom they are assigned, and the
// tables that devices read, which are written from them in the same transaction.
//
// Each function is a transaction of its own; inside store_together() all of them are one.
#pragma once

#include "codec/json_make.h"
#include "store/profiles.h"

struct object {
	const char *id, *collection, *type, *name;
	const struct json *document; // normal form (wire/odata/body.h), without id and times
	int64_t priority, version;
	time_us created_at, modified_at;
};

enum { OBJECTS_MAX = 5000 }; // of a collection, for a tenant

// All of a collection, oldest first. ERR_LIMIT.
bool store_objects(const struct work *w, const char *collection, struct object **out, size_t *count,
	struct error *e) MUST_CHECK;

// ERR_NOT_FOUND.
bool store_object(const struct work *w, const char *collection, const char *id, struct object *out,
	struct error *e) MUST_CHECK;

// Make one (version 1); ERR_CONFLICT when the id is taken.
bool store_object_insert(const struct work *w, const struct object *in, struct error *e) MUST_CHECK;

// Replace name, document and priority. ERR_CONFLICT with fault graph_changed_meanwhile when the
// version is not in->version any more.
bool store_object_update(const struct work *w, const struct object *in, struct error *e) MUST_CHECK;

// With its assignments and its projection; devices that had it are decided again first.
// `kind` as in struct new_assignment, or NULL. ERR_NOT_FOUND.
bool store_object_delete(const struct work *w, const char *collection, const char *id,
	const char *kind, struct error *e) MUST_CHECK;

// Write the row that devices read; the id is the object's.
bool store_put_profile(const struct work *w, const char *id, const struct new_profile *in,
	struct error *e) MUST_CHECK;
bool store_put_esp(
	const struct work *w, const char *id, const struct new_esp *in, struct error *e) MUST_CHECK;
bool store_put_domain_join(const struct work *w, const char *id, const struct new_domain_join *in,
	struct error *e) MUST_CHECK;
bool store_put_item(const struct work *w, const char *id, const struct new_item *in,
	struct error *e) MUST_CHECK;

struct assignment {
	const char *id, *object_kind, *object_id, *target, *group_id, *intent;
	time_us created_at;
};

bool store_assignments(const struct work *w, const char *object_id, struct assignment **out,
	size_t *count, struct error *e) MUST_CHECK;
bool store_assignment_add(
	const struct work *w, const struct new_assignment *in, struct error *e) MUST_CHECK;
bool store_assignment_remove(const struct work *w, const char *id, struct error *e) MUST_CHECK;

// Decide all cohorts again: after what they are given changed. `group_id`: the group whose rule is
// new, or NULL.
bool store_decide(const struct work *w, const char *group_id, struct error *e) MUST_CHECK;
