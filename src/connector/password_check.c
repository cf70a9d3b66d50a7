// SPDX-License-Identifier: Apache-2.0
#include "connector/password_check.h"

#include "base/str.h"
#include "connector/ad_fault.h"
#include "connector/ad_search.h"
#include "connector/ad_ticket.h"
#include "connector/sync.h"
#include <stdlib.h>

enum { MAX_ACCOUNT = 256, LOCKED_OUT = 0x10 }; // msDS-User-Account-Control-Computed

enum column { COL_NAME, COL_COMPUTED };

struct person {
	const char *account; // as the directory writes it
	bool locked;
};

const char *
verdict_name(enum verdict verdict)
{
	static const char *const names[VERDICT_COUNT] = {
		[VERDICT_ACCEPTED] = "accepted",
		[VERDICT_DENIED] = "denied",
		[VERDICT_EXPIRED] = "expired",
		[VERDICT_LOCKED] = "locked",
		[VERDICT_DISABLED] = "disabled",
		[VERDICT_UNAVAILABLE] = "unavailable",
	};

	return names[verdict];
}

// RFC 4515 section 3: any octet may be written as \xx.
static const char *
filter_value(struct arena *arena, const char *text)
{
	struct buf b;

	buf_init(&b, arena, 4 * MAX_ACCOUNT);
	for (; *text; text++)
		buf_printf(&b, "\\%02x", (unsigned char)*text);
	return buf_text(&b);
}

static enum verdict
denied(struct error *e)
{
	error_fault(e, ERR_UNAUTHENTICATED, "signin_wrong_password",
		"the user name or the password is wrong");
	return VERDICT_DENIED;
}

// Only who is synchronized can sign in: the service cannot try the passwords of others. Accepted
// here means: go on.
static enum verdict
find_person(struct arena *arena, struct ad_session *session, const struct sync_config *sync,
	const char *account, struct person *out, struct error *e)
{
	static const char *const names[] = {
		"sAMAccountName", "msDS-User-Account-Control-Computed", NULL};
	struct ad_entry entry = {0};
	int count = 0;
	const char *filter = arena_printf(arena,
		"(&(objectCategory=person)(objectClass=user)(!(isCriticalSystemObject=TRUE))"
		"(sAMAccountName=%s))",
		filter_value(arena, account));

	if (!ad_search(arena, session->ldap, session->domain.base_dn, LDAP_SCOPE_SUBTREE, filter,
		    names, &entry, &count, e))
		return VERDICT_UNAVAILABLE;
	if (count != 1 || !entry.values[COL_NAME].data || !sync_in_scope(arena, sync, entry.dn))
		return denied(e);
	const char *computed = ad_text(entry.values[COL_COMPUTED]);
	*out = (struct person){
		.account = ad_text(entry.values[COL_NAME]),
		.locked = computed && (strtol(computed, NULL, 10) & LOCKED_OUT) != 0,
	};
	return VERDICT_ACCEPTED;
}

// --- Kerberos

// True once the controller said, under its key, that it takes armour (RFC 6806 section 11).
static bool
offers_armour(struct ad_ticket *t, krb5_principal self)
{
	const krb5_data *realm = krb5_princ_realm(t->krb5, self);
	krb5_principal tgs;
	krb5_data value = {0};

	if (krb5_build_principal(
		    t->krb5, &tgs, realm->length, realm->data, "krbtgt", realm->data, NULL) != 0)
		return false;
	bool yes = krb5_cc_get_config(t->krb5, t->ccache, tgs, "fast_avail", &value) == 0;
	krb5_free_data_contents(t->krb5, &value);
	krb5_free_principal(t->krb5, tgs);
	return yes;
}

// A ticket for `service` (NULL: the TGT). With armour the answer comes under a key that only the
// genuine controller knows: it made the armour's ticket for us, sealed with our own key.
static krb5_error_code
try_password(struct ad_ticket *t, krb5_principal user, const char *password, const char *service,
	bool armour, krb5_creds *out)
{
	krb5_get_init_creds_opt *options = NULL;

	krb5_error_code code = krb5_get_init_creds_opt_alloc(t->krb5, &options);
	if (code)
		return code;
	krb5_get_init_creds_opt_set_forwardable(options, 0);
	krb5_get_init_creds_opt_set_proxiable(options, 0);
	if (armour) {
		code = krb5_get_init_creds_opt_set_fast_ccache(t->krb5, options, t->ccache);
		if (code == 0)
			code = krb5_get_init_creds_opt_set_fast_flags(
				t->krb5, options, KRB5_FAST_REQUIRED);
	}
	if (code == 0)
		code = krb5_get_init_creds_password(
			t->krb5, out, user, password, NULL, NULL, 0, service, options);
	krb5_get_init_creds_opt_free(t->krb5, options);
	return code;
}

// Where the domain has armour switched off, the controller has to prove itself otherwise: with a
// ticket for the connector's own account, which needs a servicePrincipalName for that.
static krb5_error_code
prove_controller(
	struct ad_ticket *t, const char *keytab_name, krb5_principal self, krb5_creds *creds)
{
	krb5_verify_init_creds_opt options;
	krb5_keytab keytab;

