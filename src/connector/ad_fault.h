// SPDX-License-Identifier: Apache-2.0
// What an LDAP result or Kerberos error of a domain controller means for the person who must act:
// a named fault.
#pragma once

#include "base/error.h"
#include <krb5.h>

// Faults set here and in ad_ldap.c and computer_account.c:
//   ad_domain_unresolvable  DNS finds no domain controller
//   dc_unreachable          its address is known, but nothing connects
//   dc_timeout              it accepts connections and does not answer
//   clock_skew              its clock and ours differ by more than Kerberos allows
//   connector_credentials   keytab missing, outdated, or account disabled
//   computer_name_taken     another computer account has this name
//   ou_missing, ou_denied   the organizational unit
//   account_quota           ms-DS-MachineAccountQuota is used up (K10)
//   ad_error                anything else, with the server's text

// Set the error for LDAP result `rc` with the server's diagnostic text (may be NULL) while `doing`.
// Always returns false. Codes: active-directory.md section 6.
bool ad_ldap_fault(struct error *e, int rc, const char *diagnostic, const char *doing);

// Set the error for a Kerberos error of the connector's own ticket. Always returns false.
bool ad_krb5_fault(struct error *e, krb5_error_code code, const char *text, const char *doing);
