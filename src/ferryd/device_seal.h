// SPDX-License-Identifier: Apache-2.0
// The computer account of a device that was resealed: if the domain-join profile says so it cannot
// be used until the User flow begins, so that whoever takes the device on its way takes no member
// of the domain (threats-and-faults.md row 10).
#pragma once

#include "ferryd/service.h"

// The device was resealed: order that its account is disabled. Repeating it is no error.
bool seal_account(struct call *c, struct error *e) MUST_CHECK;

// The User flow begins: order that the account is enabled if it was disabled for this reason, and
// wait for it. *waits: the answer comes later. Faults: connector_down, and what the
// connector found.
bool unseal_account(struct call *c, bool *waits, struct error *e) MUST_CHECK;
