// SPDX-License-Identifier: Apache-2.0
#include "connector/sync.h"

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include "connector/service.h"
#include "connector/stop.h"
#include "connector/sync_batch.h"
#include "pki/hash.h"
#include "wire/odj/ad_id.h"
#include <stdlib.h>

enum { UPLOAD_TIMEOUT_MS = 60000, PAGE_USERS = 500, PAGE_GROUPS = 20 };

// Administrator, krbtgt, Domain Admins …: the domain's own, not people (as Entra Connect does).
#define OURS "(!(isCriticalSystemObject=TRUE))"
#define USERS "(objectCategory=person)(objectClass=user)" OURS
#define GROUPS "(objectCategory=group)" OURS
// Deleted Objects by its well-known GUID (MS-ADTS 6.1.1.4).
#define DELETED "<WKGUID=18E2EA80684F11D2B9AA00C04F79F805,%s>"

struct run {
	const struct connector_config *config;
	const struct sync_order *order;
	struct http_client *client;
	struct ad_session *session;
	struct arena *arena; // as long as the run
	struct sync_batch batch;
	struct sync_cursor old, current;
	const char *reason; // why everything is compared, or NULL
	bool groups;	    // what the query under way reads
	bool found;
	unsigned next_member; // of the group under way that is still missing
	size_t users_read, groups_read, gone_read;
};

// --- uploading

static bool
flush(struct run *r, const char *cursor, struct error *e)
{
	const struct json *answer;
	const char *body = batch_json(&r->batch, r->order->run_id, r->reason != NULL, cursor, e);

	if (!body)
		return false;
	failpoint(cursor ? "connector.sync_before_finish" : "connector.sync_before_upload");
	if (stop_requested())
		return error_set(e, ERR_UNAVAILABLE, "the connector is stopping");
	if (!service_post(r->arena, r->client, "/connector/v1/directory", body, UPLOAD_TIMEOUT_MS,
		    &answer, e))
		return false;
	failpoint(cursor ? "connector.sync_after_finish" : "connector.sync_after_upload");
	batch_begin(&r->batch);
	return true;
}

static bool
flush_if_full(struct run *r, struct error *e)
{
	return !batch_full(&r->batch) || flush(r, NULL, e);
}

// --- what is read

static bool
on_further_members(void *ctx, const struct ad_row *row, struct error *e)
{
	struct run *r = ctx;

	(void)e;
	r->found = batch_group(&r->batch, row, 1, &r->next_member);
	return true;
}

// The members of a large group that the first answer left out, a thousand at a time.
static bool
further_members(struct run *r, const char *guid, unsigned next, struct error *e)
{
	bool ok = true;

	while (ok && next > 0) {
		const char *attributes[] = {"objectGUID", "objectSid", "sAMAccountName",
			"displayName", "description", "uSNChanged",
			arena_printf(r->arena, "member;range=%u-%u", next, next + BATCH_RANGE - 1),
			NULL};
		const struct ad_query query = {
			.base = arena_printf(r->arena, "<GUID=%s>", guid),
			.scope = LDAP_SCOPE_BASE,
			.filter = "(objectClass=group)",
			.attributes = attributes,
			.page = 1,
			.extended = true,
		};
		r->found = false;
		ok = flush_if_full(r, e) && ad_pages(r->session, &query, on_further_members, r, e);
		// A group that vanished meanwhile is gone in the next run.
		next = ok && r->found ? r->next_member : 0;
	}
	return ok;
}

static bool
put_group(struct run *r, const struct ad_row *row, struct error *e)
{
	char guid[UUID_TEXT];
	unsigned next = 0;

	if (batch_guid(row, guid) && batch_group(&r->batch, row, 0, &next))
		r->groups_read++;
	return flush_if_full(r, e) && (next == 0 || further_members(r, guid, next, e));
}

