// SPDX-License-Identifier: Apache-2.0
// What a domain looks like to the connector's account: its quota, an account of ours, and whether
// every controller knows it.
#pragma once

#include "connector/ad_ldap.h"
#include "connector/ad_pages.h"
#include "connector/computer_account.h"

// ms-DS-MachineAccountQuota of the domain; 0 when it is not set.
bool ad_read_quota(
	struct arena *arena, struct ad_session *session, int64_t *out, struct error *e) MUST_CHECK;

// Some account with our mark. dn NULL: there is none that the account may see.
struct ad_sample {
	const char *dn;
	bool writable; // userAccountControl, for disabling it
};
bool ad_sample_account(struct arena *arena, struct ad_session *session, struct ad_sample *out,
	struct error *e) MUST_CHECK;

// Is an account with our mark that `session` knows for five minutes known at this controller too?
// *known is true when there is no such account.
bool ad_knows_sample(struct arena *arena, const struct ad_config *config,
	struct ad_session *session, const char *controller, bool *known,
	struct error *e) MUST_CHECK;

// Every account with our mark directly below the container, of those that changed in the last
// `seconds` (0: all).
struct ad_marked {
	char guid[UUID_TEXT];
	const char *name, *job;
};
typedef bool ad_marked_fn(void *ctx, const struct ad_marked *account, struct error *e);
bool ad_each_marked(struct ad_session *session, const char *container, int64_t seconds,
	ad_marked_fn *each, void *ctx, struct error *e) MUST_CHECK;
