// SPDX-License-Identifier: Apache-2.0
// The file that remembers a sign-in: which service, which application, and the refresh token, which
// changes with every use.
#pragma once

#include "cli/settings.h"

// Write it (mode 0600) with this refresh token in the place of the one before.
bool profile_file_write(struct arena *arena, const struct settings *s, const char *refresh_token,
	struct error *e) MUST_CHECK;

// Hold it while a token is exchanged, so that two commands at the same time do not both use one:
// the service would take that for theft. The descriptor is closed to let go.
bool profile_file_lock(const struct settings *s, int *fd, struct error *e) MUST_CHECK;

// The refresh token that is in it now.
bool profile_file_token(struct arena *arena, const struct settings *s, const char **out,
	struct error *e) MUST_CHECK;
