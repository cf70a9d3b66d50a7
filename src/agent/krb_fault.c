// SPDX-License-Identifier: Apache-2.0
#include "agent/krb_fault.h"

#include <errno.h>
#include <stddef.h>

enum { ACTOR_USER = 1 << KRB_USER, ACTOR_MACHINE = 1 << KRB_MACHINE, ANY = 3 };

static const struct {
	krb5_error_code code;
	int actors;
	enum error_code kind;
	const char *fault, *hint;
} MEANINGS[] = {
	{KRB5KDC_ERR_PREAUTH_FAILED, ACTOR_USER, ERR_UNAUTHENTICATED, "signin_wrong_password",
		"Type the password again."},
	{KRB5KRB_AP_ERR_BAD_INTEGRITY, ACTOR_USER, ERR_UNAUTHENTICATED, "signin_wrong_password",
		"Type the password again."},
	{KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, ACTOR_USER, ERR_UNAUTHENTICATED, "signin_unknown_user",
		"Check the user name."},
	{KRB5KDC_ERR_WRONG_REALM, ACTOR_USER, ERR_UNAUTHENTICATED, "signin_unknown_user",
		"Sign in with a user of this domain."},
	{KRB5KDC_ERR_CLIENT_REVOKED, ACTOR_USER, ERR_DENIED, "signin_disabled",
		"The account is disabled, locked or may not sign in now; ask the administrator."},
	{KRB5KDC_ERR_POLICY, ACTOR_USER, ERR_DENIED, "signin_disabled",
		"The account may not sign in here or now; ask the administrator."},
	{KRB5KDC_ERR_NAME_EXP, ACTOR_USER, ERR_DENIED, "signin_disabled",
		"The account has expired; ask the administrator."},
	{KRB5KDC_ERR_KEY_EXP, ACTOR_USER, ERR_DENIED, "signin_password_expired",
		"Set a new password, then sign in."},
	{KRB5KDC_ERR_PREAUTH_FAILED, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken",
		"The computer account has another password; join the domain again."},
	// ERR_NOT_FOUND: this controller may only not have heard of a new account.
	{KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, ACTOR_MACHINE, ERR_NOT_FOUND, "machine_trust_broken",
		"The computer account is gone; join the domain again."},
	{KRB5KDC_ERR_CLIENT_REVOKED, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken",
		"The computer account is disabled; enable it or join the domain again."},
	{KRB5KDC_ERR_KEY_EXP, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken", NULL},
	{KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken",
		"The computer account lacks its service names; join the domain again."},
	{KRB5KRB_AP_ERR_BAD_INTEGRITY, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken", NULL},
	{KRB5KRB_AP_ERR_MODIFIED, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken", NULL},
	{KRB5KRB_AP_ERR_BADKEYVER, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken", NULL},
	{KRB5KRB_AP_ERR_NOKEY, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken", NULL},
	{KRB5KRB_AP_WRONG_PRINC, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken", NULL},
	{KRB5_KT_KVNONOTFOUND, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken", NULL},
	{KRB5_KT_NOTFOUND, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken", NULL},
	{KRB5_KEYTAB_BADVNO, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken",
		"The machine's keytab is damaged; join the domain again."},
	{KRB5_PREAUTH_FAILED, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken",
		"The machine has no usable keytab; join the domain again."},
	{ENOENT, ACTOR_MACHINE, ERR_DENIED, "machine_trust_broken",
		"The machine has no keytab; join the domain again."},
	{KRB5_REALM_UNKNOWN, ANY, ERR_UNAVAILABLE, "ad_domain_unresolvable",
		"Connect to the organization's network or its VPN."},
	{KRB5_REALM_CANT_RESOLVE, ANY, ERR_UNAVAILABLE, "ad_domain_unresolvable",
		"Connect to the organization's network or its VPN."},
	// What the library makes of a name server that does not answer in time (EAI_AGAIN).
	{EAGAIN, ANY, ERR_UNAVAILABLE, "ad_domain_unresolvable",
		"Connect to the organization's network or its VPN."},
	{KRB5_KDC_UNREACH, ANY, ERR_UNAVAILABLE, "dc_unreachable",
		"Connect to the organization's network or its VPN."},
	{KRB5KRB_AP_ERR_SKEW, ANY, ERR_UNAVAILABLE, "clock_skew", "Set this computer's clock."},
	{KRB5KRB_AP_ERR_TKT_NYV, ANY, ERR_UNAVAILABLE, "clock_skew", "Set this computer's clock."},
	{KRB5KDC_ERR_NEVER_VALID, ANY, ERR_UNAVAILABLE, "clock_skew", "Set this computer's clock."},
};

bool
krb_fault(struct error *e, enum krb_actor actor, krb5_error_code code, const char *text,
	const char *doing)
{
	for (size_t i = 0; i < sizeof MEANINGS / sizeof MEANINGS[0]; i++) {
		if (MEANINGS[i].code != code || !(MEANINGS[i].actors & 1 << actor))
			continue;
		error_fault(e, MEANINGS[i].kind, MEANINGS[i].fault, "%s: %s (Kerberos %ld)", doing,
			text, (long)code);
		return MEANINGS[i].hint ? error_hint(e, "%s", MEANINGS[i].hint) : false;
	}
	return error_fault(
		e, ERR_PROTOCOL, "ad_error", "%s: %s (Kerberos %ld)", doing, text, (long)code);
}
