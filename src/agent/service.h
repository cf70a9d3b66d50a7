// SPDX-License-Identifier: Apache-2.0
// How the device speaks to the service: JSON calls, SOAP and SyncML posts, over TLS pinned to the
// image's CA.
#pragma once

#include "agent/agent.h"
#include "base/clock.h"

// Open the connection without a client certificate, for what happens before enrolment.
bool service_open(struct agent *agent, struct error *e) MUST_CHECK;

// Open the connection with the management certificate and the TPM-resident key.
bool service_open_managed(struct agent *agent, struct error *e) MUST_CHECK;

// Close it: the key goes with it, before a TPM that is closed.
void service_close_managed(struct agent *agent);

// All calls of a setup that has begun are repeated for up to 30 seconds while the service cannot be
// reached or is not ready.
//
// POST JSON; `managed` chooses the connection. *out is the answer (NULL for 204). An answer of the
// service's own error becomes that error with its fault; a clock that differs by more than five
// minutes is the fault clock_skew.
bool service_post(struct agent *agent, bool managed, const char *path, const struct buf *body,
	const struct json **out, struct error *e) MUST_CHECK;
// The same over the open connection, as the holder of a token.
bool service_post_bearer(struct agent *agent, const char *path, const char *token,
	const struct buf *body, const struct json **out, struct error *e) MUST_CHECK;
// The same over the open connection, and never repeated: for a call that uses something up.
bool service_post_once(struct agent *agent, const char *path, const struct buf *body,
	const struct json **out, struct error *e) MUST_CHECK;
bool service_get(struct agent *agent, const char *path, int timeout_ms, const struct json **out,
	struct error *e) MUST_CHECK;

// POST anything and take the raw answer: SOAP (also with status 500) and SyncML.
bool service_post_raw(struct agent *agent, bool managed, const char *path, const char *content_type,
	struct slice body, struct http_client_response *out, struct error *e) MUST_CHECK;

// Fetch a file over the managed connection; goes on where a lost connection stopped.
bool service_download(struct agent *agent, const struct http_client_download *download,
	struct error *e) MUST_CHECK;

// Send a bundle of diagnostics over the managed connection, once.
bool service_send_log(struct agent *agent, const char *path, const char *method,
	struct slice bundle, struct error *e) MUST_CHECK;

// Tell the timeline. Failures to tell are not failures of the flow: what matters is on the screen
// and in the journal.
void service_report(struct agent *agent, const char *phase, const char *row, const char *state,
	const struct error *why);
