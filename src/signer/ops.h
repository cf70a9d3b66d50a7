// SPDX-License-Identifier: Apache-2.0
// What the signer does when asked, and what it refuses however it is asked.
#pragma once

#include "base/buf.h"
#include "signer/keys.h"

// Who signs jobs, and for whom the list of the keys is; src/connector/job_gate.c expects these.
#define SIGNER_JOB_ISSUER "ferry-jobs"
#define SIGNER_JOB_KEYS "ferry-connectors"

enum {
	SIGNER_MESSAGE_MAX = 64 << 10,
	SIGNER_MAX_CERT_DAYS = 400,
	SIGNER_MAX_TOKEN_SECONDS = 24 * 3600,
	SIGNER_CACHE_SECONDS = 3600, // how long others may keep the key set
	SIGNER_JOB_SECONDS = 60,     // a job lives as long as its lease …
	SIGNER_JOB_SKEW = 240,	     // … by clocks that differ by minutes, as Kerberos allows
};
_Static_assert(
	(int)TOKEN_RETAIN_SECONDS > (int)SIGNER_MAX_TOKEN_SECONDS, "a key outlives what it signed");
_Static_assert((int)TOKEN_PUBLISH_SECONDS > (int)SIGNER_CACHE_SECONDS, "known before it signs");

// Answer one request; always writes a JSON object, {"error":…} when it is refused.
//
//   {"op":"info"}                  -> root, issuing (PEM), kid, jwks, cacheUntil (seconds since
//   1970)
//   {"op":"certificate","profile":"device|connector|directory","commonName":…,"csr":base64,"days":n,"deviceId":…}
//                                                        -> certificate (base64 of the DER)
//   {"op":"token","claims":{…}}                          -> token, kid
//   {"op":"job","connector":id,"job":{…}}    -> token: the job, signed for that connector
//   {"op":"jobKeys"}               -> jwks, and token: the same signed with the key of now, so that
//                                     whoever trusts that key learns the next one
//   {"op":"watch"}                 -> a descriptor that becomes readable when the token keys
//   change;
//                                     main.c answers it, when these are its very bytes
//
// Whoever holds the socket cannot get a CA or server certificate, a certificate for a key it does
// not hold, a job that lasts or is for no connector, or a token that lives longer than
// SIGNER_MAX_TOKEN_SECONDS.
void signer_answer(struct arena *arena, const struct keyring *keys, time_us now,
	struct slice request, struct buf *out);
