// SPDX-License-Identifier: Apache-2.0
// What administrators make: groups, profiles, pages, items and their assignments. Every change
// re-assigns devices at once.
#pragma once

#include "store/work.h"

struct new_group {
	const char *name, *description;
	const char *rule; // NULL: assigned members
};

struct new_profile {
	const char *name, *description;
	const char *join_type; // "directory" or "hybrid"
	bool preprovisioning;
	const char *trust_store; // "hardware" or "lab"
};

struct new_esp {
	const char *name;
	int64_t priority, timeout_minutes, hybrid_extra_minutes;
};

struct new_domain_join {
	const char *name, *domain, *ou, *name_template;
};

struct new_item {
	const char *kind, *scope, *name, *loc_uri, *format, *data;
	const char *content_sha256, *content_name; // NULL unless an app
	int64_t content_size;
};

// Who an object goes to.
struct new_assignment {
	const char *object_kind; // "profile", "esp", "domain_join", "item"
	const char *object_id;
	const char *target;   // "group", "exclude", "all_devices", "all_users"
	const char *group_id; // NULL unless group or exclude
	const char *intent;   // of an app: "required", "available", "uninstall"; else NULL
};

// Without a document: Graph's objects are made by store/objects.h, which these use too. Each gives
// the new id. ERR_INVALID for a wrong rule, template or name; ERR_CONFLICT for a group name that
// exists.
bool store_group_create(const struct work *w, const struct new_group *in, const char **id,
	struct error *e) MUST_CHECK;
bool store_profile_create(const struct work *w, const struct new_profile *in, const char **id,
	struct error *e) MUST_CHECK;
bool store_esp_create(const struct work *w, const struct new_esp *in, const char **id,
	struct error *e) MUST_CHECK;
bool store_domain_join_create(const struct work *w, const struct new_domain_join *in,
	const char **id, struct error *e) MUST_CHECK;

// Replace all assignments of one object. The devices that this touches are re-assigned in the same
// transaction.
bool store_assign(const struct work *w, const char *object_kind, const char *object_id,
	const struct new_assignment *in, size_t count, struct error *e) MUST_CHECK;

// Rows of a list query, each handed to `row` in a read transaction. `query` is one of the *_LIST
// ids of queries.h.
bool store_list(const struct work *w, int query,
	bool (*row)(struct db_rows *rows, const struct work *w, void *ctx, struct error *e),
	void *ctx, struct error *e) MUST_CHECK;

// The id of the group of that name; ERR_NOT_FOUND.
bool store_group_by_name(
	const struct work *w, const char *name, const char **id, struct error *e) MUST_CHECK;

// File name and size of stored content by its SHA-256. ERR_NOT_FOUND.
bool store_content(const struct work *w, const char *sha256, int64_t *size, const char **name,
	struct error *e) MUST_CHECK;
