// SPDX-License-Identifier: Apache-2.0
// Groups: their rules, the members that people put in, groups inside groups, owners. Every change
// decides the devices that it touches in the same transaction.
#pragma once

#include "store/work.h"

struct group {
	const char *id, *name, *description, *mail_nickname;
	const char *rule;	// NULL: members are assigned
	const char *subject;	// "device" or "user" when there is a rule
	const char *processing; // "On", "Paused"
	const char *source;	// "ferry", "domain"
	int64_t version;
};

// ERR_NOT_FOUND.
bool store_group(
	const struct work *w, const char *id, struct group *out, struct error *e) MUST_CHECK;

// Make one; ERR_CONFLICT for a name that exists, ERR_INVALID (with the place) for a wrong rule.
bool store_group_insert(const struct work *w, const struct group *in, struct error *e) MUST_CHECK;

// Change it. ERR_CONFLICT with fault graph_changed_meanwhile when the version is not in->version.
bool store_group_update(const struct work *w, const struct group *in, struct error *e) MUST_CHECK;

// With what was assigned to it.
bool store_group_delete(const struct work *w, const char *id, struct error *e) MUST_CHECK;

// A directory object as a member: a device by its directory id, a user, a group. ERR_INVALID for a
// dynamic group (behaviour G9), a member that is there already, a group that would be inside
// itself; ERR_NOT_FOUND.
bool store_group_member_add(const struct work *w, const char *group_id, const char *member_id,
	struct error *e) MUST_CHECK;
bool store_group_member_remove(const struct work *w, const char *group_id, const char *member_id,
	struct error *e) MUST_CHECK;

// The group's devices are exactly these (ids of registrations, each once); users and groups in it
// stay. *changed: whether that moved any.
bool store_group_devices(const struct work *w, const char *group_id, const char *const *device_ids,
	size_t count, bool *changed, struct error *e) MUST_CHECK;

// The devices that were put into it, as ids of registrations in order.
bool store_group_device_list(const struct work *w, const char *group_id, const char ***out,
	size_t *count, struct error *e) MUST_CHECK;

// A user or an API client as an owner.
bool store_group_owner_add(const struct work *w, const char *group_id, const char *owner_id,
	struct error *e) MUST_CHECK;
bool store_group_owner_remove(const struct work *w, const char *group_id, const char *owner_id,
	struct error *e) MUST_CHECK;
