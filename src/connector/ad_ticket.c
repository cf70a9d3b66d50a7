// SPDX-License-Identifier: Apache-2.0
#include "connector/ad_ticket.h"

#include "base/str.h"
#include "connector/ad_fault.h"
#include <gssapi/gssapi_krb5.h>
#include <profile.h>

static bool
fault(struct error *e, krb5_context krb5, krb5_error_code code, const char *doing)
{
	const char *text = krb5_get_error_message(krb5, code);

	ad_krb5_fault(e, code, text, doing);
	krb5_free_error_message(krb5, text);
	return false;
}

const char *
ad_principal(struct arena *arena, const struct ad_config *config)
{
	if (strchr(config->principal, '@'))
		return config->principal;
	return arena_printf(arena, "%s@%s", config->principal, str_upper(arena, config->domain));
}

static bool
open_context(const char *krb5_conf, krb5_context *out, struct error *e)
{
	const char *files[] = {krb5_conf, NULL};
	profile_t profile;

	if (!krb5_conf) {
		krb5_error_code code = krb5_init_context(out);
		return code == 0 || fault(e, NULL, code, "Kerberos configuration");
	}
	if (profile_init(files, &profile) != 0)
		return error_set(
			e, ERR_INVALID, "cannot read the Kerberos configuration %s", krb5_conf);
	krb5_error_code code = krb5_init_context_profile(profile, 0, out);
	profile_release(profile);
	return code == 0 || fault(e, NULL, code, "Kerberos configuration");
}

// The library stores the ticket itself, because then it notes beside it whether the controller
// offers armour (FAST).
static krb5_error_code
get_tgt(struct ad_ticket *t, krb5_principal client, const char *keytab_name)
{
	krb5_get_init_creds_opt *options = NULL;
	krb5_keytab keytab;
	krb5_creds creds = {0};

	krb5_error_code code = krb5_kt_resolve(t->krb5, keytab_name, &keytab);
	if (code)
		return code;
	code = krb5_get_init_creds_opt_alloc(t->krb5, &options);
	if (code == 0)
		code = krb5_get_init_creds_opt_set_out_ccache(t->krb5, options, t->ccache);
	if (code == 0)
		code = krb5_get_init_creds_keytab(
			t->krb5, &creds, client, keytab, 0, NULL, options);
	krb5_get_init_creds_opt_free(t->krb5, options);
	krb5_free_cred_contents(t->krb5, &creds);
	krb5_kt_close(t->krb5, keytab);
	return code;
}

static krb5_error_code
get_service_ticket(struct ad_ticket *t, krb5_principal client, const char *host)
{
	krb5_creds wanted = {.client = client}, *got = NULL;
	const krb5_data *realm = krb5_princ_realm(t->krb5, client);

	krb5_error_code code = krb5_build_principal(
		t->krb5, &wanted.server, realm->length, realm->data, "ldap", host, NULL);
	if (code)
		return code;
	code = krb5_get_credentials(t->krb5, 0, t->ccache, &wanted, &got);
	krb5_free_principal(t->krb5, wanted.server);
	krb5_free_creds(t->krb5, got);
	return code;
}

static bool
fill(struct ad_ticket *t, const char *keytab_name, const char *principal, const char *host,
	struct error *e)
{
	krb5_principal client;

	krb5_error_code code = krb5_cc_new_unique(t->krb5, "MEMORY", NULL, &t->ccache);
	if (code == 0)
		code = krb5_cc_get_full_name(t->krb5, t->ccache, &t->name);
	if (code)
		return fault(e, t->krb5, code, "ticket cache");
	code = krb5_parse_name(t->krb5, principal, &client);
	if (code)
		return fault(e, t->krb5, code, "name of the connector's account");
	code = get_tgt(t, client, keytab_name);
	if (code)
		fault(e, t->krb5, code, "ticket of the connector's account");
	if (code == 0 && host) {
		code = get_service_ticket(t, client, host);
		if (code)
			fault(e, t->krb5, code, "ticket for the domain controller");
	}
	krb5_free_principal(t->krb5, client);
	return code == 0;
}

bool
ad_ticket_get(struct arena *arena, const char *krb5_conf, const char *keytab, const char *principal,
	const char *host, struct ad_ticket *out, struct error *e)
{
	struct ad_ticket t = {0};

	if (!open_context(krb5_conf, &t.krb5, e))
		return false;
	if (!fill(&t, arena_printf(arena, "FILE:%s", keytab), principal, host, e)) {
		ad_ticket_release(&t);
		return false;
	}
	*out = t;
	return true;
}

bool
ad_ticket_armour(
	struct arena *arena, const struct ad_config *config, struct ad_ticket *out, struct error *e)
{
	return ad_ticket_get(arena, config->krb5_conf, config->keytab, ad_principal(arena, config),
		NULL, out, e);
}

void
ad_ticket_release(struct ad_ticket *t)
{
	if (t->name)
		krb5_free_string(t->krb5, t->name);
	if (t->ccache)
		krb5_cc_destroy(t->krb5, t->ccache);
	if (t->krb5)
		krb5_free_context(t->krb5);
	*t = (struct ad_ticket){0};
}

bool
ad_ticket_use(const struct ad_ticket *t, struct error *e)
{
	OM_uint32 minor;

	if (gss_krb5_ccache_name(&minor, t ? t->name : NULL, NULL) == GSS_S_COMPLETE)
		return true;
	return error_fault(e, ERR_INTERNAL, "ad_error", "GSSAPI refused the ticket cache");
}
