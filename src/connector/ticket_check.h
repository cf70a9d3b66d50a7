// SPDX-License-Identifier: Apache-2.0
// Whose Kerberos ticket is this? A SPNEGO token (RFC 4178, RFC 4559) accepted with the key of
// HTTP/service-host; nothing but Kerberos, once, from our own realm.
#pragma once

#include "connector/config.h"
#include "connector/verdict.h"

struct ticket_owner {
	const char *principal; // "alice@CORP.EXAMPLE.COM"
	const char *sid;       // signed by the domain controller
	struct slice reply;    // the answering token; may be empty
};

// `end_point` is the hash of the service's TLS certificate (tls-server-end-point, RFC 5929), empty
// when it is not known: a client that bound its token to a channel is accepted only over this one.
// Faults: ticket_not_kerberos, ticket_refused (another service, another channel, another realm,
// used before, too old, no SID), sso_not_configured.
bool ticket_check(struct arena *arena, const struct connector_config *config, struct slice token,
	struct slice end_point, struct ticket_owner *out, struct error *e) MUST_CHECK;
