// SPDX-License-Identifier: Apache-2.0
// What connector.conf(5) says: where the service is, which domain is served, and what the connector
// may be asked for.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "connector/ad_ldap.h"
#include "connector/allow.h"

enum { SYNC_MAX_BASES = 16 };

// What is read from the directory, and how often.
struct sync_config {
	const char *bases[SYNC_MAX_BASES]; // DNs; users and groups below them
	size_t base_count;		   // 0: nothing is synchronized
	unsigned interval_s;		   // between the beginnings of two runs
	unsigned full_s;		   // after which everything is compared again
};

// How people sign in with their password or ticket of the domain.
struct sign_in_config {
	bool passwords;		 // [sign_in] passwords: may the service ask for checks?
	unsigned max_wrong;	 // of one account in ten minutes
	unsigned max_per_minute; // of all accounts together
	const char *sso_keytab;	 // with the key of HTTP/service-host; NULL: no tickets
};

struct connector_config {
	const char *file;
	const char *url, *ca;	 // of the service: "https://…", path of its pinned root
	const char *state_dir;	 // identity and the job in hand
	const char *trust_store; // path of the folder of the TPM trust store
	const char *trust_name;	 // "hardware", "lab"
	struct ad_config ad;
	struct allow_list allow;
	unsigned sweep_s; // [accounts] interval: how often accounts with our mark are told
	struct sync_config sync;
	struct sign_in_config sign_in;
};

// Read and check the file. A keytab without '/' is a credential of the unit (systemd.exec(5),
// LoadCredential=). ERR_INVALID names file, line and setting; ERR_IO.
bool config_load(struct arena *arena, const char *file, struct connector_config *out,
	struct error *e) MUST_CHECK;

// The same from text, with `name` for its errors.
bool config_parse(struct arena *arena, const char *name, const char *text,
	struct connector_config *out, struct error *e) MUST_CHECK;
