// SPDX-License-Identifier: Apache-2.0
// How a browser on this computer brings an authorization code to a program (RFC 8252 section 7.3):
// a listener on 127.0.0.1 that answers one request.
#pragma once

#include "cli/cli.h"

struct loopback {
	int fd;
	unsigned port;
};

bool loopback_open(struct loopback *out, struct error *e) MUST_CHECK;

// Wait at most ten minutes for the answer with this state. ERR_PROTOCOL when another issuer
// answers (RFC 9207), ERR_DENIED when the service says no, ERR_TIMEOUT.
bool loopback_wait(struct cli *cli, struct loopback *l, const char *state, const char *issuer,
	const char **code, struct error *e) MUST_CHECK;
