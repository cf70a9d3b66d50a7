// SPDX-License-Identifier: Apache-2.0
// Is this the person's password? The domain controller's own answer, under FAST armour, from a
// controller that has proved itself.
#pragma once

#include "connector/config.h"
#include "connector/verdict.h"

// `account` is a sAMAccountName of a user below the synchronized bases; others are denied without
// asking. `e` is set unless accepted: signin_wrong_password, signin_password_expired,
// signin_locked, signin_disabled, or why it could not be checked.
//
// Locked and disabled are the controller's answer whatever the password was.
enum verdict password_check(const struct connector_config *config, const char *account,
	const char *password, struct error *e) MUST_CHECK;
