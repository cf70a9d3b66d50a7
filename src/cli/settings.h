// SPDX-License-Identifier: Apache-2.0
// Which service is meant and who asks: options, then environment, then profile file.
#pragma once

#include "cli/cli.h"

struct settings {
	const char *url, *tenant, *client_id, *client_secret;
	const char *ca; // path of the root certificate; NULL: the system's store
};

// FERRY_URL, FERRY_CA, FERRY_TENANT, FERRY_CLIENT_ID, FERRY_CLIENT_SECRET; --profile or
// FERRY_PROFILE names a JSON file with url, ca, tenant, clientId, clientSecret. ERR_INVALID names
// what is missing.
bool settings_read(struct arena *arena, const struct cli *cli, struct settings *out,
	struct error *e) MUST_CHECK;
