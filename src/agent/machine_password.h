// SPDX-License-Identifier: Apache-2.0
// How the computer gives itself another password, so that the one of the join blob is worth nothing
// (threats-and-faults.md row 4), without a moment in which a power cut loses both.
#pragma once

#include "agent/kerberos.h"

// Change the password of NAME$ at the domain controller (RFC 3244) and put its keys into the
// keytab.
//
// The new keys are written beside the keytab (".new") before the controller is asked, and take its
// place only when the controller has accepted them; until then the old ones stay. A run that was
// cut off is settled by the next: whichever of the two the controller accepts is kept. Faults:
// machine_password_refused, and those of machine_prove().
bool machine_password_change(const struct krb_machine *machine, struct error *e) MUST_CHECK;
