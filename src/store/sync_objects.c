// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "base/uuid.h"
#include "store/people_internal.h"
#include "store/sync_internal.h"
#include "store/user_groups.h"

// --- problems

bool
sync_problem(struct db *db, const struct sync_tx *t, const char *guid, const char *name,
	const char *fault, const char *message, struct error *e)
{
	return db_run(db, Q_SYNC_PROBLEM_PUT,
		PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(guid), DB_TEXT(t->domain), DB_TEXT(name),
			DB_TEXT(fault), DB_TEXT(message), DB_INT(t->w->now)),
		NULL, e);
}

bool
sync_no_problem(struct db *db, const struct sync_tx *t, const char *guid, struct error *e)
{
	return db_run(db, Q_SYNC_PROBLEM_DELETE, PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(guid)),
		NULL, e);
}

bool
sync_object_seen(struct db *db, const struct sync_tx *t, const char *guid, const char *kind,
	const char *name, bool *ours, struct error *e)
{
	const char *tenant = t->w->tenant_id;
	autorows r = NULL;
	bool found = db_one(db, Q_SYNC_OBJECT_GET, PARAMS(DB_TEXT(tenant), DB_TEXT(guid)), &r, e);

	if (!found && e->code != ERR_NOT_FOUND)
		return false;
	*ours = !found ||
		(str_eq(db_text(t->w->arena, r, "domain"), t->domain) &&
			str_eq(db_text(t->w->arena, r, "kind"), kind));
	// The owner's own problem, if it has one, is not overwritten: this one is only in the log.
	if (!*ours)
		return sync_problem(db, t, arena_printf(t->w->arena, "%s/%s", t->domain, guid),
			name, "sync_foreign_object",
			"another domain, or an object of another kind, has this objectGUID", e);
	return db_run(db, Q_SYNC_OBJECT_PUT,
		PARAMS(DB_TEXT(tenant), DB_TEXT(guid), DB_TEXT(t->domain), DB_TEXT(kind),
			DB_TEXT(t->run_id)),
		NULL, e);
}

// --- users

struct upn_verdict {
	const char *upn;   // to store; NULL: none is usable
	const char *fault; // or NULL
	const char *message;
};

static bool
is_or_below(const char *suffix, const char *domain)
{
	size_t len = strlen(suffix), domain_len = strlen(domain);

	return str_ieq(suffix, domain) ||
		(len > domain_len && suffix[len - domain_len - 1] == '.' &&
			str_ieq(suffix + len - domain_len, domain));
}

// The Active Directory domain itself and what it is below of ("ad.example.com" may give
// "example.com"), and the organization's own domain. A connector cannot claim anybody else's names.
static bool
suffix_allowed(const struct sync_tx *t, const char *suffix)
{
	return is_or_below(suffix, t->domain) || is_or_below(suffix, t->tenant_domain) ||
		(strchr(suffix, '.') && is_or_below(t->domain, suffix));
}

// Names that no public DNS will ever have (RFC 6762, RFC 8375, ICANN's .internal, and custom).
static bool
suffix_routable(const char *suffix)
{
	static const char *const inside[] = {".local", ".lan", ".internal", ".intranet", ".corp",
		".home", ".private", ".localdomain"};

	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
		if (strlen(suffix) > strlen(inside[i]) &&
			str_ieq(suffix + strlen(suffix) - strlen(inside[i]), inside[i]))
			return false;
	return strchr(suffix, '.') != NULL;
}

static bool
same_domain_holder(const struct sync_tx *t, struct db_rows *r)
{
	return str_eq(db_text(t->w->arena, r, "source"), "domain") &&
		str_eq(db_text(t->w->arena, r, "domain"), t->domain);
}

