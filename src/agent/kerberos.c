// SPDX-License-Identifier: Apache-2.0
#include "agent/kerberos.h"

#include "agent/keytab_file.h"
#include "agent/krb_session.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include <profile.h>

enum { PORT_KERBEROS = 88, PORT_LDAP = 389, MAX_CONTROLLERS = 3, MAX_KEYS = 8 };

#define HOST_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-"

static const char OFF_SITE[] = "Connect to the organization's network or its VPN.";

bool
dc_reachable(struct arena *arena, const char *domain, int timeout_ms, struct dc_target *out,
	struct error *e)
{
	struct dc_target target = {0};
	struct srv_list list;

	if (!srv_lookup(arena, arena_printf(arena, "_ldap._tcp.dc._msdcs.%s", domain), &list, e)) {
		e->fault = "ad_domain_unresolvable";
		return error_hint(e, "%s", OFF_SITE);
	}
	int tries = list.count < MAX_CONTROLLERS ? (int)list.count : MAX_CONTROLLERS;
	int64_t end = clock_monotonic_ms() + timeout_ms;
	for (int i = 0; i < tries; i++) {
		int share = (int)(end - clock_monotonic_ms()) / (tries - i);
		target.host = list.targets[i].host;
		if (tcp_probe(target.host, PORT_KERBEROS, share / 2, target.address, e) &&
			tcp_probe(target.host, PORT_LDAP, share / 2, NULL, e)) {
			*out = target;
			return true;
		}
	}
	e->fault = e->code == ERR_NOT_FOUND ? "ad_domain_unresolvable" : "dc_unreachable";
	return error_hint(e, "%s", OFF_SITE);
}

bool
krb_ask_only(const char *path, const char *domain, const char *host, struct error *e)
{
	autoarena(arena, ARENA_SMALL);

	// A name that ends its line would add settings of its own.
	if (str_empty(host) || host[strspn(host, HOST_CHARACTERS)])
		return error_set(e, ERR_INVALID, "a controller has no usable name");
	return fs_write(path,
		slice_str(arena_printf(&arena,
			"[realms]\n\t%s = {\n\t\tkdc = %s\n\t\tkpasswd_server = %s\n\t}\n",
			str_upper(&arena, domain), host, host)),
		0644, e);
}

bool
krb_session_fault(const struct krb_session *s, enum krb_actor actor, krb5_error_code code,
	const char *doing, struct error *e)
{
	const char *text = krb5_get_error_message(s->krb5, code);

	krb_fault(e, actor, code, text, doing);
	krb5_free_error_message(s->krb5, text);
	return false;
}

static bool
open_context(struct krb_session *s, struct error *e)
{
	// What the first says wins; a list of controllers in it keeps DNS from being asked.
	const char *files[] = {s->machine->only, s->machine->config, NULL};
	const char **used = files + (s->machine->only ? 0 : 1);
	profile_t profile = NULL;

	if (s->machine->config && profile_init(used, &profile) != 0)
		return error_set(e, ERR_INVALID, "cannot read the Kerberos configuration %s",
			s->machine->config);
	krb5_error_code code = profile ? krb5_init_context_profile(profile, 0, &s->krb5)
				       : krb5_init_context(&s->krb5);
	if (profile)
		profile_release(profile);
	if (code == 0)
		code = krb5_set_default_realm(s->krb5, s->realm);
	return code == 0 || krb_session_fault(s, KRB_MACHINE, code, "Kerberos", e);
}

static krb5_error_code
open_names(struct arena *arena, struct krb_session *s)
{
	const struct krb_machine *m = s->machine;
	const char *fqdn = str_lower(arena, arena_printf(arena, "%s.%s", m->name, m->domain));

	krb5_error_code code =
		krb5_kt_resolve(s->krb5, arena_printf(arena, "FILE:%s", m->keytab), &s->keytab);
	if (code == 0)
		code = krb5_parse_name(
			s->krb5, arena_printf(arena, "%s$@%s", m->name, s->realm), &s->self);
	if (code == 0)
		code = krb5_parse_name(
			s->krb5, arena_printf(arena, "host/%s@%s", fqdn, s->realm), &s->host);
	return code;
}

bool
krb_session_open(struct arena *arena, const struct krb_machine *machine, struct krb_session *out,
	struct error *e)
{
	struct krb_session s = {
		.machine = machine,
		.realm = str_upper(arena, machine->domain),
	};

	if (!open_context(&s, e)) {
		krb_session_close(&s);
		return false;
	}
	krb5_error_code code = open_names(arena, &s);
	if (code) {
		krb_session_fault(&s, KRB_MACHINE, code, "Kerberos", e);
		krb_session_close(&s);
		return false;
	}
	*out = s;
	return true;
}

void
krb_session_close(struct krb_session *s)
{
	if (s->ccache)
		krb5_cc_destroy(s->krb5, s->ccache);
	if (s->keytab)
		krb5_kt_close(s->krb5, s->keytab);
	krb5_free_principal(s->krb5, s->self);
	krb5_free_principal(s->krb5, s->host);
	if (s->krb5)
		krb5_free_context(s->krb5);
	*s = (struct krb_session){0};
}

