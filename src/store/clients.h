// SPDX-License-Identifier: Apache-2.0
// Which programs may call or sign people in, with what secret, and where their answers may go.
#pragma once

#include "domain/authorize.h"
#include "store/work.h"

struct redirect {
	enum redirect_kind kind;
	const char *uri;
};

struct client {
	const char *client_id, *tenant_id, *name;
	const char *secret_sha256; // "" for a program without
	const char *roles;	   // JSON array: permissions of its own
	const char *scopes; // what it may ask for in a person's name; "": whatever the person may
	bool is_public, device_code;
	time_us created_at;
	const struct redirect *redirects;
	size_t redirect_count;
	const char *tenant_domain, *tenant_name; // only from store_client_get
};

// Of any tenant. ERR_UNAUTHENTICATED with fault oauth_client_unknown.
bool store_client_get(const struct work *w, const char *client_id, struct client *out,
	struct error *e) MUST_CHECK;
bool store_client_page(const struct work *w, const char *after, int64_t limit, struct client **out,
	size_t *count, struct error *e) MUST_CHECK;

// ERR_CONFLICT when the id exists.
bool store_client_create(const struct work *w, const struct client *in, struct error *e) MUST_CHECK;
// Replaces everything but id, tenant and kind. ERR_NOT_FOUND.
bool store_client_update(const struct work *w, const struct client *in, struct error *e) MUST_CHECK;
// With all it was granted. ERR_NOT_FOUND.
bool store_client_delete(const struct work *w, const char *client_id, struct error *e) MUST_CHECK;

// Is this the origin of a registered page application?
bool store_spa_origin(
	const struct work *w, const char *origin, bool *known, struct error *e) MUST_CHECK;

// A tenant by id or domain. ERR_NOT_FOUND with fault tenant_unknown.
struct tenant {
	const char *tenant_id, *name, *domain;
};
bool store_tenant(const struct work *w, const char *id_or_domain, struct tenant *out,
	struct error *e) MUST_CHECK;
// The only tenant of the service; ERR_NOT_FOUND when there are none or several.
bool store_tenant_single(const struct work *w, struct tenant *out, struct error *e) MUST_CHECK;