// Active Directory keeps UPNs apart, so within one domain the other holder's is outdated: it was
// renamed too, or is gone, and this very run will tell.
static bool
let_give_way(struct db *db, const struct sync_tx *t, struct db_rows *r, struct error *e)
{
	const char *name = arena_printf(
		t->w->arena, "%s@renamed.invalid", db_text(t->w->arena, r, "object_guid"));

	return db_run(db, Q_SYNC_USER_GIVE_WAY,
		PARAMS(DB_TEXT(db_text(t->w->arena, r, "user_id")), DB_TEXT(t->w->tenant_id),
			DB_TEXT(name), DB_INT(t->w->now)),
		NULL, e);
}

static bool
judge_groups(struct db *db, const struct sync_tx *t, const char *user_id, struct error *e)
{
	return (*t->users || user_judge_open(db, t->w, t->users, e)) &&
		user_judge_apply(*t->users, db, user_id, e);
}

static bool
judge_upn(struct db *db, const struct sync_tx *t, const struct sync_user *u, const char *user_id,
	struct upn_verdict *out, struct error *e)
{
	struct arena *a = t->w->arena;
	const char *at = strrchr(u->upn, '@');
	autorows r = NULL;

	*out = (struct upn_verdict){0};
	if (!at || at == u->upn || !at[1] || !suffix_allowed(t, at + 1)) {
		out->fault = "upn_suffix_refused";
		out->message =
			arena_printf(a, "%s: this domain may give names that end in %s or %s",
				u->upn, t->domain, t->tenant_domain);
		return true;
	}
	if (db_one(db, Q_SYNC_USER_BY_UPN,
		    PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(str_lower(a, u->upn))), &r, e)) {
		if (!str_eq(db_text(a, r, "user_id"), user_id)) {
			if (!same_domain_holder(t, r)) {
				out->fault = "upn_taken";
				out->message = arena_printf(
					a, "%s belongs to a user of another source", u->upn);
				return true;
			}
			if (!let_give_way(db, t, r, e))
				return false;
		}
	} else if (e->code != ERR_NOT_FOUND) {
		return false;
	}
	out->upn = u->upn;
	if (!suffix_routable(at + 1)) {
		out->fault = "upn_not_routable";
		out->message = arena_printf(a, "%s: %s is a name inside only", u->upn, at + 1);
	}
	return true;
}

static bool
insert_user(struct db *db, const struct sync_tx *t, const struct sync_user *u, const char *upn,
	struct error *e)
{
	const char *id = uuid_new(t->w->arena);

	return db_run(db, Q_SYNC_USER_INSERT,
		       PARAMS(DB_TEXT(id), DB_TEXT(t->w->tenant_id), DB_TEXT(upn),
			       DB_TEXT(str_lower(t->w->arena, upn)), DB_TEXT(u->display_name),
			       DB_TEXT(u->given_name), DB_TEXT(u->surname), DB_TEXT(u->mail),
			       DB_TEXT(u->department), DB_TEXT(u->job_title),
			       DB_TEXT(u->usage_location), DB_BOOL(u->enabled),
			       DB_TEXT(u->attributes), DB_TEXT(t->domain), DB_TEXT(u->account),
			       DB_TEXT(u->guid), DB_TEXT(u->sid), DB_INT(u->usn),
			       DB_INT(t->w->now)),
		       NULL, e) &&
		db_run(db, Q_SYNC_GROUPS_OF_USER,
			PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(id), DB_TEXT(u->guid)), NULL, e) &&
		judge_groups(db, t, id, e);
}

