// SPDX-License-Identifier: Apache-2.0
// Bundles of diagnostics: devices send them over mutual TLS, administrators fetch them by a link
// that is a secret (behaviour L9, A13). What administrators see of them is in graph/managed_logs.c.
#include "store/device_logs.h"

#include "base/str.h"
#include "domain/fault.h"
#include "ferryd/handlers.h"
#include "pki/hash.h"

// PUT /device/v1/logs/{id}: what an administrator asked for.
bool
device_log_put(struct call *c, struct error *e)
{
	return store_log_receive(&c->work, c->enrollment.device_id, http_param(c->req, "id"),
		       c->req->body, e) &&
		call_done(c);
}

// POST /device/v1/logs?fault=NAME: by itself after a failure, once a day.
bool
device_log_add(struct call *c, struct error *e)
{
	const struct fault *fault = fault_find(http_query(c->req, "fault"));
	struct device_log log;
	struct buf body;

	if (!fault)
		return error_set(e, ERR_INVALID, "fault must be the name of a cause");
	if (!store_log_own(&c->work, c->enrollment.device_id, fault->name, c->req->body, &log, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "id", log.log_id);
	return call_send(c, 201, &w, &body, e);
}

// GET /diagnostics/{key}: the key is the authority.
bool
device_log_download(struct call *c, struct error *e)
{
	const char *key = http_param(c->req, "key");
	struct device_log log;
	struct error why;

	if (!store_log_by_link(&c->work, sha256_hex(c->arena, slice_str(key)), &log, &why))
		return why.code == ERR_NOT_FOUND
			? error_set(e, ERR_NOT_FOUND, "this link is unknown or its time is over")
			: (*e = why, false);
	http_response_header(c->resp, "Cache-Control", "no-store");
	http_response_header(c->resp, "Content-Disposition",
		arena_printf(
			c->arena, "attachment; filename=\"diagnostics-%.36s.tar.gz\"", log.log_id));
	http_response_set(c->resp, 200, "application/gzip", log.content);
	return true;
}
