// SPDX-License-Identifier: Apache-2.0
#include "connector/ad_health.h"

#include "base/clock.h"
#include "base/str.h"
#include "connector/ad_search.h"
#include "wire/odj/ad_id.h"
#include <stdlib.h>
#include <time.h>

#define MARKED "(objectClass=computer)(description=" COMPUTER_MARK "*)"

enum { SETTLED_S = 300, PAGE = 500 };

bool
ad_read_quota(struct arena *arena, struct ad_session *s, int64_t *out, struct error *e)
{
	static const char *const names[] = {"ms-DS-MachineAccountQuota", NULL};
	struct ad_entry entry = {0};
	const char *text;
	int count;

	if (!ad_search(arena, s->ldap, s->domain.base_dn, LDAP_SCOPE_BASE, "(objectClass=*)", names,
		    &entry, &count, e))
		return false;
	text = count == 1 ? ad_text(entry.values[0]) : NULL;
	*out = text ? strtoll(text, NULL, 10) : 0;
	return true;
}

// GeneralizedTime (RFC 4517 3.3.13) of so many seconds ago.
static const char *
ago(struct arena *arena, int64_t seconds)
{
	time_t then = (time_t)(clock_now() / US_PER_S - seconds);
	struct tm tm;
	char text[32];

	gmtime_r(&then, &tm);
	strftime(text, sizeof text, "%Y%m%d%H%M%S.0Z", &tm);
	return arena_strdup(arena, text);
}

static bool
find_sample(struct arena *arena, struct ad_session *s, const char *filter, struct ad_entry *out,
	int *count, struct error *e)
{
	static const char *const names[] = {"objectGUID", NULL};

	return ad_search(arena, s->ldap, s->domain.base_dn, LDAP_SCOPE_SUBTREE, filter, names, out,
		count, e);
}

bool
ad_sample_account(struct arena *arena, struct ad_session *s, struct ad_sample *out, struct error *e)
{
	struct ad_entry entry = {0};
	const char **names;
	int count;

	*out = (struct ad_sample){0};
	if (!find_sample(arena, s, "(&" MARKED ")", &entry, &count, e))
		return false;
	if (!count)
		return true;
	if (!ad_values(arena, s->ldap, entry.dn, "allowedAttributesEffective", &names, e))
		return false;
	out->dn = entry.dn;
	for (; *names; names++)
		out->writable |= str_ieq(*names, "userAccountControl");
	return true;
}

bool
ad_knows_sample(struct arena *arena, const struct ad_config *config, struct ad_session *s,
	const char *controller, bool *known, struct error *e)
{
	CLEANUP(ad_close_p) struct ad_session *other = NULL;
	struct ad_config there = *config;
	struct computer_account account;
	struct ad_entry entry = {0};
	char guid[UUID_TEXT];
	int count;

	*known = true;
	there.dc = controller;
	if (!find_sample(arena, s,
		    arena_printf(arena, "(&" MARKED "(whenCreated<=%s))", ago(arena, SETTLED_S)),
		    &entry, &count, e))
		return false;
	if (!count || entry.values[0].len != 16)
		return true;
	guid_from_le(entry.values[0].data, guid);
	return ad_connect(arena, &there, &other, e) &&
		computer_read(arena, other, guid, known, &account, e);
}

struct marked_ctx {
	ad_marked_fn *each;
	void *ctx;
};

static bool
marked_row(void *arg, const struct ad_row *row, struct error *e)
{
	const struct marked_ctx *m = arg;
	struct slice guid = ad_row_bytes(row, "objectGUID");
	const char *name = ad_row_text(row, "sAMAccountName");
	struct ad_marked out = {.job = computer_mark_job(ad_row_text(row, "description"))};

	if (guid.len != 16 || !name || !out.job)
		return true;
	guid_from_le(guid.data, out.guid);
	out.name = arena_strndup(row->arena, name, strcspn(name, "$"));
	return m->each(m->ctx, &out, e);
}

bool
ad_each_marked(struct ad_session *s, const char *container, int64_t seconds, ad_marked_fn *each,
	void *ctx, struct error *e)
{
	static const char *const names[] = {"objectGUID", "sAMAccountName", "description", NULL};
	autoarena(arena, ARENA_SMALL);
	struct marked_ctx m = {each, ctx};
	const struct ad_query query = {
		.base = container,
		.scope = LDAP_SCOPE_ONELEVEL,
		.filter = seconds ? arena_printf(&arena, "(&" MARKED "(whenChanged>=%s))",
					    ago(&arena, seconds))
				  : "(&" MARKED ")",
		.attributes = names,
		.page = PAGE,
	};

	return ad_pages(s, &query, marked_row, &m, e);
}