// The same in everything but the update number: what a second full run mostly finds.
static bool
user_unchanged(
	const struct sync_tx *t, struct db_rows *r, const struct sync_user *u, const char *upn)
{
	struct arena *a = t->w->arena;
	const char *const pairs[][2] = {
		{"upn", upn},
		{"display_name", u->display_name},
		{"given_name", u->given_name},
		{"surname", u->surname},
		{"mail", u->mail},
		{"department", u->department},
		{"job_title", u->job_title},
		{"usage_location", u->usage_location},
		{"attributes", u->attributes},
		{"account_name", u->account},
		{"sid", u->sid},
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (!str_eq(db_text(a, r, pairs[i][0]), pairs[i][1]))
			return false;
	return db_bool(r, "account_enabled") == u->enabled;
}

static bool
update_user(struct db *db, const struct sync_tx *t, struct db_rows *r, const struct sync_user *u,
	const char *upn, struct error *e)
{
	const char *id = db_text(t->w->arena, r, "user_id");

	if (user_unchanged(t, r, u, upn))
		return true;
	if (!db_run(db, Q_SYNC_USER_UPDATE,
		    PARAMS(DB_TEXT(id), DB_TEXT(t->w->tenant_id), DB_TEXT(upn),
			    DB_TEXT(str_lower(t->w->arena, upn)), DB_TEXT(u->display_name),
			    DB_TEXT(u->given_name), DB_TEXT(u->surname), DB_TEXT(u->mail),
			    DB_TEXT(u->department), DB_TEXT(u->job_title),
			    DB_TEXT(u->usage_location), DB_BOOL(u->enabled), DB_TEXT(u->attributes),
			    DB_TEXT(u->account), DB_TEXT(u->sid), DB_INT(u->usn),
			    DB_INT(t->w->now)),
		    NULL, e))
		return false;
	// Who is gone loses everything with his row; who is disabled keeps the row only.
	return judge_groups(db, t, id, e) &&
		(u->enabled || person_end_everything(db, t->w, id, "account_disabled", "", e));
}

bool
sync_put_user(struct db *db, const struct sync_tx *t, const struct sync_user *u, struct error *e)
{
	struct upn_verdict verdict;
	autorows r = NULL;
	bool ours;

	if (!sync_object_seen(db, t, u->guid, "user", u->upn, &ours, e))
		return false;
	if (!ours)
		return true;
	bool known = db_one(
		db, Q_SYNC_USER_BY_GUID, PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(u->guid)), &r, e);
	if (!known && e->code != ERR_NOT_FOUND)
		return false;
	const char *id = known ? db_text(t->w->arena, r, "user_id") : NULL;
	if (!judge_upn(db, t, u, id, &verdict, e))
		return false;
	// Under a name that cannot be had, a known user keeps the old one; a new one is not made.
	const char *upn = verdict.upn ? verdict.upn : known ? db_text(t->w->arena, r, "upn") : NULL;
	if (verdict.fault ? !sync_problem(db, t, u->guid, u->upn, verdict.fault, verdict.message, e)
			  : !sync_no_problem(db, t, u->guid, e))
		return false;
	if (!upn)
		return true;
	return known ? update_user(db, t, r, u, upn, e) : insert_user(db, t, u, upn, e);
}

bool
sync_put_gone(struct db *db, const struct sync_tx *t, const struct sync_gone *gone, struct error *e)
{
	const char *tenant = t->w->tenant_id;
	autorows r = NULL;

	if (!db_one(db, Q_SYNC_OBJECT_GET, PARAMS(DB_TEXT(tenant), DB_TEXT(gone->guid)), &r, e))
		return e->code == ERR_NOT_FOUND;
	if (!str_eq(db_text(t->w->arena, r, "domain"), t->domain))
		return true;
	// One that still exists may come back into sight, and is in its groups then.
	if (gone->deleted &&
		!db_run(db, Q_SYNC_MEMBER_DELETE, PARAMS(DB_TEXT(tenant), DB_TEXT(gone->guid)),
			NULL, e))
		return false;
	return db_run(db, Q_SYNC_USER_DELETE, PARAMS(DB_TEXT(tenant), DB_TEXT(gone->guid)), NULL,
		       e) &&
		db_run(db, Q_SYNC_GROUP_DELETE, PARAMS(DB_TEXT(tenant), DB_TEXT(gone->guid)), NULL,
			e) &&
		db_run(db, Q_SYNC_MEMBER_OF_GROUP_DELETE,
			PARAMS(DB_TEXT(tenant), DB_TEXT(gone->guid)), NULL, e) &&
		db_run(db, Q_SYNC_OBJECT_DELETE, PARAMS(DB_TEXT(tenant), DB_TEXT(gone->guid)), NULL,
			e) &&
		sync_no_problem(db, t, gone->guid, e);
}
