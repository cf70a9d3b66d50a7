// SPDX-License-Identifier: Apache-2.0
// A person signs in on a device that is being set up: the same checks as on the sign-in page, and
// what only this device asks for (behaviour O3, G11, P29, E1, E6, E7, E10).
#include "base/str.h"
#include "domain/one_time_code.h"
#include "ferryd/device_offline.h"
#include "ferryd/device_settings.h"
#include "ferryd/device_token.h"
#include "ferryd/flow.h"
#include "ferryd/handlers.h"
#include "ferryd/preparation.h"
#include "ferryd/sign_in.h"

#define CLIENT "ferry-agentd" // in the record of sign-ins

enum { TYPED_MAX = 512 };

struct attempted {
	struct device *device;
	const struct json *body;
	bool offline;  // it has a configuration file, and no profile
	bool stranger; // nobody knows the device: it is known once somebody has signed in (Z2)
	struct signed_in who;
	const char *method;
};

// What a token is bound to: the registration, or the serial number while there is none.
static const char *
device_name(const struct attempted *a)
{
	return a->device->device_id ? a->device->device_id : a->device->serial;
}

// The organization of the device is asked first; who is of another one learns it once the password
// was right (P29).
static bool
find_tenant(struct call *c, const struct device *device, const char *name, struct error *e)
{
	struct person person;

	c->work.tenant_id = device->tenant_id;
	if (store_person_by_upn(&c->work, name, &person, e))
		return true;
	if (!str_eq(e->fault, "user_unknown"))
		return false;
	c->work.tenant_id = NULL;
	return true;
}

// A Temporary Access Pass is typed where the password is (E18). What looks like one may still be a
// password.
static bool
check_secret(
	struct call *c, struct attempted *a, const char *name, const char *secret, struct error *e)
{
	bool pass = code_read(c->arena, CODE_PASS, secret) != NULL;

	if (pass && sign_in_credential(c, name, secret, true, &a->who.person, e)) {
		a->method = "pass";
		a->who.session = (struct sign_in_session){
			.strong = true, .source = a->who.person.source, .amr = "otp mfa"};
		return true;
	}
	if (pass && !str_eq(e->fault, "sign_in_failed"))
		return false;
	if (!find_tenant(c, a->device, name, e) ||
		!sign_in_credential(c, name, secret, false, &a->who.person, e))
		return false;
	a->who.session = (struct sign_in_session){.source = a->who.person.source, .amr = "pwd"};
	return true;
}

// Nobody is left with "wrong password" whose password nobody here can know.
static bool
elsewhere(struct call *c, const struct attempted *a, const char *name, struct error *e)
{
	c->work.tenant_id = a->device->tenant_id;
	return federated_elsewhere(c, name, e);
}

static bool
first_step(struct call *c, const struct json *body, struct attempted *a, const char **name,
	struct error *e)
{
	const char *secret;

	a->method = "password";
	return json_need_str(body, "user", TYPED_MAX, name, e) &&
		json_need_str(body, "password", TYPED_MAX, &secret, e) &&
		find_tenant(c, a->device, *name, e) &&
		(check_secret(c, a, *name, secret, e) || elsewhere(c, a, *name, e));
}

static bool
second_step(struct call *c, const struct json *body, struct attempted *a, const char *token,
	const char **name, struct error *e)
{
	bool recovery = json_bool(body, "recovery", false);
	struct user_token user;
	const char *code;

	a->method = recovery ? "recovery" : "totp";
	if (!sign_in_token_verify(c, slice_str(token), device_name(a), &user, e))
		return false;
	*name = user.upn;
	c->work.tenant_id = user.tenant_id;
	if (!store_person_by_id(&c->work, user.user_id, &a->who.person, e) ||
		!store_factors(&c->work, user.user_id, &a->who.factors, e) ||
		!json_need_str(body, "code", TYPED_MAX, &code, e))
		return false;
	if (!a->who.person.enabled)
		return error_fault(e, ERR_DENIED, "account_disabled", "the account is disabled");
	if (!sign_in_second_factor(c, &a->who.person, &a->who.factors, code, recovery, e))
		return false;
	a->who.session = (struct sign_in_session){
		.strong = true, .source = a->who.person.source, .amr = "pwd otp mfa"};
	return true;
}

