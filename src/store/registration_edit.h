// SPDX-License-Identifier: Apache-2.0
// What administrators may change about a device after its registration, and how its management
// ends.
#pragma once

#include "store/work.h"

// NULL: stays as it is.
struct registration_edit {
	const char *group_tag, *assigned_upn, *user_name, *friendly_name;
};

// The device is decided again: its tag is what rules ask for (behaviour G2). ERR_NOT_FOUND.
bool store_registration_edit(const struct work *w, const char *device_id,
	const struct registration_edit *in, struct error *e) MUST_CHECK;

struct directory_edit {
	const char *display_name, *ownership, *category, *os_type, *os_version, *extensions;
	int account_enabled; // -1: stays
};

// By the id of the directory's facet. ERR_NOT_FOUND.
bool store_directory_edit(const struct work *w, const char *directory_id,
	const struct directory_edit *in, struct error *e) MUST_CHECK;

// A directory device before any registration, as Graph's POST /devices makes it. It lets nobody
// join: joining is by a registration's proof. ERR_CONFLICT when the id is taken.
bool store_directory_prestage(const struct work *w, const char *directory_id,
	const struct directory_edit *in, struct error *e) MUST_CHECK;

// Take it away again; ERR_NOT_FOUND, also for the facet of a registration.
bool store_directory_unstage(
	const struct work *w, const char *directory_id, struct error *e) MUST_CHECK;

// What a room's device is signed in with. NULL: none any more. ERR_NOT_FOUND.
struct resource_account {
	const char *resource_name, *upn, *friendly_name;
};
bool store_resource_account(const struct work *w, const char *device_id,
	const struct resource_account *in, struct error *e) MUST_CHECK;

// What administrators write about a device under management. ERR_NOT_FOUND.
bool store_enrollment_note(const struct work *w, const char *enrollment_id, const char *notes,
	struct error *e) MUST_CHECK;

bool store_connector_rename(
	const struct work *w, const char *id, const char *name, struct error *e) MUST_CHECK;
bool store_connector_delete(const struct work *w, const char *id, struct error *e) MUST_CHECK;
