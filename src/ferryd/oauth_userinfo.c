// SPDX-License-Identifier: Apache-2.0
// Who the token's holder is: OpenID Connect's form; Graph's is GET /me in graph/directory.c.
#include "base/str.h"
#include "ferryd/handlers.h"
#include "store/people.h"

static bool
load(struct call *c, struct person *out, struct error *e)
{
	if (!c->user_id)
		return error_set(
			e, ERR_INVALID, "a token of a program is nobody's: sign in as a person");
	return store_person_by_id(&c->work, c->user_id, out, e);
}

// Azure Resource Manager's list, for which the Azure command line asks at each sign-in: there are
// none (clients-and-conventions.md section 2.2 rule 10).
bool
oauth_subscriptions(struct call *c, struct error *e)
{
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_array(&w, "value");
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

bool
oidc_userinfo(struct call *c, struct error *e)
{
	struct person p;
	struct buf body;

	if (!load(c, &p, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "sub", p.user_id);
	jsonw_str(&w, "name", p.display_name);
	jsonw_str(&w, "preferred_username", p.upn);
	if (!str_empty(p.given_name))
		jsonw_str(&w, "given_name", p.given_name);
	if (!str_empty(p.surname))
		jsonw_str(&w, "family_name", p.surname);
	if (!str_empty(p.mail))
		jsonw_str(&w, "email", p.mail);
	http_response_header(c->resp, "Cache-Control", "no-store");
	return call_send(c, 200, &w, &body, e);
}