// What only this device asks for, said to who has proven to be that person.
static bool
check_device(struct call *c, const struct attempted *a, struct error *e)
{
	const struct device *d = a->device;
	const struct person *p = &a->who.person;

	if (a->stranger)
		return preparation_admit(c, a->body, p->upn, a->device, e);
	if (!str_eq(p->tenant_id, d->tenant_id))
		return error_fault(e, ERR_DENIED, "signin_other_organization",
			"%s is of another organization than %s", p->upn, d->serial);
	if (!str_empty(d->assigned_upn) && !str_ieq(d->assigned_upn, p->upn))
		return error_fault(e, ERR_DENIED, "signin_not_assigned",
			"this device is assigned to %s", d->assigned_upn);
	return device_gate(c, d, p->upn, e);
}

static bool
answer(struct call *c, const struct attempted *a, enum sign_in_step step, struct error *e)
{
	const struct person *p = &a->who.person;
	struct user_token user = {.tenant_id = p->tenant_id,
		.device_id = device_name(a),
		.user_id = p->user_id,
		.upn = p->upn};
	bool done = step == STEP_DONE;
	const char *token;
	struct buf reply;

	if (!(done ? user_token_sign : sign_in_token_sign)(c, &user, &token, e))
		return false;
	sign_in_record(c, p, NULL, CLIENT, a->method, done ? "success" : "interrupted", "");
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "step", done ? "done" : "code");
	jsonw_str(&w, done ? "userToken" : "session", token);
	jsonw_str(&w, "upn", p->upn);
	jsonw_str(&w, "displayName", p->display_name);
	jsonw_str(&w, "source", p->source);
	return call_send(c, 200, &w, &reply, e);
}

// What is left to do that cannot be done on a device which is not set up: elsewhere, with the fix.
static bool
finish(struct call *c, struct attempted *a, struct error *e)
{
	struct signed_in *who = &a->who;

	c->work.tenant_id = who->person.tenant_id;
	if (!store_factors(&c->work, who->person.user_id, &who->factors, e) ||
		!store_roles(&c->work, who->person.user_id, &who->roles, e))
		return false;
	enum sign_in_step step = sign_in_missing(c, who);
	switch (step) {
	case STEP_SET_UP_MFA:
		return error_fault(e, ERR_DENIED, "mfa_setup_needed",
			"a second factor is set up at %s/signin/account", c->service->base_url);
	case STEP_CHANGE_PASSWORD:
		return error_fault(e, ERR_DENIED, "password_change_needed",
			"the password is changed at %s/signin/account", c->service->base_url);
	case STEP_MFA:
		return answer(c, a, step, e);
	case STEP_CREDENTIAL:
	case STEP_DONE:
		break;
	}
	return check_device(c, a, e) &&
		(!a->offline || device_offline_register(c, a->body, a->device, e)) &&
		answer(c, a, STEP_DONE, e);
}

static bool
refuse(struct call *c, const struct attempted *a, const char *name, struct error *why)
{
	const struct person *p = a->who.person.user_id ? &a->who.person : NULL;

	if (!why->fault)
		return false;
	if (!p)
		c->work.tenant_id = a->device->tenant_id;
	sign_in_record(c, p, name ? name : "", CLIENT, a->method, "failure", why->fault);
	if (p && str_eq(p->source, "domain"))
		sign_in_soften(why);
	return false;
}

// POST /device/v1/signin {"hardwareHash","user","password"}, then perhaps
// {"hardwareHash","session","code"}.
bool
device_sign_in(struct call *c, struct error *e)
{
	const struct json *body;
	struct device device;
	struct attempted a = {.device = &device};
	const char *session, *name = NULL;

	if (!call_json(c, &body, e))
		return false;
	if (!device_by_hash_or_file(c, body, &device, &a.offline, e)) {
		if (!preparation_stranger(c, body, &device, e))
			return false;
		a.stranger = true;
	}
	a.body = body;
	session = json_str(body, "session");
	bool ok = session ? second_step(c, body, &a, session, &name, e)
			  : first_step(c, body, &a, &name, e);
	return (ok && finish(c, &a, e)) || refuse(c, &a, name, e);
}
