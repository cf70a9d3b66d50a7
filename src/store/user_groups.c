// SPDX-License-Identifier: Apache-2.0
#include "store/user_groups.h"

#include "base/str.h"
#include "codec/json.h"
#include "store/cohort.h"
#include "store/queries.h"

// Others wait meanwhile, as when devices are asked: users by number and by the steps of their
// rules.
enum { PORTION = 500, AT_ONCE = 2000, AT_ONCE_STEPS = 40 * RULE_MAX_STEPS };

// --- what a rule sees of a user ---

// What connectors send besides under Graph's names, and what rules call it.
static const struct {
	enum rule_property property;
	const char *name;
} more[] = {
	{RULE_COMPANY_NAME, "companyName"},
	{RULE_PHYSICAL_DELIVERY_OFFICE_NAME, "officeLocation"},
	{RULE_CITY, "city"},
	{RULE_STATE, "state"},
	{RULE_COUNTRY, "country"},
	{RULE_EMPLOYEE_ID, "employeeId"},
};

static const struct {
	enum rule_property property;
	const char *column;
} columns[] = {
	{RULE_OBJECT_ID, "user_id"},
	{RULE_USER_PRINCIPAL_NAME, "upn"},
	{RULE_DISPLAY_NAME, "display_name"},
	{RULE_GIVEN_NAME, "given_name"},
	{RULE_SURNAME, "surname"},
	{RULE_MAIL, "mail"},
	{RULE_DEPARTMENT, "department"},
	{RULE_JOB_TITLE, "job_title"},
	{RULE_USAGE_LOCATION, "usage_location"},
	{RULE_ON_PREMISES_SECURITY_IDENTIFIER, "sid"},
};

static struct rule_value
text_or_null(const char *text)
{
	return rule_text_value(str_empty(text) ? NULL : text);
}

static bool
read_attributes(struct arena *arena, const char *text, struct rule_values *out, struct error *e)
{
	const struct json *json = json_parse(arena, slice_str(text), NULL, e);

	if (!json)
		return error_wrap(e, "attributes of a user");
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		out->of[more[i].property] = text_or_null(json_str(json, more[i].name));
	for (int i = 0; i < 15; i++)
		out->of[RULE_EXTENSION_ATTRIBUTE_1 + i] = text_or_null(
			json_str(json, arena_printf(arena, "extensionAttribute%d", i + 1)));
	return true;
}

// *gone: there is no such user any more.
static bool
read_values(struct db *db, const struct work *w, const char *user_id, struct rule_values *out,
	bool *gone, struct error *e)
{
	autorows r = NULL;

	*out = (struct rule_values){0};
	if (!db_query(
		    db, Q_USER_GROUP_FACTS, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(user_id)), &r, e))
		return false;
	*gone = !db_next(r);
	if (*gone)
		return true;
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		out->of[columns[i].property] =
			text_or_null(db_text(w->arena, r, columns[i].column));
	out->of[RULE_ACCOUNT_ENABLED] = rule_bool_value(db_bool(r, "account_enabled"));
	out->of[RULE_DIR_SYNC_ENABLED] =
		rule_bool_value(str_eq(db_text(w->arena, r, "source"), "domain"));
	out->of[RULE_USER_TYPE] = rule_text_value("Member");
	return read_attributes(w->arena, db_text(w->arena, r, "attributes"), out, e);
}

// --- judging ---

static bool
asks_for_groups(const struct rule *rule)
{
	return rule_properties(rule) & (UINT64_C(1) << RULE_MEMBER_OF);
}

static bool
has_rule(const struct assigner *a, const char *group_id)
{
	for (size_t i = 0; i < a->group_count; i++)
		if (a->groups[i].rule && str_eq(a->groups[i].id, group_id))
			return true;
	return false;
}