static bool
on_object(void *ctx, const struct ad_row *row, struct error *e)
{
	struct run *r = ctx;

	// Changed, but elsewhere: it may have been moved out of what is synchronized.
	if (!r->reason && !sync_in_scope(row->arena, &r->config->sync, ad_row_dn(row))) {
		r->gone_read += batch_gone(&r->batch, row, false);
		return flush_if_full(r, e);
	}
	if (r->groups)
		return put_group(r, row, e);
	r->users_read += batch_user(&r->batch, row, ad_domain(r->session)->dns_name);
	return flush_if_full(r, e);
}

static bool
read_objects(struct run *r, const char *base, bool groups, struct error *e)
{
	const char *what = groups ? GROUPS : USERS;
	const struct ad_query query = {
		.base = base,
		.scope = LDAP_SCOPE_SUBTREE,
		.filter = r->reason ? arena_printf(r->arena, "(&%s)", what)
				    : arena_printf(r->arena, "(&(uSNChanged>=%lld)%s)",
					      (long long)r->old.usn + 1, what),
		.attributes = SYNC_ATTRIBUTES,
		.page = groups ? PAGE_GROUPS : PAGE_USERS,
		.extended = true,
	};

	r->groups = groups;
	return ad_pages(r->session, &query, on_object, r, e);
}

// People before groups, so that most members are known when their group comes; the service copes
// with any order.
static bool
read_all(struct run *r, struct error *e)
{
	const struct sync_config *config = &r->config->sync;

	for (int groups = 0; groups < 2; groups++) {
		if (!r->reason && !read_objects(r, ad_domain(r->session)->base_dn, groups, e))
			return false;
		for (size_t i = 0; i < config->base_count && r->reason; i++)
			if (!read_objects(r, config->bases[i], groups, e))
				return false;
	}
	return true;
}

static bool
on_deleted(void *ctx, const struct ad_row *row, struct error *e)
{
	struct run *r = ctx;

	r->gone_read += batch_gone(&r->batch, row, true);
	return flush_if_full(r, e);
}

static struct ad_query
deleted_objects(const struct run *r, int scope, const char *filter)
{
	static const char *const attributes[] = {"objectGUID", NULL};

	return (struct ad_query){
		.base = arena_printf(r->arena, DELETED, ad_domain(r->session)->base_dn),
		.scope = scope,
		.filter = filter,
		.attributes = attributes,
		.page = PAGE_USERS,
		.deleted = true,
	};
}

static bool
read_deleted(struct run *r, struct error *e)
{
	struct ad_query query = deleted_objects(r, LDAP_SCOPE_ONELEVEL,
		arena_printf(r->arena,
			"(&(isDeleted=TRUE)(uSNChanged>=%lld)"
			"(|(objectClass=user)(objectClass=group)))",
			(long long)r->old.usn + 1));

	return ad_pages(r->session, &query, on_deleted, r, e);
}

// --- what kind of run

static bool
on_found(void *ctx, const struct ad_row *row, struct error *e)
{
	struct run *r = ctx;

	(void)row;
	(void)e;
	r->found = true;
	return true;
}

// Whoever may not list the deleted objects learns of deletions only by comparing everything.
static bool
sees_deletions(struct run *r)
{
	struct ad_query query = deleted_objects(r, LDAP_SCOPE_BASE, "(objectClass=*)");
	struct error ignored;

	r->found = false;
	return ad_pages(r->session, &query, on_found, r, &ignored) && r->found;
}

// A unit that was moved or renamed takes people with it whose own number stays as it was. One that
// is new since the cursor holds only what was put there since.
static bool
units_changed(struct run *r, bool *out, struct error *e)
{
	static const char *const attributes[] = {"objectGUID", NULL};
	const long long since = (long long)r->old.usn + 1;
	const struct ad_query query = {
		.base = ad_domain(r->session)->base_dn,
		.scope = LDAP_SCOPE_SUBTREE,
		.filter = arena_printf(r->arena,
			"(&(uSNChanged>=%lld)(!(uSNCreated>=%lld))"
			"(|(objectClass=organizationalUnit)(objectClass=container)))",
			since, since),
		.attributes = attributes,
		.page = PAGE_USERS,
	};

	r->found = false;
	if (!ad_pages(r->session, &query, on_found, r, e))
		return false;
	*out = r->found;
	return true;
}

