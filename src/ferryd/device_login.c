// SPDX-License-Identifier: Apache-2.0
// People of the directory sign in to a device that is theirs: its PAM helper asks here, over the
// management channel (docs/session-gate.md). One count of guesses with all other ways to sign in.
#include "base/str.h"
#include "domain/one_time_code.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"
#include "ferryd/sign_in.h"
#include "store/trust.h"

#define CLIENT "ferry-gate" // in the record of sign-ins

enum { TYPED_MAX = 512 };

// Before the password: a device that an administrator disabled learns nothing about people.
static bool
may_ask(struct call *c, struct error *e)
{
	bool enabled;

	return store_directory_enabled(&c->work, c->enrollment.device_id, &enabled, e) &&
		(enabled ||
			error_fault(e, ERR_DENIED, "device_disabled",
				"the directory has disabled the device"));
}

static bool
check(struct call *c, const char *name, const char *password, struct person *out, struct error *e)
{
	const char *tenant = c->work.tenant_id;

	// A Temporary Access Pass is typed where the password is (E18): it is all that people of
	// another issuer have here.
	bool pass = code_read(c->arena, CODE_PASS, password) != NULL;
	if (!(pass && sign_in_credential(c, name, password, true, out, e)) &&
		!sign_in_credential(c, name, password, false, out, e)) {
		c->work.tenant_id = tenant;
		return federated_elsewhere(c, name, e);
	}
	if (str_eq(out->tenant_id, tenant))
		return true;
	c->work.tenant_id = tenant;
	return error_fault(e, ERR_DENIED, "signin_other_organization",
		"the account is of another organization than the device");
}

// POST /device/v1/login {"user", "password"}
bool
device_login(struct call *c, struct error *e)
{
	const struct json *body;
	const char *name, *password;
	struct person person;
	struct error why = {0};
	struct buf reply;

	if (!call_json(c, &body, e) || !json_need_str(body, "user", TYPED_MAX, &name, e) ||
		!json_need_str(body, "password", TYPED_MAX, &password, e) || !may_ask(c, e))
		return false;
	if (!check(c, name, password, &person, &why)) {
		sign_in_record(
			c, NULL, name, CLIENT, "password", "failure", why.fault ? why.fault : "");
		sign_in_soften(&why);
		*e = why;
		return false;
	}
	sign_in_record(c, &person, NULL, CLIENT, "password", "success", "");
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "upn", person.upn);
	jsonw_str(&w, "displayName", person.display_name);
	return call_send(c, 200, &w, &reply, e);
}
