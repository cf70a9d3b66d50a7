// SPDX-License-Identifier: Apache-2.0
// What a Kerberos error on the device means for the person in front of it: a named fault.
#pragma once

#include "base/error.h"
#include <krb5.h>

// Whose password or key was used: the same code means different things.
enum krb_actor { KRB_USER, KRB_MACHINE };

// Faults (active-directory.md sections 6 and 7):
//   signin_wrong_password, signin_unknown_user, signin_disabled, signin_password_expired  the
//   user's machine_trust_broken    the computer account is gone, disabled, or has another password
//   dc_unreachable, ad_domain_unresolvable, clock_skew                                    the way
//   there ad_error                anything else, with Kerberos' text
//
// Always returns false.
bool krb_fault(struct error *e, enum krb_actor actor, krb5_error_code code, const char *text,
	const char *doing);
