// SPDX-License-Identifier: Apache-2.0
// How a connector gets its one-time token; the list of connectors is Graph's
// (graph/configurations.c).
#include "base/uuid.h"
#include "codec/base64.h"
#include "ferryd/handlers.h"
#include "pki/hash.h"

enum { TOKEN_DAYS = 1, NAME_MAX_BYTES = 256 };

// POST /ferry/v1/connectors {"name","domain"}: the token is shown once.
bool
graph_connectors_create(struct call *c, struct error *e)
{
	const struct json *body;
	const char *name, *domain, *id;
	uint8_t random[24];
	struct buf reply;

	if (!call_json(c, &body, e) || !json_need_str(body, "name", NAME_MAX_BYTES, &name, e) ||
		!json_need_str(body, "domain", 255, &domain, e))
		return false;
	random_bytes(random, sizeof random);
	char *token = base64url_encode(c->arena, slice_of(random, sizeof random));
	if (!store_connector_create(&c->work, name, domain, sha256_hex(c->arena, slice_str(token)),
		    c->work.now + TOKEN_DAYS * US_PER_DAY, &id, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "id", id);
	jsonw_str(&w, "token", token);
	jsonw_int(&w, "expiresInSeconds", TOKEN_DAYS * 86400);
	return call_send(c, 201, &w, &reply, e);
}
