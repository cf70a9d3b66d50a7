// SPDX-License-Identifier: Apache-2.0
// How the computer gives itself another password, so that the one of the join blob is worth nothing
// (threats-and-faults.md row 4), without a moment in which a power cut loses both.
#pragma once

#include "agent/kerberos.h"

// Change the password of NAME$ at the domain controller (RFC 3244) and put its keys into the
// keytab.
//
// The new keys are written beside the keytab (".new", and the password as ".secret") before the
// controller is asked, and take its place only when a controller has accepted them; until then the
// old ones stay. A run that was cut off is done again with the same password.
// Faults: machine_password_refused, and those of machine_prove().
bool machine_password_change(const struct krb_machine *machine, struct error *e) MUST_CHECK;

// Before the keytab is used: if a run was cut off and the controller knows the new keys, they take
// its place.
bool machine_password_settle(
	const struct krb_machine *machine, bool *settled, struct error *e) MUST_CHECK;

// What a run that was cut off left beside the keytab goes: another join gives another password.
bool machine_password_forget(const char *keytab, struct error *e) MUST_CHECK;
