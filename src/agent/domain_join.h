// SPDX-License-Identifier: Apache-2.0
// What a decoded offline-domain-join blob becomes on the device: a keytab and a Kerberos
// configuration, made without any domain controller (behaviour T14, J14, W6).
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "wire/odj/odj.h"
#include <stdint.h>

// Write the machine's keytab: AES256 and AES128 keys derived from the password with AD's salt
// (MS-KILE 3.1.1.2), under NAME$, host/fqdn, host/NAME and RestrictedKrbHost/fqdn. Replaces the
// file atomically, mode 0600. `kvno` is 1 for a new account; machine_prove corrects it if the
// account got another password before the blob was made.
bool domain_join_write_keytab(
	const struct odj_info *info, const char *path, uint32_t kvno, struct error *e) MUST_CHECK;

// Text of a krb5.conf for a member of the domain with its keytab at `keytab_path`: controllers by
// DNS, no reverse look-ups, and clock differences are errors instead of being papered over.
char *domain_join_krb5_conf(
	struct arena *arena, const struct odj_info *info, const char *keytab_path);

// Text of an sssd.conf with which users of the domain sign in: the controller is proven with the
// machine's key before a password counts, and a user who has signed in once can do so off the
// network for 30 days.
char *domain_join_sssd_conf(
	struct arena *arena, const struct odj_info *info, const char *keytab_path);

// "pc-0001.corp.example.com", and the realm "CORP.EXAMPLE.COM".
char *domain_join_fqdn(struct arena *arena, const struct odj_info *info);
char *domain_join_realm(struct arena *arena, const struct odj_info *info);
