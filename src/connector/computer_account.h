// SPDX-License-Identifier: Apache-2.0
// Computer accounts of offline domain joins: made in one atomic step, marked with their job, never
// taken over from anybody else (threats-and-faults.md attack 6, behaviour J16).
//
// The mark is the text "ferry-odj:<job>" in the account's `description`. Whoever may create a
// computer may write that attribute in the same add and, as its creator, change it later; the
// computer itself may not. With the mark a connector that died between the add and the upload finds
// its account again, and nothing without the right mark is ever changed or deleted.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "connector/ad_ldap.h"
#include <stdint.h>

#define COMPUTER_MARK "ferry-odj:"

// The job of our mark, NULL when the text is none.
const char *computer_mark_job(const char *description);

enum {
	COMPUTER_NAME_MAX = 15,	       // NetBIOS
	COMPUTER_PASSWORD_CHARS = 120, // as Windows and Samba
};

struct computer_request {
	const char *job;	   // UUID of the ODJ job
	const char *name;	   // behaviour P20: letters, digits, hyphens; not digits only
	const char *ou;		   // DN, or NULL for the domain's default container
	const char *password;	   // UTF-8; see computer_password_new
	const char *const *adopts; // earlier jobs whose account may be taken over; may be NULL
};

struct computer_account {
	const char *dn, *name; // name without "$"
	char guid[UUID_TEXT];
	const char *sid;
	uint32_t rid;
	const char *job;	   // of our mark, NULL when the account does not carry one
	const char *dns_host_name; // may be NULL
	bool enabled;
	uint64_t password_set; // pwdLastSet: 100 ns since 1601; 0 = never or to be changed
};

// A random machine password of printable ASCII characters.
char *computer_password_new(struct arena *arena);

// Everything that can be judged without asking the directory: Samba and AD accept foreign host
// names, long names and short passwords. ERR_INVALID.
bool computer_request_check(struct arena *arena, const struct ad_domain *domain,
	const struct computer_request *request, struct error *e) MUST_CHECK;

// The account with this name, wherever in the domain it is. *found is false when there is none.
bool computer_find_by_name(struct arena *arena, struct ad_session *session, const char *name,
	bool *found, struct computer_account *out, struct error *e) MUST_CHECK;

// The account that carries the mark of `job`, below `base` (an OU, or NULL for the whole domain,
// which is slow in a large one). ERR_CONFLICT when there is more than one.
bool computer_find_by_mark(struct arena *arena, struct ad_session *session, const char *base,
	const char *job, bool *found, struct computer_account *out, struct error *e) MUST_CHECK;

// The account as it is now, by the objectGUID that was recorded: for later checks of the join.
bool computer_read(struct arena *arena, struct ad_session *session, const char *guid, bool *found,
	struct computer_account *out, struct error *e) MUST_CHECK;

// Create the account, enabled and with its password, in one add. After dc_timeout or dc_unreachable
// the account may exist: run the job again with computer_provision.
// Faults: computer_name_taken (the message says where), ou_denied, ou_missing, account_quota, and
// those of ad_connect.
bool computer_create(struct arena *arena, struct ad_session *session,
	const struct computer_request *request, struct computer_account *out,
	struct error *e) MUST_CHECK;

// Take over the account of an earlier job by the objectGUID that was recorded then: a new password,
// enabled again if it was disabled, and the mark of the request's job. Only if it carries a mark of
// ours, of whatever job.
bool computer_readopt(struct arena *arena, struct ad_session *session, const char *guid,
	const struct computer_request *request, struct computer_account *out,
	struct error *e) MUST_CHECK;

// What a connector does with a job, as often as it likes: adopt the account if this job made it,
// refuse the name if anybody else did, create it otherwise. *adopted tells which.
bool computer_provision(struct arena *arena, struct ad_session *session,
	const struct computer_request *request, bool *adopted, struct computer_account *out,
	struct error *e) MUST_CHECK;

// Delete the account with this objectGUID, but only if it carries the mark of `job` (""; any mark
// of ours). One that is gone already is no error. ERR_CONFLICT when the mark is not there,
// ERR_DENIED with fault account_denied.
bool computer_delete(struct arena *arena, struct ad_session *session, const char *guid,
	const char *job, struct error *e) MUST_CHECK;

// Let an account be used or not, under the same conditions; one that is so already is left alone.
bool computer_enable(struct arena *arena, struct ad_session *session,
	const struct computer_account *account, const char *job, bool enabled,
	struct error *e) MUST_CHECK;

// The offline-domain-join blob (binary NDR) of an account made or adopted in this session.
bool computer_blob(struct arena *arena, const struct ad_session *session,
	const struct computer_account *account, const char *password, struct slice *out,
	struct error *e) MUST_CHECK;
