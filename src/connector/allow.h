// SPDX-License-Identifier: Apache-2.0
// What this connector may be asked for, whoever asks: a compromised service is not a compromised
// domain (threats row 5).
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "connector/job.h"

enum { ALLOW_MAX_OUS = 64, ALLOW_MAX_PER_HOUR = 10000 };

// In the list of units: jobs that name none, for the domain's default container (behaviour J3).
#define ALLOW_DEFAULT_CONTAINER "default"

struct allow_list {
	const char *domain;
	const char *const *ous;	 // DNs, or ALLOW_DEFAULT_CONTAINER; those below them do not count
	size_t ou_count;	 // at least 1
	const char *name_prefix; // NULL or "": every name
	unsigned max_per_hour;	 // accounts made or given a new password; and as many ended
};

// When accounts were touched lately. Zero-initialize.
struct allow_history {
	time_us *times; // a ring of max_per_hour entries
	size_t next, count;
};

// May this job be done now? A pure decision; allow_count tells the history that it was done. For
// kinds that only read the domain alone counts; for those that change an account that is there,
// domain and rate, because name and unit are the account's and judged when it was found.
// ERR_DENIED with fault connector_refused, or connector_wrong_domain.
bool allow_check(struct arena *arena, const struct allow_list *list,
	const struct allow_history *history, const struct connector_job *job, time_us now,
	struct error *e) MUST_CHECK;

// May a computer of this name be touched? ERR_DENIED with fault connector_refused.
bool allow_name(const struct allow_list *list, const char *name, struct error *e) MUST_CHECK;

// May the account with this DN be changed: is its container in the list? `default_container` is the
// DN that ALLOW_DEFAULT_CONTAINER stands for, or NULL. ERR_DENIED with fault connector_refused.
bool allow_account(struct arena *arena, const struct allow_list *list, const char *dn,
	const char *default_container, struct error *e) MUST_CHECK;

// An account is about to be touched. The ring lives in the arena.
void allow_count(struct arena *arena, const struct allow_list *list, struct allow_history *history,
	time_us now);
