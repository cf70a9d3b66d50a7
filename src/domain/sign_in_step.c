// SPDX-License-Identifier: Apache-2.0
#include "domain/sign_in_step.h"

static bool
needs_mfa(const struct sign_in_facts *f)
{
	return f->policy == MFA_EVERYONE || (f->policy == MFA_ADMINISTRATORS && f->administers);
}

// The second factor is asked for before the password may be changed: who found out the password
// must not be able to change it. Setting one up comes last, after a good password.
enum sign_in_step
sign_in_next(const struct sign_in_facts *f)
{
	if (!f->credential)
		return STEP_CREDENTIAL;
	if (f->has_mfa && !f->strong)
		return STEP_MFA;
	if (f->local && f->must_change)
		return STEP_CHANGE_PASSWORD;
	if (!f->has_mfa && needs_mfa(f) && !f->foreign)
		return STEP_SET_UP_MFA;
	return STEP_DONE;
}
