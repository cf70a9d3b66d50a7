// SPDX-License-Identifier: Apache-2.0
// The service as the connector sees it: a few requests, always outbound, trusted by the pinned root
// alone.
#pragma once

#include "codec/json.h"
#include "connector/config.h"
#include "connector/state.h"
#include "http/client.h"

// Open a client; identity NULL before enrolment.
bool service_open(const struct connector_config *config, const struct connector_identity *identity,
	struct http_client **out, struct error *e) MUST_CHECK;

CLEANUP_FN(struct http_client *, http_client_close, autoclient_p)
#define autoclient CLEANUP(autoclient_p) struct http_client

// Use a one-time token: make a key, have it certified. Nothing is stored. ERR_UNAUTHENTICATED when
// the token is unknown, used or too old; ERR_CONFLICT when it was made for another domain than the
// configured one.
bool service_enroll(struct arena *arena, const struct connector_config *config, const char *token,
	struct connector_identity *out, struct error *e) MUST_CHECK;

// Ask for work; waits up to half a minute. *job is NULL when there is none, else its JSON.
// ERR_UNAUTHENTICATED when the service does not know our certificate (any more).
bool service_lease(struct arena *arena, struct http_client *client, const char **job,
	struct error *e) MUST_CHECK;

// Answer a job. ERR_CONFLICT: the lease was lost, the answer is void. ERR_INVALID, ERR_NOT_FOUND,
// ERR_LIMIT: the service will never take this answer. Anything else may be tried again.
bool service_finish(struct arena *arena, struct http_client *client, const char *job_id,
	const char *answer, struct error *e) MUST_CHECK;

// Does it answer, and how far is its clock ahead of ours (whole seconds)?
bool service_probe(struct arena *arena, struct http_client *client, int64_t *clock_ahead_s,
	struct error *e) MUST_CHECK;

// Any other request to the service with an object as its body. *out is NULL for 204. Errors as
// service_finish.
bool service_post(struct arena *arena, struct http_client *client, const char *path,
	const char *body, int timeout_ms, const struct json **out, struct error *e) MUST_CHECK;
