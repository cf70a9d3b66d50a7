// SPDX-License-Identifier: Apache-2.0
#include "ferryd/preparation.h"

#include "base/str.h"
#include "ferryd/handlers.h"
#include "store/deployments.h"

// --- the policy ---

bool
preparation_settings(struct call *c, struct device *d, struct device_settings *s, struct error *e)
{
	struct preparation_choice *choice = arena_new(c->arena, struct preparation_choice);
	const struct preparation *p = &choice->policy;

	s->mode = mode_traits(mode_of_profile(s->profile.mode))->name;
	s->preparation = NULL;
	if (!store_preparation_choose(&c->work, d->device_id, NULL, choice, e))
		return false;
	if (!choice->associated && !str_eq(d->source, "preparation"))
		return true;
	s->mode = mode_traits(MODE_DEVICE_PREPARATION)->name;
	d->join_type = "directory"; // Z2, whatever a profile for all devices says
	s->profile = (struct profile_settings){.name = "",
		.description = "",
		.locale = "os-default",
		.name_template = "",
		.device_type = "windowsPc",
		.trust_store = d->trust_store};
	if (!choice->found)
		return true;
	s->preparation = choice;
	s->profile.name = p->name;
	s->profile.eula_hidden = p->hide_eula;
	s->profile.privacy_hidden = p->hide_privacy;
	s->profile.change_account_hidden = p->hide_change_account;
	s->profile.standard_user = !p->administrator;
	s->profile.name_template = p->name_template;
	s->profile.locale = str_empty(p->language) ? "os-default" : p->language;
	s->profile.keyboard_skipped = !str_empty(p->keyboard);
	return true;
}

bool
preparation_may_begin(struct call *c, const struct device *device, const struct device_claim *claim,
	struct mode_facts *facts, struct error *e)
{
	struct preparation_choice choice;

	if (facts->hybrid) // M7: mode_check() says so
		return true;
	if (!store_preparation_choose(&c->work, device->device_id, claim->upn, &choice, e))
		return false;
	facts->signed_in |= choice.found && choice.policy.automatic;
	// Without a person nobody knows yet which policies are this person's.
	return choice.found || !claim->upn ||
		error_fault(e, ERR_CONFLICT, "preparation_policy_missing", "%s", choice.reason);
}

bool
preparation_begin(struct call *c, const struct device *device, const char *deployment_id,
	const char *upn, struct error *e)
{
	struct preparation_choice choice;

	if (!store_preparation_choose(&c->work, device->device_id, upn, &choice, e))
		return false;
	if (!choice.found)
		return error_fault(
			e, ERR_CONFLICT, "preparation_policy_missing", "%s", choice.reason);
	return store_preparation_begin(
		&c->work, deployment_id, device->device_id, &choice, upn ? upn : "", e);
}

bool
preparation_is_automatic(struct call *c, const char *deployment_id)
{
	struct preparation_run run;
	struct error ignored;

	return store_preparation_run(&c->work, deployment_id, &run, &ignored) && run.automatic;
}

void
preparation_write(struct jsonw *w, const struct preparation_choice *choice)
{
	const struct preparation *p = &choice->policy;

	jsonw_object(w, "preparation");
	jsonw_str(w, "policy", p->name);
	jsonw_int(w, "version", choice->version);
	jsonw_bool(w, "automatic", p->automatic);
	jsonw_int(w, "timeoutMinutes", p->timeout_minutes);
	jsonw_str(w, "message", str_empty(p->message) ? NULL : p->message);
	jsonw_bool(w, "allowSkip", p->allow_skip);
	jsonw_bool(w, "diagnostics", p->show_diagnostics);
	jsonw_str(w, "language", str_empty(p->language) ? NULL : p->language);
	jsonw_str(w, "keyboard", str_empty(p->keyboard) ? NULL : p->keyboard);
	jsonw_bool(w, "eulaHidden", p->hide_eula);
	jsonw_bool(w, "privacyHidden", p->hide_privacy);
	jsonw_bool(w, "changeAccountHidden", p->hide_change_account);
	jsonw_end_object(w);
}

// --- what is sent ---

static const struct item *
find_item(const struct item *items, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(items[i].item_id, id))
			return &items[i];
	return NULL;
}

static bool
is_policy(const struct item *item)
{
	return str_eq(item->scope, "device") && !str_eq(item->kind, "app") &&
		!str_eq(item->kind, "script");
}

bool
preparation_items(struct call *c, const struct device *device, const struct deployment *deployment,
	struct item *items, size_t *count, bool *preparing, struct error *e)
{
	struct preparation_item *steps;
	struct preparation_run run;
	size_t step_count, n = 0;

	*preparing = device->preparation_id &&
		str_eq(device->preparation_id, deployment->deployment_id) &&
		!deployment->finished_at;
	if (!*preparing)
		return true;
	if (!store_preparation_run(&c->work, deployment->deployment_id, &run, e) ||
		!store_preparation_items(
			&c->work, deployment->deployment_id, &steps, &step_count, e))
		return false;
	struct item *kept = arena_array(c->arena, *count + step_count + 1, sizeof *kept);
	for (size_t i = 0; i < *count; i++)
		if (is_policy(&items[i]) && (!run.continued_at || str_eq(items[i].state, "done")))
			kept[n++] = items[i];
	for (size_t i = 0; i < step_count; i++) {
		const struct item *item = find_item(items, *count, steps[i].item_id);
		if (!item || *steps[i].skipped)
			continue;
		// The person went on without what is missing (Z4).
		if (!run.continued_at || str_eq(item->state, "done"))
			kept[n++] = *item;
	}
	memcpy(items, kept, n * sizeof *kept);
	*count = n;
	return true;
}

// --- the device asks ---

static void
write_items(struct jsonw *w, const struct preparation_item *items, size_t count)
{
	jsonw_array(w, "items");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "id", items[i].item_id);
		jsonw_str(w, "kind", items[i].kind);
		jsonw_str(w, "stage", items[i].stage);
		jsonw_str(w, "name", items[i].name);
		jsonw_str(w, "state", items[i].state);
		jsonw_str(w, "skipped", *items[i].skipped ? items[i].skipped : NULL);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

// GET /device/v1/preparation: what is set up, in order, and what the policy allows.
bool
device_preparation_get(struct call *c, struct error *e)
{
	struct preparation_item *items;
	struct preparation_run run;
	struct buf body;
	size_t count;

	if (!store_preparation_run(&c->work, c->enrollment.deployment_id, &run, e) ||
		!store_preparation_items(&c->work, c->enrollment.deployment_id, &items, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "policy", run.policy_name);
	jsonw_int(&w, "version", run.policy_version);
	jsonw_bool(&w, "automatic", run.automatic);
	jsonw_bool(&w, "administrator", run.administrator);
	jsonw_int(&w, "timeoutMinutes", run.timeout_minutes);
	jsonw_str(&w, "message", *run.message ? run.message : NULL);
	jsonw_bool(&w, "allowSkip", run.allow_skip);
	jsonw_bool(&w, "diagnostics", run.diagnostics);
	jsonw_str(&w, "startedAt", clock_rfc3339(c->arena, run.created_at));
	jsonw_bool(&w, "continued", run.continued_at != 0);
	jsonw_bool(&w, "finished", run.finished_at != 0);
	write_items(&w, items, count);
	return call_send(c, 200, &w, &body, e);
}

// POST /device/v1/preparation/continue: "Continue anyway" was pressed (Z4).
bool
device_preparation_continue(struct call *c, struct error *e)
{
	return store_preparation_continue(&c->work, c->enrollment.deployment_id, e) && call_done(c);
}