// `kept`: groups that no rule decides now; `found`: those that a rule did find the user for.
static bool
read_groups(const struct assigner *a, struct db *db, const struct work *w, const char *user_id,
	struct id_list *kept, struct id_list *found, struct error *e)
{
	autorows r = NULL;

	if (!db_query(
		    db, Q_USER_GROUP_LIST, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(user_id)), &r, e))
		return false;
	while (db_next(r)) {
		const char *id = db_text(w->arena, r, "group_id");
		bool decided = db_bool(r, "by_rule") && has_rule(a, id);
		ids_add(w->arena, decided ? found : kept, id);
	}
	return true;
}

static bool
ask_rules(struct assigner *a, struct arena *arena, struct rule_values *values, bool for_groups,
	struct id_list *groups, struct id_list *found, struct error *e)
{
	struct rule_text *elements = arena_array(arena, groups->count + 1, sizeof *elements);

	for (size_t i = 0; i < groups->count; i++)
		elements[i] = rule_element(groups->ids[i]);
	values->of[RULE_MEMBER_OF] = rule_list_value(elements, groups->count, false);
	for (size_t i = 0; i < a->group_count; i++) {
		const struct known_group *group = &a->groups[i];
		enum rule_truth truth = RULE_FALSE;
		if (!group->rule || asks_for_groups(group->rule) != for_groups)
			continue;
		// Too slow for somebody: does not match, except that a new rule is refused.
		if (!rule_evaluate_counted(group->rule, values, &truth, &a->steps, e) &&
			(e->code != ERR_LIMIT || str_eq(group->id, a->new_group)))
			return error_wrap(e, "group \"%s\"", group->name);
		if (truth == RULE_TRUE)
			ids_add(arena, found, group->id);
	}
	for (size_t i = 0; i < found->count; i++)
		ids_add(arena, groups, found->ids[i]);
	cohort_outer_groups(a, arena, groups);
	return true;
}

static bool
write_found(struct db *db, const struct work *w, const char *user_id, const struct id_list *before,
	const struct id_list *found, struct error *e)
{
	for (size_t i = 0; i < before->count; i++)
		if (!ids_has(found, before->ids[i]) &&
			!db_run(db, Q_USER_GROUP_REMOVE,
				PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(before->ids[i]),
					DB_TEXT(user_id)),
				NULL, e))
			return false;
	for (size_t i = 0; i < found->count; i++)
		if (!ids_has(before, found->ids[i]) &&
			!db_run(db, Q_USER_GROUP_ADD,
				PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(found->ids[i]),
					DB_TEXT(user_id)),
				NULL, e))
			return false;
	return true;
}

bool
user_judge_open(struct db *db, const struct work *w, struct assigner **out, struct error *e)
{
	return assigner_open_rules(db, w, "user", out, e);
}

bool
user_judge_apply(struct assigner *a, struct db *db, const char *user_id, struct error *e)
{
	autoarena(arena, ARENA_REQUEST);
	struct work w = *a->w;
	struct id_list groups = {0}, before = {0}, found = {0};
	struct rule_values values;
	bool gone;

	w.arena = &arena;
	if (!a->has_rules)
		return true;
	if (!read_values(db, &w, user_id, &values, &gone, e))
		return false;
	return gone ||
		(read_groups(a, db, &w, user_id, &groups, &before, e) &&
			ask_rules(a, &arena, &values, false, &groups, &found, e) &&
			ask_rules(a, &arena, &values, true, &groups, &found, e) &&
			write_found(db, &w, user_id, &before, &found, e));
}

bool
user_groups_apply(struct db *db, const struct work *w, const char *user_id, struct error *e)
{
	struct assigner *a;

	return user_judge_open(db, w, &a, e) && user_judge_apply(a, db, user_id, e);
}

// --- everybody ---

