// SPDX-License-Identifier: Apache-2.0
// Which external OpenID Connect issuers may sign a tenant's people in, and what was last learnt of
// each.
#pragma once

#include "store/work.h"

struct federation {
	const char *federation_id;
	const char *name; // for the sign-in page
	const char *issuer, *client_id;
	const char *client_secret; // NULL: a public client; never shown again once stored
	const char *user_claim;	   // whose value is the UPN: "preferred_username", "email" or "upn"
	const char *domains;	   // JSON list of the UPN domains that it may speak for
	bool link_users; // may it sign in as a user who was there before it, by the same UPN?
	const char *role_claim; // whose values give roles at each sign-in; "": roles are given here
	const char *role_map;	// JSON object: value of that claim -> list of role names
	const char *metadata, *jwks; // as fetched; NULL: never
	time_us fetched_at;
};

// ERR_CONFLICT when the tenant has this issuer with this client already.
bool store_federation_create(const struct work *w, const struct federation *in, const char **id,
	struct error *e) MUST_CHECK;

// ERR_NOT_FOUND with fault identity_provider_unknown, also for that of another tenant.
bool store_federation_get(const struct work *w, const char *federation_id, struct federation *out,
	struct error *e) MUST_CHECK;
bool store_federation_delete(
	const struct work *w, const char *federation_id, struct error *e) MUST_CHECK;

// All of the tenant, oldest first.
bool store_federation_list(
	const struct work *w, struct federation **out, size_t *count, struct error *e) MUST_CHECK;

// Keep what was fetched just now.
bool store_federation_learn(const struct work *w, const char *federation_id, const char *metadata,
	const char *jwks, struct error *e) MUST_CHECK;
