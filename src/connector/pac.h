// SPDX-License-Identifier: Apache-2.0
// Which account a Kerberos ticket is for, as the domain controller signed it: names in tickets can
// be chosen by those who may rename accounts, a SID cannot.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

// The SID in UPN_DNS_INFO of a ticket's PAC (MS-PAC 2.10; controllers give it since the updates of
// November 2021). ERR_UNSUPPORTED when it has none, ERR_PROTOCOL when it is malformed.
bool pac_sid(
	struct arena *arena, struct slice upn_dns_info, char **sid, struct error *e) MUST_CHECK;