// Up to `limit` users after `after`.
static bool
read_users(struct db *db, const struct work *w, const char *after, size_t limit, const char **ids,
	size_t *count, struct error *e)
{
	autorows r = NULL;

	if (!db_query(db, Q_USER_GROUP_PAGE,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(after), DB_INT((int64_t)limit)), &r, e))
		return false;
	for (*count = 0; *count < limit && db_next(r); (*count)++)
		ids[*count] = db_text(w->arena, r, "user_id");
	return true;
}

// Until the rules took too many steps, at least one; *asked of them.
static bool
apply_some(struct assigner *a, struct db *db, const char **ids, size_t count, size_t steps,
	size_t *asked, struct error *e)
{
	for (*asked = 0; *asked < count && (*asked == 0 || a->steps < steps); ++*asked)
		if (!user_judge_apply(a, db, ids[*asked], e))
			return false;
	return true;
}

static bool
mark(struct db *db, const struct work *w, const char *after, struct error *e)
{
	settle_marked();
	return db_run(
		db, Q_USER_GROUP_WAIT, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(after)), NULL, e);
}

static bool
refresh(struct assigner *a, struct db *db, struct error *e)
{
	const struct work *w = a->w;
	const char **ids = arena_array(w->arena, AT_ONCE + 1, sizeof *ids);
	// Who collided with others does less the next time, and leaves more to later.
	unsigned attempt = db_attempt(db), less = attempt < 6 ? 2 * attempt : 12;
	size_t limit = AT_ONCE >> less, steps = (size_t)AT_ONCE_STEPS >> less, count, asked;

	if (!read_users(db, w, "", limit + 1, ids, &count, e))
		return false;
	if (count > limit)
		return mark(db, w, "", e);
	return apply_some(a, db, ids, count, steps, &asked, e) &&
		(asked == count || mark(db, w, ids[asked - 1], e));
}

bool
user_groups_refresh(struct db *db, const struct work *w, const char *group_id, struct error *e)
{
	struct assigner *a;

	if (!user_judge_open(db, w, &a, e))
		return false;
	a->new_group = group_id;
	return !a->has_rules || refresh(a, db, e);
}

static bool
any_asks_for_groups(const struct assigner *a)
{
	for (size_t i = 0; i < a->group_count; i++)
		if (a->groups[i].rule && asks_for_groups(a->groups[i].rule))
			return true;
	return false;
}

bool
user_groups_moved(struct db *db, const struct work *w, const char *user_id, struct error *e)
{
	struct assigner *a;

	if (!user_judge_open(db, w, &a, e))
		return false;
	if (!any_asks_for_groups(a))
		return true;
	return user_id ? user_judge_apply(a, db, user_id, e) : refresh(a, db, e);
}

bool
user_groups_moved_later(struct db *db, const struct work *w, struct error *e)
{
	struct assigner *a;

	return user_judge_open(db, w, &a, e) && (!any_asks_for_groups(a) || mark(db, w, "", e));
}

bool
user_groups_settle(struct db *db, const struct work *w, const struct settle_limit *limit,
	bool *more_left, struct error *e)
{
	struct work own = *w;
	const char *ids[PORTION], *after;
	const size_t portion = limit->devices < PORTION ? limit->devices : PORTION;
	struct assigner *a;
	size_t count, asked;

	{
		autorows r = NULL;
		if (!db_query(db, Q_USER_GROUP_WAITING, NO_PARAMS, &r, e))
			return false;
		*more_left = db_next(r);
		if (!*more_left)
			return true;
		own.tenant_id = db_text(w->arena, r, "tenant_id");
		after = db_text(w->arena, r, "after_id");
	}
	if (!user_judge_open(db, &own, &a, e) ||
		!read_users(db, &own, after, portion, ids, &count, e) ||
		!apply_some(a, db, ids, count, limit->steps, &asked, e))
		return false;
	return asked < count || count == portion
		? mark(db, &own, ids[asked - 1], e)
		: db_run(db, Q_USER_GROUP_SETTLED, PARAMS(DB_TEXT(own.tenant_id)), NULL, e);
}
