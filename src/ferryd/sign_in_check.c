// SPDX-License-Identifier: Apache-2.0
// The checks of a sign-in, for pages and for devices: one way to guess, one count of guesses.
#include "base/log.h"
#include "base/str.h"
#include "domain/one_time_code.h"
#include "domain/totp.h"
#include "ferryd/sign_in.h"

// A pass is a second factor by itself (behaviour E18): it was handed over by an administrator.
static bool
check_pass(struct call *c, const struct person *user, const char *typed,
	enum sign_in_result *result, struct error *e)
{
	const char *code = code_read(c->arena, CODE_PASS, typed);
	bool used = false;

	*result = SIGN_IN_DENIED;
	// Whoever an administrator gives one to, but for people of a domain: what proves them is
	// the domain's.
	if (!code || !user || str_eq(user->source, "domain"))
		return true;
	if (!store_pass_use(&c->work, user->user_id, secret_sha256(c->arena, code), &used, e))
		return false;
	*result = used ? SIGN_IN_ACCEPTED : SIGN_IN_DENIED;
	return true;
}

static bool
find_person(struct call *c, const char *name, struct person *out, struct person **found,
	struct error *e)
{
	*found = NULL;
	if (store_person_by_upn(&c->work, name, out, e)) {
		*found = out;
		return true;
	}
	return str_eq(e->fault, "user_unknown");
}

// That a domain controller does not answer is not the person's mistake.
static bool
could_not(struct call *c, const struct attempt *attempt, const struct error *why)
{
	struct error e;

	if ((why->code == ERR_UNAVAILABLE || why->code == ERR_TIMEOUT) &&
		!store_attempt_void(&c->work, attempt, &e))
		log_warn("an attempt stays counted: %s", e.message);
	return false;
}

// The credential itself. False with the fault that the page shows; the same for a wrong name, a
// wrong password and a pass that is over.
bool
sign_in_credential(struct call *c, const char *name, const char *secret, bool pass,
	struct person *person, struct error *e)
{
	struct person *found;
	enum sign_in_result result;

	if (str_empty(name) || str_empty(secret))
		return error_fault(e, ERR_UNAUTHENTICATED, "sign_in_failed", "nothing was typed");
	if (!find_person(c, name, person, &found, e))
		return false;
	struct attempt attempt = sign_in_attempt(
		c, "password", str_lower(c->arena, name), found ? found->user_id : NULL);
	if (!sign_in_may_try(c, &attempt, e))
		return false;
	if (found)
		c->work.tenant_id = found->tenant_id;
	if (!(pass ? check_pass(c, found, secret, &result, e)
		   : sign_in_check_password(c, found, &attempt, secret, &result, e)))
		return could_not(c, &attempt, e);
	if (result != SIGN_IN_ACCEPTED)
		return error_fault(
			e, ERR_UNAUTHENTICATED, "sign_in_failed", "wrong name or secret");
	// Only who knows the password learns that the account is disabled.
	if (!person->enabled)
		return error_fault(e, ERR_DENIED, "account_disabled", "the account is disabled");
	return sign_in_was_good(c, &attempt, e);
}

// That a domain has locked or disabled an account is its answer to any password, so strangers get
// the same as for a wrong one. The record of sign-ins has the true cause.
void
sign_in_soften(struct error *why)
{
	if (str_eq(why->fault, "signin_locked") || str_eq(why->fault, "signin_disabled"))
		error_fault(why, ERR_UNAUTHENTICATED, "sign_in_failed", "refused by the domain");
	sign_in_hide_outage(why);
}

bool
sign_in_second_factor(struct call *c, const struct person *person, const struct factors *factors,
	const char *typed, bool recovery, struct error *e)
{
	const char *user = person->user_id;
	struct attempt attempt = sign_in_attempt(c, "mfa", user, user);
	bool used = false;
	int64_t step;

	if (!sign_in_may_try(c, &attempt, e))
		return false;
	if (recovery) {
		const char *code = code_read(c->arena, CODE_RECOVERY, typed);
		if (code &&
			!store_recovery_use(
				&c->work, user, secret_sha256(c->arena, code), &used, e))
			return false;
	} else if (totp_match(
			   factors->totp_secret, typed, c->work.now, factors->totp_step, &step) &&
		!store_totp_use(&c->work, user, step, &used, e))
		return false;
	if (!used)
		return error_fault(e, ERR_UNAUTHENTICATED, "mfa_code_wrong",
			"the code is wrong, too old, or was used before");
	return sign_in_was_good(c, &attempt, e);
}
