// SPDX-License-Identifier: Apache-2.0
// The connector's Kerberos ticket for one domain controller: got from its keytab, kept in memory
// only.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "connector/ad_ldap.h"
#include <krb5.h>

struct ad_ticket {
	krb5_context krb5;
	krb5_ccache ccache; // MEMORY:, destroyed with the ticket
	char *name;	    // of the cache: what GSSAPI is told to use
};

// Get a TGT for `principal` ("svc-odj@CORP.EXAMPLE.COM") with the keytab file, then the service
// ticket ldap/`host` (NULL: none), so that the LDAP library needs no KDC and no file of its own.
// `krb5_conf` is a path or NULL for the system's. Faults: see ad_fault.h.
bool ad_ticket_get(struct arena *arena, const char *krb5_conf, const char *keytab,
	const char *principal, const char *host, struct ad_ticket *out, struct error *e) MUST_CHECK;

// The connector's account with its realm: "svc-odj@CORP.EXAMPLE.COM".
const char *ad_principal(struct arena *arena, const struct ad_config *config);

// Only the TGT of the connector's account, with what the controller says about armour noted in the
// cache.
bool ad_ticket_armour(struct arena *arena, const struct ad_config *config, struct ad_ticket *out,
	struct error *e) MUST_CHECK;

void ad_ticket_release(struct ad_ticket *ticket);

// Make GSSAPI use this ticket (NULL: its default again) in the calling thread. The LDAP library
// offers no other way: its option for credentials needs a handshake that has begun.
bool ad_ticket_use(const struct ad_ticket *ticket, struct error *e) MUST_CHECK;
