// SPDX-License-Identifier: Apache-2.0
// A private Kerberos context with the machine's keytab and ticket; shared by kerberos.c and
// sign_in.c only.
#pragma once

#include "agent/kerberos.h"
#include "agent/krb_fault.h"
#include <krb5.h>

struct krb_session {
	const struct krb_machine *machine;
	const char *realm;
	krb5_context krb5;
	krb5_keytab keytab;
	krb5_principal self; // NAME$
	krb5_principal host; // host/fqdn
	krb5_ccache ccache;  // MEMORY: with the machine's TGT, or NULL
};

// Opens context, keytab and names; asks nobody.
bool krb_session_open(struct arena *arena, const struct krb_machine *machine,
	struct krb_session *out, struct error *e) MUST_CHECK;

// Gets the machine's TGT into the session's cache.
bool krb_session_machine_tgt(struct krb_session *s, struct error *e) MUST_CHECK;

void krb_session_close(struct krb_session *s);

// As krb_fault, with the context's text. Always false.
bool krb_session_fault(const struct krb_session *s, enum krb_actor actor, krb5_error_code code,
	const char *doing, struct error *e);
