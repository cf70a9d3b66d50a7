// SPDX-License-Identifier: Apache-2.0
// How ferryd asks ferry-signer: one message out, one back, over the worker's own connection.
#pragma once

#include "ferryd/service.h"

// Public keys and certificates of the signer, read at the start. Strings live in `arena`.
bool signer_info(
	struct arena *arena, const char *path, const struct json **out, struct error *e) MUST_CHECK;

// Issue a certificate: `profile` is "device", "connector" or "directory"; `device_id` only for the
// last.
bool signer_certificate(struct call *c, const char *profile, const char *common_name,
	const char *device_id, struct slice csr, int64_t days, struct issued_certificate *out,
	struct error *e) MUST_CHECK;

// A connection to the signer and a descriptor that came over it: it becomes readable when the token
// keys change, and the connection ends when the signer does. ERR_UNAVAILABLE.
bool signer_watch(const char *path, int *connection, int *watch, struct error *e) MUST_CHECK;

// Sign a job (text of a JSON object) for one connector: nobody else can use it, and nobody later.
bool signer_job(struct call *c, const char *connector_id, const char *job, const char **token,
	struct error *e) MUST_CHECK;

// The keys that verify jobs (JSON of a key set), and the same signed by the one that signs now.
bool signer_job_keys(struct call *c, const struct json **jwks, const char **statement,
	struct error *e) MUST_CHECK;

// Sign a token with these claims (text of a JSON object).
bool signer_token(
	struct call *c, const char *claims, const char **token, struct error *e) MUST_CHECK;
