// SPDX-License-Identifier: Apache-2.0
// Inside a transaction: which groups the rules about users find somebody for. Only the store
// includes this.
//
// People are few beside devices, so each is judged alone: at once when the person changes, and all
// of a tenant when a rule does, in portions if they are many. The result is rows of group_user with
// by_rule 1. A group whose processing is paused keeps its members.
#pragma once

#include "store/settle.h"

// Read the tenant's groups once, for any number of users of this transaction. Errors as
// rule_compile(): a stored rule does compile.
bool user_judge_open(
	struct db *db, const struct work *w, struct assigner **out, struct error *e) MUST_CHECK;

// Look at one user again: after a property or an assigned group changed.
bool user_judge_apply(
	struct assigner *a, struct db *db, const char *user_id, struct error *e) MUST_CHECK;

// The two in one.
bool user_groups_apply(
	struct db *db, const struct work *w, const char *user_id, struct error *e) MUST_CHECK;

// A rule changed: look at everybody again, as long as they are few and their rules take few steps;
// user_groups_settle() does the rest. `group_id` is the group whose rule is new, which must suit
// everybody that is looked at here: ERR_LIMIT membership_rule_too_slow.
bool user_groups_refresh(
	struct db *db, const struct work *w, const char *group_id, struct error *e) MUST_CHECK;

// Groups got other members in another way (`user_id`: of this user only; NULL: of many): rules that
// ask for memberOf are put again.
bool user_groups_moved(
	struct db *db, const struct work *w, const char *user_id, struct error *e) MUST_CHECK;

// The same of many, when it can wait for user_groups_settle().
bool user_groups_moved_later(struct db *db, const struct work *w, struct error *e) MUST_CHECK;

// The next portion of users that wait, of any tenant: at most limit->devices, and as long as their
// rules take few enough steps. *more: whether something was left.
bool user_groups_settle(struct db *db, const struct work *w, const struct settle_limit *limit,
	bool *more, struct error *e) MUST_CHECK;
