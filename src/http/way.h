// SPDX-License-Identifier: Apache-2.0
// Whether the way from this host to what a deployment needs is open: names, ports, certificates and
// clocks, tried before the day on which a device depends on them (pains rows 1, 3, 23).
#pragma once

#include "base/clock.h"
#include "codec/json.h"
#include "http/client.h"
#include <stdio.h>

enum way_light {
	WAY_UNTRIED, // something before it failed
	WAY_GREEN,
	WAY_YELLOW, // works without, or is needed later
	WAY_RED,
};

struct way_check {
	const char *group; // "service", "clock", "domain": what a short table shows one row of
	const char *name;  // "service name", "controller dc1.corp.example.com"
	enum way_light light;
	const char *detail; // what was seen
	const char *fault;  // catalogue name, or NULL
};

enum { WAY_MAX_CHECKS = 200 };

// Strings live in the arena. More checks than fit are left out.
struct way_report {
	struct arena *arena;
	const char *group; // of what is added from now on
	struct way_check checks[WAY_MAX_CHECKS];
	size_t count;
};

void way_add(struct way_report *report, enum way_light light, const char *name, const char *fault,
	const char *fmt, ...) PRINTF_LIKE(5, 6);

// Name, connection, certificate and clock of the service that `options` lead to; each failure has
// the fault of http_client_send(), a clock more than 5 minutes off `clock_skew` (behaviour N7).
void way_service(struct way_report *report, const struct http_client_options *options);

// This host's clock beside the service's.
void way_clock(struct way_report *report, time_us ours, time_us theirs);

// The SRV records of an Active Directory domain and the ports of its controllers, at most
// `timeout_ms` for each controller. Faults: ad_domain_unresolvable, dc_unreachable. A domain that
// one does not need yet (`later`; behaviour T14) is yellow where it would be red.
void way_domain(struct way_report *report, const char *domain, bool later, int timeout_ms);

// The first of the worst checks of a group (NULL: of all); NULL when there is none.
const struct way_check *way_worst(const struct way_report *report, const char *group);

// "untried", "green", "yellow", "red".
const char *way_light_name(enum way_light light);

// [{"group","name","light","detail","fault","title","fix"}] as a member of that name.
void way_write(const struct way_report *report, const char *member, struct jsonw *w);

// A table for people, each failure with its fix.
void way_print(const struct way_report *report, bool colour, FILE *out);