// Lets the library store the ticket itself, because then it notes beside it whether the KDC offers
// armour (FAST).
bool
krb_session_machine_tgt(struct krb_session *s, struct error *e)
{
	krb5_get_init_creds_opt *options = NULL;
	krb5_creds creds = {0};

	krb5_error_code code = krb5_cc_new_unique(s->krb5, "MEMORY", NULL, &s->ccache);
	if (code == 0)
		code = krb5_get_init_creds_opt_alloc(s->krb5, &options);
	if (code == 0)
		code = krb5_get_init_creds_opt_set_out_ccache(s->krb5, options, s->ccache);
	if (code == 0)
		code = krb5_get_init_creds_keytab(
			s->krb5, &creds, s->self, s->keytab, 0, NULL, options);
	krb5_get_init_creds_opt_free(s->krb5, options);
	krb5_free_cred_contents(s->krb5, &creds);
	return code == 0 || krb_session_fault(s, KRB_MACHINE, code, "sign-in of this computer", e);
}

// A service ticket for this host, and the key version it is sealed with.
static bool
own_service_ticket(struct krb_session *s, krb5_creds **out, uint32_t *kvno, struct error *e)
{
	krb5_creds wanted = {.client = s->self, .server = s->host}, *got = NULL;
	krb5_ticket *ticket = NULL;

	krb5_error_code code = krb5_get_credentials(s->krb5, 0, s->ccache, &wanted, &got);
	if (code)
		return krb_session_fault(s, KRB_MACHINE, code, "ticket for this computer", e);
	code = krb5_decode_ticket(&got->ticket, &ticket);
	if (code) {
		krb5_free_creds(s->krb5, got);
		return krb_session_fault(s, KRB_MACHINE, code, "ticket for this computer", e);
	}
	*kvno = ticket->enc_part.kvno;
	krb5_free_ticket(s->krb5, ticket);
	*out = got;
	return true;
}

// Open the ticket as a service would: only the right key can.
static krb5_error_code
verify_ticket(struct krb_session *s, krb5_creds *creds)
{
	krb5_auth_context out = NULL, in = NULL;
	krb5_data request = {0};

	krb5_error_code code = krb5_mk_req_extended(s->krb5, &out, 0, NULL, creds, &request);
	if (code == 0) {
		code = krb5_auth_con_init(s->krb5, &in);
		// No replay cache: the request never left this process.
		if (code == 0)
			code = krb5_auth_con_setflags(s->krb5, in, 0);
		if (code == 0)
			code = krb5_rd_req(s->krb5, &in, &request, s->host, s->keytab, NULL, NULL);
		krb5_free_data_contents(s->krb5, &request);
	}
	krb5_auth_con_free(s->krb5, out);
	krb5_auth_con_free(s->krb5, in);
	return code;
}

// The keys of NAME$ in the keytab.
static size_t
read_keys(struct arena *arena, struct krb_session *s, struct keytab_key *keys)
{
	krb5_kt_cursor cursor;
	krb5_keytab_entry entry;
	size_t count = 0;

	if (krb5_kt_start_seq_get(s->krb5, s->keytab, &cursor) != 0)
		return 0;
	while (count < MAX_KEYS && krb5_kt_next_entry(s->krb5, s->keytab, &entry, &cursor) == 0) {
		if (krb5_principal_compare(s->krb5, entry.principal, s->self))
			keys[count++] = (struct keytab_key){
				.enctype = entry.key.enctype,
				.bytes = slice_of(
					arena_memdup(arena, entry.key.contents, entry.key.length),
					entry.key.length),
			};
		krb5_free_keytab_entry_contents(s->krb5, &entry);
	}
	krb5_kt_end_seq_get(s->krb5, s->keytab, &cursor);
	return count;
}

static bool
keytab_has_version(struct krb_session *s, uint32_t kvno)
{
	krb5_keytab_entry entry;

	if (krb5_kt_get_entry(s->krb5, s->keytab, s->host, kvno, 0, &entry) != 0)
		return false;
	krb5_free_keytab_entry_contents(s->krb5, &entry);
	return true;
}

static bool
renumber_keytab(struct krb_session *s, uint32_t kvno, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	const struct krb_machine *m = s->machine;
	struct keytab_key keys[MAX_KEYS];
	const char *fqdn = str_lower(&arena, arena_printf(&arena, "%s.%s", m->name, m->domain));
	const char *const principals[] = {
		arena_printf(&arena, "%s$", m->name),
		arena_printf(&arena, "host/%s", fqdn),
		arena_printf(&arena, "host/%s", m->name),
		arena_printf(&arena, "RestrictedKrbHost/%s", fqdn),
	};

	size_t count = read_keys(&arena, s, keys);
	if (count == 0)
		return error_fault(e, ERR_DENIED, "machine_trust_broken",
			"the keytab holds no key of %s$", m->name);
	return keytab_file_write(m->keytab, s->realm, principals,
		sizeof principals / sizeof principals[0], keys, count, kvno, clock_now() / US_PER_S,
		e);
}

static bool
prove(struct krb_session *s, uint32_t *kvno, struct error *e)
{
	krb5_creds *creds = NULL;

	if (!krb_session_machine_tgt(s, e) || !own_service_ticket(s, &creds, kvno, e))
		return false;
	// The TGT has shown that the key is right, so only its number can be wrong.
	bool ok = keytab_has_version(s, *kvno) || renumber_keytab(s, *kvno, e);
	krb5_error_code code = ok ? verify_ticket(s, creds) : 0;
	krb5_free_creds(s->krb5, creds);
	if (ok && code)
		return krb_session_fault(s, KRB_MACHINE, code, "proof of membership", e);
	return ok;
}

bool
machine_prove(const struct krb_machine *machine, uint32_t *kvno, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct krb_session s = {0};
	uint32_t version = 0;

	if (!krb_session_open(&arena, machine, &s, e))
		return false;
	bool ok = prove(&s, &version, e);
	krb_session_close(&s);
	if (ok && kvno)
		*kvno = version;
	return ok;
}
