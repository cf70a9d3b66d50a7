// SPDX-License-Identifier: Apache-2.0
// Where a service of a domain runs: DNS SRV records in their order, and whether a host answers on
// TCP within a deadline.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

struct srv_target {
	const char *host; // without final dot
	uint16_t port, priority, weight;
};

struct srv_list {
	struct srv_target *targets;
	size_t count;
};

enum {
	SRV_MAX_TARGETS = 32,
	SRV_ADDRESS = 46, // text of an IPv6 address and NUL
};

// Look up the SRV records of `name` ("_ldap._tcp.dc._msdcs.corp.example.com") with the resolvers of
// resolv.conf, at most about 3 s each; ordered by priority and weighted chance (RFC 2782).
// ERR_NOT_FOUND: there is no such name or record; ERR_TIMEOUT: no resolver answered;
// ERR_UNAVAILABLE: a resolver answered with a failure.
bool srv_lookup(
	struct arena *arena, const char *name, struct srv_list *out, struct error *e) MUST_CHECK;

// Connect to host:port and close again, trying each address; at most `timeout_ms` for all of them
// (plus the resolver's own time). `address` gets the one that answered (may be NULL).
// ERR_NOT_FOUND: the name has no address; ERR_TIMEOUT: silence; ERR_UNAVAILABLE: refused or no
// route.
bool tcp_probe(const char *host, uint16_t port, int timeout_ms, char address[SRV_ADDRESS],
	struct error *e) MUST_CHECK;
