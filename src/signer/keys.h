// SPDX-License-Identifier: Apache-2.0
// The keys of the service: where they lie, how they are made once, and what they may sign.
#pragma once

#include "base/clock.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "signer/token_ring.h"

struct keyring {
	X509 *root, *issuing;
	EVP_PKEY *issuing_key;
	struct token_ring *tokens;
	struct token_ring *jobs; // keys of another purpose: jobs of connectors (threats row 5)
	const char *root_pem, *issuing_pem; // public, for the service and its clients
};

// The keys that sign jobs lie in DIR/jobs and change once a year. The next one is published for a
// month before it signs: a connector that was away for longer is forgotten anyway (behaviour K11).
extern const struct token_policy keyring_job_policy;
char *keyring_job_dir(struct arena *arena, const char *dir);

// Make a root, an issuing CA and a token key in `dir` (mode 0700), each file 0600 where it is
// secret. ERR_CONFLICT when there is a keyring already: keys are never overwritten.
bool keyring_create(const char *dir, const char *organization, const struct token_policy *policy,
	time_us now, struct error *e) MUST_CHECK;

// Read the keyring. The root's private key is not loaded: it is needed only to make another issuing
// CA.
bool keyring_open(struct arena *arena, const char *dir, time_us now, struct keyring *out,
	struct error *e) MUST_CHECK;
void keyring_close(struct keyring *keys);

// Read one private key of the folder. ERR_DENIED when others could read it too.
bool keyring_load_key(struct arena *arena, const char *dir, const char *name, EVP_PKEY **out,
	struct error *e) MUST_CHECK;

// Issue the service's TLS certificate: writes `tls.key` (0600) and `tls.pem` (certificate and
// issuing CA) to `out_dir`, replacing earlier ones. `names` are DNS names or IP addresses,
// NULL-terminated.
bool keyring_issue_tls(const struct keyring *keys, const char *out_dir, const char *const *names,
	time_us now, struct error *e) MUST_CHECK;