static bool
decide(struct run *r, struct error *e)
{
	bool known = sync_cursor_parse(r->order->cursor, &r->old), moved = false;
	int64_t now = clock_now() / US_PER_S;

	r->reason = sync_full_reason(&r->old, known, &r->current, &r->config->sync, now);
	if (!r->reason && r->order->full)
		r->reason = "requested";
	if (!r->reason && !sees_deletions(r))
		r->reason = "deletions_hidden";
	if (!r->reason && !units_changed(r, &moved, e))
		return false;
	if (moved)
		r->reason = "unit_moved";
	r->current.full_at = r->reason ? now : r->old.full_at;
	return true;
}

// --- where the domain controller stands

static void
scope_digest(struct run *r, char out[17])
{
	struct buf text;

	buf_init(&text, r->arena, 64 << 10);
	for (size_t i = 0; i < r->config->sync.base_count; i++)
		buf_printf(&text, "%s\n", r->config->sync.bases[i]);
	memcpy(out, sha256_hex(r->arena, buf_slice(&text)), 16);
	out[16] = '\0';
}

// Read before everything else: what changes while the run reads has a higher number and comes again
// in the next one.
static bool
read_position(struct run *r, struct error *e)
{
	static const char *const root_names[] = {"highestCommittedUSN", "dsServiceName", NULL};
	static const char *const ntds_names[] = {"invocationId", NULL};
	struct ad_entry entry = {0};
	int count = 0;

	if (!ad_search(r->arena, r->session->ldap, "", LDAP_SCOPE_BASE, "(objectClass=*)",
		    root_names, &entry, &count, e))
		return false;
	const char *usn = count == 1 ? ad_text(entry.values[0]) : NULL;
	const char *service = count == 1 ? ad_text(entry.values[1]) : NULL;
	if (!usn || !service)
		return error_fault(e, ERR_PROTOCOL, "ad_error",
			"the domain controller does not tell its update number");
	r->current.usn = strtoll(usn, NULL, 10);
	if (!ad_search(r->arena, r->session->ldap, service, LDAP_SCOPE_BASE, "(objectClass=*)",
		    ntds_names, &entry, &count, e))
		return false;
	if (count != 1 || entry.values[0].len != 16)
		return error_fault(e, ERR_PROTOCOL, "ad_error",
			"the domain controller does not tell the identity of its database");
	guid_from_le(entry.values[0].data, r->current.invocation);
	scope_digest(r, r->current.scope);
	return true;
}

static bool
read_and_upload(struct run *r, struct error *e)
{
	if (!ad_connect(r->arena, &r->config->ad, &r->session, e) || !read_position(r, e) ||
		!decide(r, e) || !read_all(r, e) || (!r->reason && !read_deleted(r, e)) ||
		!flush(r, sync_cursor_text(r->arena, &r->current), e))
		return false;
	log_info("synchronized %s (%s): %zu users, %zu groups, %zu gone",
		ad_domain(r->session)->dc_name, r->reason ? r->reason : "changes", r->users_read,
		r->groups_read, r->gone_read);
	return true;
}

bool
sync_run(const struct connector_config *config, struct http_client *client,
	const struct sync_order *order, struct error *e)
{
	autoarena(arena, ARENA_REQUEST);
	struct run r = {.config = config, .client = client, .order = order, .arena = &arena};

	batch_begin(&r.batch);
	bool ok = read_and_upload(&r, e);
	ad_close(r.session);
	arena_finish(&r.batch.arena);
	return ok;
}
