// SPDX-License-Identifier: Apache-2.0
#include "connector/allow.h"

#include "base/str.h"
#include "connector/dn.h"

#define REFUSED ERR_DENIED, "connector_refused"

static bool
allow_ou(struct arena *arena, const struct allow_list *list, const char *ou, struct error *e)
{
	for (size_t i = 0; i < list->ou_count; i++)
		if (str_empty(ou) ? str_eq(list->ous[i], ALLOW_DEFAULT_CONTAINER)
				  : dn_same(arena, list->ous[i], ou))
			return true;
	return error_fault(e, REFUSED,
		"the connector's configuration does not allow computers in %s",
		str_empty(ou) ? "the domain's default container" : ou);
}

static bool
allow_rate(const struct allow_list *list, const struct allow_history *history, time_us now,
	struct error *e)
{
	if (history->count < list->max_per_hour)
		return true;
	// The ring is full: its next place holds the oldest entry.
	time_us age = now - history->times[history->next];
	if (age < 0 || age >= 60 * US_PER_MIN)
		return true;
	return error_fault(e, REFUSED,
		"the connector may make %u accounts an hour (max_per_hour); the next one is "
		"allowed "
		"in %lld minutes",
		list->max_per_hour,
		(long long)((60 * US_PER_MIN - age + US_PER_MIN - 1) / US_PER_MIN));
}

bool
allow_name(const struct allow_list *list, const char *name, struct error *e)
{
	if (str_empty(list->name_prefix) || str_istarts(name, list->name_prefix))
		return true;
	return error_fault(e, REFUSED,
		"the connector's configuration allows only names that begin with %s, not %s",
		list->name_prefix, name);
}

bool
allow_check(struct arena *arena, const struct allow_list *list, const struct allow_history *history,
	const struct connector_job *job, time_us now, struct error *e)
{
	if (!str_ieq(job->domain, list->domain))
		return error_fault(e, ERR_DENIED, "connector_wrong_domain",
			"the connector serves %s, not %s", list->domain, job->domain);
	if (job->kind == JOB_VERIFY || job->kind == JOB_CHECK)
		return true;
	if (job->kind == JOB_ODJ &&
		(!allow_name(list, job->computer_name, e) || !allow_ou(arena, list, job->ou, e)))
		return false;
	return allow_rate(list, history, now, e);
}

bool
allow_account(struct arena *arena, const struct allow_list *list, const char *dn,
	const char *default_container, struct error *e)
{
	const char *parent = dn_parent(arena, dn);

	if (!parent)
		return error_fault(e, REFUSED, "the account %s has no container", dn);
	if (default_container && dn_same(arena, parent, default_container))
		return allow_ou(arena, list, parent, e) || allow_ou(arena, list, NULL, e);
	return allow_ou(arena, list, parent, e);
}

void
allow_count(struct arena *arena, const struct allow_list *list, struct allow_history *history,
	time_us now)
{
	if (!history->times)
		history->times = arena_array(arena, list->max_per_hour, sizeof *history->times);
	history->times[history->next] = now;
	history->next = (history->next + 1) % list->max_per_hour;
	if (history->count < list->max_per_hour)
		history->count++;
}
