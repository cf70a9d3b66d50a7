// SPDX-License-Identifier: Apache-2.0
#include "ferryd/handlers.h"
#include "ferryd/signer_client.h"
#include "store/profiles.h"
#include "store/queries.h"

// The process answers.
bool
health_get(struct call *c, struct error *e)
{
	(void)e;
	http_response_set(c->resp, 200, "text/plain", slice_str("ok\n"));
	return true;
}

static bool
ignore_row(struct db_rows *rows, const struct work *w, void *ctx, struct error *e)
{
	(void)rows;
	(void)w;
	(void)ctx;
	(void)e;
	return true;
}

// Database and signer answer too.
bool
ready_get(struct call *c, struct error *e)
{
	const struct json *info;

	c->work.tenant_id = "";
	if (!store_list(&c->work, Q_CONNECTOR_LIST, ignore_row, NULL, e) ||
		!signer_info(c->arena, c->service->signer_path, &info, e))
		return false;
	http_response_set(c->resp, 200, "text/plain", slice_str("ready\n"));
	return true;
}
