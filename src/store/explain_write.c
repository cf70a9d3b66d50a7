// SPDX-License-Identifier: Apache-2.0
// An explanation as JSON.
#include "base/str.h"
#include "domain/fault.h"
#include "domain/rule_explain.h"
#include "store/explain_view.h"

enum { TREES_MAX = 200 };

const struct policy_profile *
explain_profile(const struct explain_view *v)
{
	return policy_profile(&v->set, v->profile.object_id);
}

enum esp_flow
explain_flow(const struct explain_view *v)
{
	const struct policy_profile *p = explain_profile(v);

	if (p && p->settings.mode == PROFILE_SELF_DEPLOYING)
		return ESP_FLOW_SELF_DEPLOYING;
	return p && p->settings.preprovisioning ? ESP_FLOW_TECHNICIAN : ESP_FLOW_USER_DRIVEN;
}

// The group inside this one through which the device is a member, or NULL.
static const struct known_group *
inner_group(const struct explain_view *v, const struct known_group *group)
{
	const struct assigner *a = v->a;

	for (size_t i = 0; i < a->edge_count; i++)
		if (str_eq(a->edges[i].parent, group->id) &&
			ids_has(&v->verdict.groups, a->edges[i].child))
			for (size_t k = 0; k < a->group_count; k++)
				if (str_eq(a->groups[k].id, a->edges[i].child))
					return &a->groups[k];
	return NULL;
}

static const char *
why_member(const struct explain_view *v, const struct known_group *group)
{
	if (ids_has(&v->assigned, group->id))
		return "assigned member";
	const struct known_group *inner = inner_group(v, group);
	if (inner && !group->rule)
		return arena_printf(v->w->arena, "through the group \"%s\" inside it", inner->name);
	if (group->rule)
		return arena_printf(v->w->arena, "matches the rule %s", group->rule_text);
	return "no longer: this is about to change";
}

static void
write_tree(struct jsonw *w, const struct explain_view *v, const struct known_group *group)
{
	struct rule_values values;

	facts_values(
		v->w->arena, &v->facts, v->verdict.groups.ids, v->verdict.groups.count, &values);
	rule_explain_json(w, "tree", rule_explain(v->w->arena, group->rule, &values));
}

static void
write_group(struct jsonw *w, const struct explain_view *v, const struct known_group *group,
	const char *reason, bool tree)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "id", group->id);
	jsonw_str(w, "name", group->name);
	jsonw_str(w, "reason", reason);
	if (group->rule_text)
		jsonw_str(w, "rule", group->rule_text);
	if (group->rule && tree)
		write_tree(w, v, group);
	jsonw_end_object(w);
}

void
explain_write_groups(struct jsonw *w, const struct explain_view *v)
{
	const struct assigner *a = v->a;
	size_t trees = 0, omitted = 0;

	jsonw_array(w, "groups");
	for (size_t i = 0; i < a->group_count; i++)
		if (ids_has(&v->verdict.groups, a->groups[i].id))
			write_group(w, v, &a->groups[i], why_member(v, &a->groups[i]),
				trees++ < TREES_MAX);
	jsonw_end_array(w);
	trees = 0;
	jsonw_array(w, "notIn");
	for (size_t i = 0; i < a->group_count; i++) {
		const struct known_group *g = &a->groups[i];
		if (ids_has(&v->verdict.groups, g->id) || g->for_users || !g->rule_text)
			continue;
		if (trees++ < TREES_MAX)
			write_group(w, v, g,
				g->paused ? "the processing of its rule is paused"
					  : "its rule does not match",
				true);
		else
			omitted++;
	}
	jsonw_end_array(w);
	jsonw_int(w, "notInOmitted", (int64_t)omitted);
}

static void
write_losers(struct jsonw *w, const struct explain_view *v, const struct row_list *list,
	const struct assignment_choice *choice)
{
	struct assignment_loser *losers;
	size_t count = assignment_losers(v->w->arena, list->rows, list->count,
		v->verdict.groups.ids, v->verdict.groups.count, choice, &losers);

	jsonw_array(w, "losers");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "id", losers[i].row->object_id);
		jsonw_str(w, "name", losers[i].row->object_name);
		jsonw_str(w, "group", losers[i].row->group_name);
		jsonw_str(w, "reason", losers[i].reason);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

static void
open_choice(struct jsonw *w, const char *name, const struct assignment_choice *choice)
{
	jsonw_object(w, name);
	jsonw_str(w, "id", choice->object_id);
	jsonw_str(w, "name", choice->object_name);
	jsonw_str(w, "reason", choice->reason);
	jsonw_str(w, "lost", choice->lost);
}

