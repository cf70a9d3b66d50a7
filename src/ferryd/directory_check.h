// SPDX-License-Identifier: Apache-2.0
// How a person of an Active Directory domain is recognized: a connector of the domain asks the
// domain controller, and neither password nor ticket stays here.
#pragma once

#include "ferryd/service.h"

struct directory_account {
	const char *domain;	  // DNS name of the Active Directory domain
	const char *account_name; // sAMAccountName
	bool known_browser; // the owner signed in with it before: strangers' tries run out first
};

enum directory_verdict {
	DIRECTORY_ACCEPTED,
	DIRECTORY_DENIED,   // wrong password, or no account that is synchronized
	DIRECTORY_EXPIRED,  // the password was right, and must be changed in the domain
	DIRECTORY_LOCKED,   // locked out by the domain
	DIRECTORY_DISABLED, // disabled, expired, or not allowed now
};

enum { DIRECTORY_WAIT_MS = 15000 };

// Let a connector check the password: it leaves this function sealed to that connector's key only,
// and every copy that was made is overwritten; the caller's own is the caller's. Waits at most
// DIRECTORY_WAIT_MS. Only few checks wait at a time, so that a domain controller that hangs does
// not take all threads.
//
// Expired is said only to who knew the password. Locked and disabled are the controller's answer
// whatever the password was: show a stranger the same page as for denied.
//
// False when it could not be checked: connector_missing, connector_down, connector_busy,
// connector_refused, signin_throttled, dc_unreachable, dc_timeout and other faults of the
// connector.
bool directory_password_check(struct call *c, const struct directory_account *account,
	const char *password, enum directory_verdict *out, struct error *e) MUST_CHECK;

struct directory_ticket {
	const char *user_id, *upn; // of the synchronized user
	const char *principal;	   // "alice@CORP.EXAMPLE.COM", as the ticket names the person
	struct slice reply;	   // for "WWW-Authenticate: Negotiate …"; may be empty
};

// Let a connector accept a SPNEGO token (RFC 4559). c->work.tenant_id says whose connectors may.
// The person is found by the SID that the domain controller signed, never by a name. Faults:
// ticket_refused, ticket_not_kerberos, ticket_unknown_user, signin_disabled, and those of the
// connector as above.
bool directory_ticket_check(struct call *c, struct slice token, struct directory_ticket *out,
	struct error *e) MUST_CHECK;

// Is there a connector of the domain (NULL: of any of the tenant) that accepts tickets?
bool directory_ticket_offered(
	struct call *c, const char *domain, bool *offered, struct error *e) MUST_CHECK;

// On which a connector's request for checks is parked.
char *check_channel(struct arena *arena, const char *connector_id);