	krb5_error_code code = krb5_kt_resolve(t->krb5, keytab_name, &keytab);
	if (code)
		return code;
	krb5_verify_init_creds_opt_init(&options);
	krb5_verify_init_creds_opt_set_ap_req_nofail(&options, 1);
	code = krb5_verify_init_creds(t->krb5, creds, self, keytab, NULL, &options);
	krb5_kt_close(t->krb5, keytab);
	return code;
}

static enum verdict
unavailable(struct ad_ticket *t, krb5_error_code code, const char *doing, struct error *e)
{
	const char *text = krb5_get_error_message(t->krb5, code);

	ad_krb5_fault(e, code, text, doing);
	krb5_free_error_message(t->krb5, text);
	// Faults of the connector's own ticket: the person's account is another matter.
	if (str_eq(e->fault, "connector_credentials"))
		e->fault = "ad_error";
	return VERDICT_UNAVAILABLE;
}

// Which of the controller's refusals say something about the person.
static enum verdict
refusal(krb5_error_code code, bool locked, struct error *e)
{
	switch (code) {
	case KRB5KDC_ERR_PREAUTH_FAILED:
	case KRB5KRB_AP_ERR_BAD_INTEGRITY:
	case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
		return denied(e);
	case KRB5KDC_ERR_CLIENT_REVOKED:
		if (locked) {
			error_fault(e, ERR_DENIED, "signin_locked", "the account is locked out");
			return VERDICT_LOCKED;
		}
		error_fault(e, ERR_DENIED, "signin_disabled", "the account is disabled");
		return VERDICT_DISABLED;
	case KRB5KDC_ERR_NAME_EXP:
	case KRB5KDC_ERR_POLICY:
		error_fault(e, ERR_DENIED, "signin_disabled",
			"the account has expired or may not sign in now");
		return VERDICT_DISABLED;
	default:
		return VERDICT_UNAVAILABLE;
	}
}

// An expired password still gives a ticket for changing it: only so it shows that it was right.
static enum verdict
expired(struct ad_ticket *t, krb5_principal user, const char *password, bool armour, bool locked,
	struct error *e)
{
	krb5_creds creds = {0};

	krb5_error_code code = try_password(t, user, password, "kadmin/changepw", armour, &creds);
	krb5_free_cred_contents(t->krb5, &creds);
	if (code) {
		enum verdict verdict = refusal(code, locked, e);
		return verdict != VERDICT_UNAVAILABLE
			? verdict
			: unavailable(t, code, "check of an expired password", e);
	}
	error_fault(e, ERR_DENIED, "signin_password_expired", "the password must be changed");
	return VERDICT_EXPIRED;
}

static enum verdict
ask(struct ad_ticket *t, const char *keytab, krb5_principal self, krb5_principal user,
	const char *password, bool locked, struct error *e)
{
	krb5_creds creds = {0};
	bool armour = offers_armour(t, self);

	krb5_error_code code = try_password(t, user, password, NULL, armour, &creds);
	if (code == KRB5KDC_ERR_KEY_EXP)
		return expired(t, user, password, armour, locked, e);
	if (code) {
		enum verdict verdict = refusal(code, locked, e);
		return verdict != VERDICT_UNAVAILABLE
			? verdict
			: unavailable(t, code, "check of a password", e);
	}
	code = armour ? 0 : prove_controller(t, keytab, self, &creds);
	krb5_free_cred_contents(t->krb5, &creds);
	if (code == 0)
		return VERDICT_ACCEPTED;
	unavailable(t, code, "proof of the domain controller", e);
	error_hint(e,
		"Switch on Kerberos armouring in the domain, or give the connector's account "
		"a servicePrincipalName.");
	return VERDICT_UNAVAILABLE;
}

static enum verdict
ask_kerberos(struct arena *arena, const struct ad_config *ad, const struct person *person,
	const char *password, struct error *e)
{
	const char *realm = str_upper(arena, ad->domain);
	const char *keytab = arena_printf(arena, "FILE:%s", ad->keytab);
	krb5_principal self = NULL, user = NULL;
	struct ad_ticket ticket;
	enum verdict verdict;

	if (!ad_ticket_armour(arena, ad, &ticket, e))
		return VERDICT_UNAVAILABLE;
	krb5_error_code code = krb5_cc_get_principal(ticket.krb5, ticket.ccache, &self);
	if (code == 0)
		code = krb5_build_principal(
			ticket.krb5, &user, (unsigned)strlen(realm), realm, person->account, NULL);
	verdict = code ? unavailable(&ticket, code, "name of the account", e)
		       : ask(&ticket, keytab, self, user, password, person->locked, e);
	krb5_free_principal(ticket.krb5, self);
	krb5_free_principal(ticket.krb5, user);
	ad_ticket_release(&ticket);
	return verdict;
}

enum verdict
password_check(const struct connector_config *config, const char *account, const char *password,
	struct error *e)
{
	autoarena(arena, (size_t)16 << 20);
	CLEANUP(ad_close_p) struct ad_session *session = NULL;
	struct person person;

	if (str_empty(account) || strlen(account) > MAX_ACCOUNT || str_empty(password))
		return denied(e);
	if (!ad_connect(&arena, &config->ad, &session, e))
		return VERDICT_UNAVAILABLE;
	enum verdict verdict = find_person(&arena, session, &config->sync, account, &person, e);
	return verdict == VERDICT_ACCEPTED ? ask_kerberos(&arena, &config->ad, &person, password, e)
					   : verdict;
}
