// SPDX-License-Identifier: Apache-2.0
#include "ferryd/directory_check.h"

// Connectors cannot be asked for this yet: nobody is let in unasked.
bool
directory_password_check(struct call *c, const struct directory_account *account,
	const char *password, enum directory_verdict *out, struct error *e)
{
	(void)c;
	(void)password;
	*out = DIRECTORY_DENIED;
	return error_fault(e, ERR_UNAVAILABLE, "connector_unavailable",
		"no connector of %s checks passwords", account->domain);
}
