// SPDX-License-Identifier: Apache-2.0
// Which service is meant and who asks: options, then environment, then profile file.
#pragma once

#include "cli/cli.h"

struct settings {
	const char *url, *tenant, *client_id;
	const char *client_secret; // NULL: a person signed in, the profile holds a refresh token
	const char *profile;	   // path of the profile file, also when it does not exist yet
	const char *ca;		   // path of the root certificate; NULL: the system's store
};

// FERRY_URL, FERRY_CA, FERRY_TENANT, FERRY_CLIENT_ID, FERRY_CLIENT_SECRET; --profile or
// FERRY_PROFILE names a JSON file with url, ca, tenant, clientId, clientSecret; without them it is
// ~/.config/ferry/profile.json, where `ferry login` writes, if that exists. ERR_INVALID names what
// is missing; a secret or a sign-in may be missing for `ferry login` only.
bool settings_read(struct arena *arena, const struct cli *cli, struct settings *out,
	struct error *e) MUST_CHECK;
