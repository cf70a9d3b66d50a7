// SPDX-License-Identifier: Apache-2.0
#include "agent/domain_join.h"

#include "agent/keytab_file.h"
#include "base/clock.h"
#include "base/str.h"
#include <krb5.h>

static const krb5_enctype ENCTYPES[] = {
	ENCTYPE_AES256_CTS_HMAC_SHA1_96, ENCTYPE_AES128_CTS_HMAC_SHA1_96};

enum { KEY_COUNT = sizeof ENCTYPES / sizeof ENCTYPES[0], PRINCIPAL_COUNT = 4 };

CLEANUP_FN(krb5_context, krb5_free_context, free_context_p)

char *
domain_join_fqdn(struct arena *arena, const struct odj_info *info)
{
	return str_lower(arena, arena_printf(arena, "%s.%s", info->machine_name, info->dns_domain));
}

char *
domain_join_realm(struct arena *arena, const struct odj_info *info)
{
	return str_upper(arena, info->dns_domain);
}

static krb5_data
data_of(const char *text)
{
	return (krb5_data){.length = (unsigned)strlen(text), .data = (char *)(uintptr_t)text};
}

// AD's salt of a computer: realm, "host", lower-case name, ".", lower-case domain.
static bool
derive_keys(
	struct arena *arena, const struct odj_info *info, struct keytab_key *keys, struct error *e)
{
	CLEANUP(free_context_p) krb5_context krb5 = NULL;
	const krb5_data password = data_of(info->password_kerberos);
	const krb5_data salt = data_of(arena_printf(
		arena, "%shost%s", domain_join_realm(arena, info), domain_join_fqdn(arena, info)));

	if (krb5_init_context(&krb5) != 0)
		return error_set(e, ERR_INTERNAL, "cannot start Kerberos");
	for (size_t i = 0; i < KEY_COUNT; i++) {
		krb5_keyblock key;
		if (krb5_c_string_to_key(krb5, ENCTYPES[i], &password, &salt, &key) != 0)
			return error_set(e, ERR_CRYPTO, "cannot derive the machine's keys");
		keys[i] = (struct keytab_key){
			.enctype = ENCTYPES[i],
			.bytes =
				slice_of(arena_memdup(arena, key.contents, key.length), key.length),
		};
		krb5_free_keyblock_contents(krb5, &key);
	}
	return true;
}

bool
domain_join_write_keytab(
	const struct odj_info *info, const char *path, uint32_t kvno, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct keytab_key keys[KEY_COUNT];

	if (str_empty(info->machine_name) || str_empty(info->dns_domain) ||
		str_empty(info->password_kerberos))
		return error_set(e, ERR_INVALID, "the join information is incomplete");
	if (!derive_keys(&arena, info, keys, e))
		return false;
	const char *fqdn = domain_join_fqdn(&arena, info);
	const char *const principals[PRINCIPAL_COUNT] = {
		arena_printf(&arena, "%s$", info->machine_name),
		arena_printf(&arena, "host/%s", fqdn),
		arena_printf(&arena, "host/%s", info->machine_name),
		arena_printf(&arena, "RestrictedKrbHost/%s", fqdn),
	};
	return keytab_file_write(path, domain_join_realm(&arena, info), principals, PRINCIPAL_COUNT,
		keys, KEY_COUNT, kvno, clock_now() / US_PER_S, e);
}

char *
domain_join_krb5_conf(struct arena *arena, const struct odj_info *info, const char *keytab_path)
{
	const char *realm = domain_join_realm(arena, info);
	const char *domain = str_lower(arena, info->dns_domain);

	return arena_printf(arena,
		"[libdefaults]\n"
		"\tdefault_realm = %s\n"
		"\tdefault_keytab_name = FILE:%s\n"
		"\tdns_lookup_kdc = true\n"
		"\tdns_lookup_realm = false\n"
		"\tdns_canonicalize_hostname = false\n"
		"\trdns = false\n"
		"\tkdc_timesync = 0\n"
		"\tforwardable = false\n"
		"[domain_realm]\n"
		"\t.%s = %s\n"
		"\t%s = %s\n",
		realm, keytab_path, domain, realm, domain, realm);
}

char *
domain_join_sssd_conf(struct arena *arena, const struct odj_info *info, const char *keytab_path)
{
	const char *domain = str_lower(arena, info->dns_domain);

	return arena_printf(arena,
		"[sssd]\n"
		"config_file_version = 2\n"
		"services = nss, pam\n"
		"domains = %s\n"
		"[nss]\n"
		"filter_users = root\n"
		"filter_groups = root\n"
		"[pam]\n"
		"offline_credentials_expiration = 30\n"
		"[domain/%s]\n"
		"id_provider = ad\n"
		"auth_provider = ad\n"
		"access_provider = ad\n"
		"chpass_provider = ad\n"
		"ad_domain = %s\n"
		"ad_hostname = %s\n"
		"ad_gpo_access_control = disabled\n"
		"krb5_realm = %s\n"
		"krb5_keytab = %s\n"
		"krb5_validate = true\n"
		"ldap_sasl_authid = %s$\n"
		"ldap_id_mapping = true\n"
		"cache_credentials = true\n"
		"use_fully_qualified_names = false\n"
		"fallback_homedir = /home/%%u\n"
		"default_shell = /bin/bash\n"
		"dyndns_update = false\n",
		domain, domain, domain, domain_join_fqdn(arena, info),
		domain_join_realm(arena, info), keytab_path, info->machine_name);
}
