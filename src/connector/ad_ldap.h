// SPDX-License-Identifier: Apache-2.0
// A signed and sealed LDAP session with a domain controller, and the facts about its domain.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/srv.h"
#include "base/uuid.h"
#include <stdint.h>

struct ad_session;

struct ad_config {
	const char *domain;    // DNS name; the Kerberos realm is its upper case
	const char *principal; // "svc-odj", or with "@REALM"
	const char *keytab;    // path of its keytab
	const char *krb5_conf; // path, or NULL for the system's
	const char *dc;	       // host name; NULL: found by DNS
};

struct ad_domain {
	const char *dns_name, *netbios, *forest; // "corp.example.com", "CORP", forest's DNS name
	const char *base_dn;			 // "DC=corp,DC=example,DC=com"
	const char *computers_dn;		 // container of computers without an OU (J3)
	char guid[UUID_TEXT];
	const char *sid;
	const char *dc_name, *site; // the controller we talk to, and its site
	char dc_address[SRV_ADDRESS];
	int64_t clock_skew_s; // its clock minus ours
};

enum {
	AD_TIMEOUT_S = 5,	 // of a connection and of every operation
	AD_MAX_CLOCK_SKEW = 300, // seconds; Kerberos' and AD's default
};

// Find a domain controller, check the clock, authenticate (SASL GSSAPI with sign and seal) and read
// the domain's facts. The session and what it points at live in the arena; ad_close ends it.
// Faults: ad_domain_unresolvable, dc_unreachable, dc_timeout, clock_skew, connector_credentials,
// ad_error.
bool ad_connect(struct arena *arena, const struct ad_config *config, struct ad_session **out,
	struct error *e) MUST_CHECK;

// NULL is allowed.
void ad_close(struct ad_session *session);
CLEANUP_FN(struct ad_session *, ad_close, ad_close_p)

const struct ad_domain *ad_domain(const struct ad_session *session);

// Rights test before any device depends on it: does the OU (NULL: the default container) exist, and
// may the connector create computers in it? Faults: ou_missing, ou_denied, and those of the
// connection.
bool ad_check_ou(struct arena *arena, struct ad_session *session, const char *ou,
	struct error *e) MUST_CHECK;
