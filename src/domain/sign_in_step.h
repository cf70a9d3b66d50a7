// SPDX-License-Identifier: Apache-2.0
// What is still missing when a person signs in, in which order it is asked for, and when an old
// session no longer suffices.
#pragma once

#include "base/clock.h"

enum sign_in_step {
	STEP_CREDENTIAL,      // user name and password, or Temporary Access Pass
	STEP_MFA,	      // the authenticator app's code
	STEP_SET_UP_MFA,      // none is set up, but one is needed
	STEP_CHANGE_PASSWORD, // the present one may not be kept, or there is none
	STEP_DONE,
};

enum mfa_policy { MFA_OPTIONAL, MFA_ADMINISTRATORS, MFA_EVERYONE };

struct sign_in_facts {
	bool credential;  // password, pass or foreign issuer were good
	bool strong;	  // a second factor was given, or a pass or an issuer that stands for both
	bool has_mfa;	  // an authenticator app is set up
	bool administers; // has a role that lets him change anything
	bool local;	  // the password is Ferry's own
	bool foreign;	  // another issuer signed the person in, and answers for the factors
	bool must_change;
	enum mfa_policy policy;
};

enum sign_in_step sign_in_next(const struct sign_in_facts *facts);

// Sessions end after 12 hours without use and 7 days in any case; a sign-in that was begun but not
// finished after 15 minutes.
#define SESSION_IDLE (12 * 60 * US_PER_MIN)
#define SESSION_ABSOLUTE (7 * US_PER_DAY)
#define SESSION_UNFINISHED (15 * US_PER_MIN)
