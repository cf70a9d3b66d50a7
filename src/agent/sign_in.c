// SPDX-License-Identifier: Apache-2.0
#include "agent/kerberos.h"

#include "agent/krb_session.h"
#include "base/str.h"

// "CORP\alice" is alice of this domain; "alice@suffix" is a user principal name, whose suffix need
// not be the realm (KRB-ENTERPRISE, RFC 6806 section 5).
static bool
parse_user(struct krb_session *s, const char *user, krb5_principal *out, struct error *e)
{
	const char *backslash = strchr(user, '\\');
	int flags = strchr(user, '@') ? KRB5_PRINCIPAL_PARSE_ENTERPRISE : 0;

	if (backslash) {
		autoarena(arena, ARENA_SMALL);
		char *domain = arena_strndup(&arena, user, (size_t)(backslash - user));
		if (!str_ieq(domain, s->machine->netbios) && !str_ieq(domain, s->realm))
			return error_fault(e, ERR_UNAUTHENTICATED, "signin_unknown_user",
				"%s is not this computer's domain", domain);
		user = backslash + 1;
	}
	if (str_empty(user))
		return error_fault(
			e, ERR_UNAUTHENTICATED, "signin_unknown_user", "the user name is empty");
	krb5_error_code code = krb5_parse_name_flags(s->krb5, user, flags, out);
	return code == 0 ||
		error_fault(e, ERR_UNAUTHENTICATED, "signin_unknown_user", "not a user name");
}

static bool
check_password(struct krb_session *s, krb5_principal user, const char *password, krb5_creds *out,
	struct error *e)
{
	krb5_get_init_creds_opt *options = NULL;

	krb5_error_code code = krb5_get_init_creds_opt_alloc(s->krb5, &options);
	if (code)
		return krb_session_fault(s, KRB_USER, code, "sign-in", e);
	krb5_get_init_creds_opt_set_forwardable(options, 0);
	krb5_get_init_creds_opt_set_canonicalize(options, 1);
	// Not required: a domain may have switched armour off.
	code = krb5_get_init_creds_opt_set_fast_ccache(s->krb5, options, s->ccache);
	if (code == 0)
		code = krb5_get_init_creds_password(
			s->krb5, out, user, password, NULL, NULL, 0, NULL, options);
	krb5_get_init_creds_opt_free(s->krb5, options);
	return code == 0 || krb_session_fault(s, KRB_USER, code, "sign-in", e);
}

// Without this any machine that answers as KDC could let any password pass.
static bool
check_kdc(struct krb_session *s, krb5_creds *creds, struct error *e)
{
	krb5_verify_init_creds_opt options;

	krb5_verify_init_creds_opt_init(&options);
	krb5_verify_init_creds_opt_set_ap_req_nofail(&options, 1);
	krb5_error_code code =
		krb5_verify_init_creds(s->krb5, creds, s->host, s->keytab, NULL, &options);
	return code == 0 ||
		krb_session_fault(s, KRB_MACHINE, code, "check of the domain controller", e);
}

// Whether the KDC used the machine's ticket as armour: it says so in the ticket cache's
// configuration.
static bool
offers_armour(struct krb_session *s)
{
	krb5_principal tgs;
	krb5_data value = {0};

	if (krb5_build_principal(s->krb5, &tgs, (unsigned)strlen(s->realm), s->realm, "krbtgt",
		    s->realm, NULL) != 0)
		return false;
	bool yes = krb5_cc_get_config(s->krb5, s->ccache, tgs, "fast_avail", &value) == 0;
	krb5_free_data_contents(s->krb5, &value);
	krb5_free_principal(s->krb5, tgs);
	return yes;
}

static bool
describe(struct arena *arena, struct krb_session *s, const krb5_creds *creds,
	struct signed_in_user *out, struct error *e)
{
	char *name;

	krb5_error_code code = krb5_unparse_name(s->krb5, creds->client, &name);
	if (code)
		return krb_session_fault(s, KRB_USER, code, "sign-in", e);
	*out = (struct signed_in_user){
		.principal = arena_strdup(arena, name),
		.expires = (int64_t)(uint32_t)creds->times.endtime,
		.armoured = offers_armour(s),
	};
	krb5_free_unparsed_name(s->krb5, name);
	return true;
}

static bool
sign_in(struct arena *arena, struct krb_session *s, const char *user, const char *password,
	struct signed_in_user *out, struct error *e)
{
	krb5_principal principal = NULL;
	krb5_creds creds = {0};

	if (!parse_user(s, user, &principal, e))
		return false;
	bool ok = krb_session_machine_tgt(s, e) &&
		check_password(s, principal, password, &creds, e) && check_kdc(s, &creds, e) &&
		describe(arena, s, &creds, out, e);
	krb5_free_cred_contents(s->krb5, &creds);
	krb5_free_principal(s->krb5, principal);
	return ok;
}

bool
user_sign_in(struct arena *arena, const struct krb_machine *machine, const char *user,
	const char *password, struct signed_in_user *out, struct error *e)
{
	struct krb_session s = {0};

	if (str_empty(password))
		return error_fault(
			e, ERR_UNAUTHENTICATED, "signin_wrong_password", "the password is empty");
	if (!krb_session_open(arena, machine, &s, e))
		return false;
	bool ok = sign_in(arena, &s, user, password, out, e);
	krb_session_close(&s);
	return ok;
}
