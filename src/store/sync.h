// SPDX-License-Identifier: Apache-2.0
// People and groups of Active Directory as connectors tell them: matched by objectGUID, written so
// that repeating or interrupting a run does no harm, never over somebody of our own.
#pragma once

#include "base/slice.h"
#include "store/jobs.h"

enum {
	SYNC_LEASE_S = 120,
	SYNC_GONE_FEW = 50,	// so many may be missing without a question,
	SYNC_GONE_PERCENT = 25, // or this part of all
};

struct sync_order {
	const char *run_id, *cursor;
	bool full; // an administrator wants everything compared
};

// Is a run of this connector's domain due, and may this connector do it? One connector of a domain
// at a time: another's run holds it off until it ends or has been silent for SYNC_LEASE_S.
bool store_sync_begin(const struct work *w, const struct connector *connector, time_us interval,
	bool *due, struct sync_order *out, struct error *e) MUST_CHECK;

struct sync_user {
	const char *guid, *sid, *account, *upn;
	const char *display_name, *given_name, *surname, *mail, *department, *job_title;
	const char *usage_location;
	const char *attributes; // JSON object
	bool enabled;
	int64_t usn;
};

struct sync_group {
	const char *guid, *sid, *account, *display_name, *description;
	const char *const *members; // objectGUIDs of users and groups
	size_t member_count;
	bool more; // further members follow: those that are missing are removed after the last part
};

struct sync_gone {
	const char *guid;
	bool deleted; // false: it still exists, outside of what is synchronized
};

struct sync_batch {
	const char *run_id;
	bool full;
	const struct sync_user *users;
	size_t user_count;
	const struct sync_group *groups;
	size_t group_count;
	const struct sync_gone *gone;
	size_t gone_count;
	const char *cursor; // NULL: more follows
};

// Store a batch in transactions of bounded size. An object that cannot be stored becomes a problem
// (upn_taken, upn_suffix_refused, upn_not_routable, group_name_taken, sync_foreign_object), the
// others are stored. With a cursor the run ends: after a full one everything that it has not
// seen is removed. ERR_CONFLICT with fault sync_superseded: another run has begun;
// sync_too_many_gone.
bool store_sync_batch(const struct work *w, const struct connector *connector,
	const struct sync_batch *batch, struct error *e) MUST_CHECK;

// The run ended badly.
bool store_sync_failed(const struct work *w, const struct connector *connector, const char *run_id,
	const char *fault, const char *message, struct error *e) MUST_CHECK;

// Ask for a run of a domain soon. ERR_NOT_FOUND when no connector serves it.
bool store_sync_request(const struct work *w, const char *domain, bool full, bool force,
	struct error *e) MUST_CHECK;

struct sync_person {
	const char *user_id, *upn;
	bool enabled;
};

// The synchronized user with this SID; ERR_NOT_FOUND.
bool store_sync_person(const struct work *w, const char *domain, const char *sid,
	struct sync_person *out, struct error *e) MUST_CHECK;

struct sync_connector {
	const char *connector_id, *domain;
	struct slice certificate; // DER
	time_us last_seen_at;
};

// The connectors of a domain (NULL: of every domain of the tenant) that are enrolled.
bool store_sync_connectors(const struct work *w, const char *domain, struct sync_connector **out,
	size_t *count, struct error *e) MUST_CHECK;

// A sealed check on its way to a connector that waits at another ferryd of the same PostgreSQL
// database. The row is gone when it is handed over, and after SYNC_CHECK_S at the latest.
struct sync_check {
	const char *check_id, *connector_id, *kind;
	struct slice sealed;
};

enum { SYNC_CHECK_S = 30 };

bool store_check_put(const struct work *w, const struct sync_check *in, struct error *e) MUST_CHECK;
bool store_check_take(const struct work *w, const char *connector_id, bool *found,
	struct sync_check *out, struct error *e) MUST_CHECK;

// Take it back; *waiting: nobody had taken it.
bool store_check_withdraw(
	const struct work *w, const char *check_id, bool *waiting, struct error *e) MUST_CHECK;

// The answer goes back in the same way. ERR_NOT_FOUND while there is none.
bool store_check_answer(const struct work *w, const char *check_id, const char *connector_id,
	const char *answer, struct error *e) MUST_CHECK;
bool store_check_result(const struct work *w, const char *check_id, const char *connector_id,
	const char **answer, struct error *e) MUST_CHECK;
