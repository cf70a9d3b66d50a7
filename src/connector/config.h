// SPDX-License-Identifier: Apache-2.0
// What connector.conf(5) says: where the service is, which domain is served, and what the connector
// may be asked for.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "connector/ad_ldap.h"
#include "connector/allow.h"

struct connector_config {
	const char *file;
	const char *url, *ca;	 // of the service: "https://…", path of its pinned root
	const char *state_dir;	 // identity and the job in hand
	const char *trust_store; // path of the folder of the TPM trust store
	const char *trust_name;	 // "hardware", "lab"
	struct ad_config ad;
	struct allow_list allow;
};

// Read and check the file. A keytab without '/' is a credential of the unit (systemd.exec(5),
// LoadCredential=). ERR_INVALID names file, line and setting; ERR_IO.
bool config_load(struct arena *arena, const char *file, struct connector_config *out,
	struct error *e) MUST_CHECK;

// The same from text, with `name` for its errors.
bool config_parse(struct arena *arena, const char *name, const char *text,
	struct connector_config *out, struct error *e) MUST_CHECK;