static void
write_profile(struct jsonw *w, const struct explain_view *v)
{
	const struct policy_profile *p = explain_profile(v);

	open_choice(w, "profile", &v->profile);
	write_losers(w, v, &v->a->profiles, &v->profile);
	if (p) {
		const struct profile_settings *s = &p->settings;
		jsonw_str(w, "joinType", s->hybrid ? "hybrid" : "directory");
		jsonw_str(w, "mode",
			s->mode == PROFILE_SELF_DEPLOYING ? "selfDeploying" : "userDriven");
		jsonw_bool(w, "preprovisioningAllowed", s->preprovisioning);
		jsonw_str(w, "trustStore", s->trust_store);
		jsonw_str(w, "locale", s->locale);
		jsonw_bool(w, "standardUser", s->standard_user);
	}
	jsonw_end_object(w);
}

static void
write_page(struct jsonw *w, const struct explain_view *v, const char *name,
	const struct assignment_choice *choice, bool is_default)
{
	const struct policy_profile *profile = explain_profile(v);
	const struct policy_esp *page = policy_esp(&v->set, choice->object_id);
	struct esp_settings settings = page ? page->settings : v->set.default_page;
	struct esp_timeout limit = esp_timeout(&settings, profile && profile->settings.hybrid);

	open_choice(w, name, choice);
	jsonw_bool(w, "default", is_default);
	jsonw_bool(w, "showsProgress", settings.show);
	jsonw_int(w, "timeoutMinutes", limit.minutes);
	jsonw_int(w, "hybridExtraMinutes", limit.extra);
	jsonw_int(w, "totalMinutes", limit.total);
	jsonw_int(w, "selectedApps", (int64_t)settings.selected_count);
	jsonw_end_object(w);
}

static void
write_join(struct jsonw *w, const struct explain_view *v)
{
	const struct policy_join *join = policy_join(&v->set, v->join.object_id);

	open_choice(w, "domainJoin", &v->join);
	write_losers(w, v, &v->a->domain_joins, &v->join);
	if (join) {
		jsonw_str(w, "domain", join->domain);
		jsonw_str(w, "organizationalUnit", join->ou);
		jsonw_str(w, "connector", join->connector_name);
		jsonw_str(w, "connectorState", connector_state_name(join->connector));
	}
	jsonw_end_object(w);
}

void
explain_write_choices(struct jsonw *w, const struct explain_view *v)
{
	write_profile(w, v);
	open_choice(w, "esp", &v->esp_device);
	jsonw_end_object(w);
	jsonw_str(w, "flow", esp_flow_name(explain_flow(v)));
	write_page(w, v, "espDevice", &v->esp_device, v->esp_device_default);
	write_page(w, v, "espUser", &v->esp_user, v->esp_user_default);
	write_join(w, v);
	jsonw_object(w, "name");
	jsonw_str(w, "current", v->name);
	jsonw_str(w, "template", v->template_text);
	jsonw_str(w, "example", v->example);
	jsonw_str(w, "from", v->name_from);
	jsonw_end_object(w);
}

void
explain_write_items(struct jsonw *w, const struct explain_view *v)
{
	const struct policy_esp *page = policy_esp(&v->set, v->esp_device.object_id);
	struct esp_settings settings = page ? page->settings : v->set.default_page;

	jsonw_array(w, "items");
	for (size_t i = 0; i < v->item_count; i++) {
		const struct explain_item *item = &v->items[i];
		bool user = item->for_user || str_eq(item->scope, "user");
		jsonw_object(w, NULL);
		jsonw_str(w, "id", item->id);
		jsonw_str(w, "name", item->name);
		jsonw_str(w, "kind", item->kind);
		jsonw_str(w, "intent", item->intent);
		jsonw_str(w, "phase", user ? "user" : "device");
		jsonw_str(w, "because", item->because);
		if (item->conflict)
			jsonw_str(w, "conflict", item->conflict);
		if (str_eq(item->kind, "app"))
			jsonw_str(w, "page",
				esp_app_decide(&settings, item->id, explain_flow(v), user).reason);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

void
explain_write_findings(struct jsonw *w, const struct findings *findings)
{
	jsonw_array(w, "findings");
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];
		const struct fault *fault = fault_find(f->fault);
		jsonw_object(w, NULL);
		jsonw_str(w, "severity", severity_name(f->severity));
		jsonw_str(w, "fault", f->fault);
		jsonw_str(w, "text", f->text);
		jsonw_str(w, "title", fault ? fault->title : NULL);
		jsonw_str(w, "fix", fault ? fault->fix : NULL);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}
