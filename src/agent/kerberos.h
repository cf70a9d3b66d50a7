// SPDX-License-Identifier: Apache-2.0
// The device's dealings with a Kerberos KDC: is a controller there, is this machine a member, is
// this user who they say.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/srv.h"
#include <stdint.h>

// Passed in by the caller; nothing here reads or changes the process's environment, except that a
// NULL config means the system's.
struct krb_machine {
	const char *config;  // path of krb5.conf with kdc_timesync = 0, or NULL
	const char *domain;  // "corp.example.com"; the realm is its upper case
	const char *netbios; // "CORP"; may be NULL
	const char *name;    // "PC-0001"
	const char *keytab;  // path
	const char *only;    // path of what krb_ask_only() wrote, or NULL: any controller of DNS
};

// Write a configuration with which this controller is asked and no other: one that has not heard of
// a change of the account yet (replication) would say that the key is wrong. ERR_INVALID, ERR_IO.
bool krb_ask_only(
	const char *path, const char *domain, const char *host, struct error *e) MUST_CHECK;

struct dc_target {
	const char *host; // "dc1.corp.example.com"
	char address[SRV_ADDRESS];
};

// Find a domain controller by DNS and connect to its ports 88 and 389 within about `timeout_ms`
// (plus the resolver's 3 s). Faults: ad_domain_unresolvable, dc_unreachable.
bool dc_reachable(struct arena *arena, const char *domain, int timeout_ms, struct dc_target *out,
	struct error *e) MUST_CHECK;

// The proof of "domain joined": a ticket with the machine's keytab, and a service ticket for this
// host that the keytab can open. If the account's key version differs from the keytab's while the
// key is right (an adopted account), the keytab is rewritten with it. *kvno (may be NULL) gets the
// version.
// Faults: machine_trust_broken, dc_unreachable, ad_domain_unresolvable, clock_skew, ad_error.
bool machine_prove(const struct krb_machine *machine, uint32_t *kvno, struct error *e) MUST_CHECK;

struct signed_in_user {
	const char *principal; // as the KDC calls the user: "alice@CORP.EXAMPLE.COM"
	int64_t expires;       // of the ticket, seconds since 1970
	bool armoured;	       // the exchange was protected by the machine's ticket (FAST)
};

// Check a user's password with the KDC, and with the machine's keytab that the KDC is genuine: an
// attacker who answers in its place could otherwise accept any password. `user` is "alice",
// "CORP\alice" or "alice@corp.example.com".
// Faults: all of krb_fault.h.
bool user_sign_in(struct arena *arena, const struct krb_machine *machine, const char *user,
	const char *password, struct signed_in_user *out, struct error *e) MUST_CHECK;
