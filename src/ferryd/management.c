// SPDX-License-Identifier: Apache-2.0
// OMA-DM: parse, load, store what the device said, decide, write (mdm-wire.md section 8).
#include "base/failpoint.h"
#include "base/str.h"
#include "base/uuid.h"
#include "domain/naming.h"
#include "domain/release.h"
#include "ferryd/default_page.h"
#include "ferryd/handlers.h"
#include "ferryd/mdm.h"
#include "ferryd/preparation.h"
#include "ferryd/vpn.h"
#include "store/device_logs.h"
#include "store/people.h"
#include "store/registration.h"

enum { REPLY_MAX = 4 << 20 };

struct loaded {
	struct device device;
	struct deployment deployment;
	struct item *items;
	size_t item_count;
	struct device_action_entry *actions;
	size_t action_count;
	bool over; // the device has accepted what ends or renews it
	struct job job;
	struct esp_settings page;
	bool have_job, have_page, preparing;
	const char *wake; // domain whose connectors have new work
};

// Most messages do not need the page.
static bool
load_page(struct call *c, const struct mdm_inbox *inbox, struct loaded *out, struct error *e)
{
	bool needed = inbox->bootstrap;

	if (out->preparing) // Z2: no status page
		return true;
	for (size_t i = 0; i < out->item_count; i++)
		needed |= str_eq(out->items[i].kind, "app");
	return !needed || status_page(c, &out->device, &out->page, &out->have_page, e);
}

static bool
load(struct call *c, struct loaded *out, struct error *e)
{
	const char *device_id = c->enrollment.device_id;

	*out = (struct loaded){0};
	if (!store_device_by_id(&c->work, device_id, &out->device, e) ||
		!store_deployment_get(&c->work, c->enrollment.deployment_id, &out->deployment, e) ||
		!store_items(&c->work, device_id, &out->items, &out->item_count, e) ||
		!preparation_items(c, &out->device, &out->deployment, out->items, &out->item_count,
			&out->preparing, e))
		return false;
	if (!str_eq(out->device.join_type, "hybrid"))
		return true;
	out->have_job =
		store_job_latest(&c->work, c->enrollment.deployment_id, "odj", &out->job, e);
	return out->have_job || e->code == ERR_NOT_FOUND;
}

// An account that Ferry made for this device before keeps its name; otherwise the profile's
// template gives one.
static bool
job_for(struct call *c, const struct device *device, struct job *out, struct error *e)
{
	struct ad_account account;
	unsigned char random[NAME_RANDOM_DIGITS];
	char *name;

	*out = (struct job){
		.device_id = device->device_id,
		.deployment_id = c->enrollment.deployment_id,
		.kind = "odj",
		.domain = device->domain,
		.ou = device->ou,
		.attestation_id = c->enrollment.attestation_id,
	};
	if (store_ad_account(&c->work, device->device_id, &account, e) &&
		str_ieq(account.domain, device->domain)) {
		out->computer_name = account.computer_name;
		out->object_guid = account.object_guid;
		return true;
	}
	random_bytes(random, sizeof random);
	if (!naming_expand(c->arena, device->name_template, device->serial, random, &name, e))
		return false;
	out->computer_name = name;
	return true;
}

// The blob is secret: it is made only for a TPM that proved itself in this very deployment (threats
// row 4).
static bool
request_blob(struct call *c, struct loaded *l, struct error *e)
{
	struct attestation proof;
	struct job job;
	bool created, delivered = l->have_job && l->job.delivered_at;

	if (!str_eq(l->device.join_type, "hybrid") || str_eq(l->deployment.result, "failed"))
		return true;
	if (!store_attestation_get(&c->work, c->enrollment.attestation_id, &proof, e))
		return false;
	if (!proof.proven_at || !str_eq(proof.deployment_id, c->enrollment.deployment_id))
		return error_set(e, ERR_DENIED, "no TPM proof in this deployment");
	if (l->have_job && !delivered && !str_eq(l->job.state, "failed"))
		return true;
	if (!job_for(c, &l->device, &job, e))
		return false;
	failpoint("ferryd.odj_before_queue");
	// A device that asks again after delivery has lost what it got: the same account gets a new
	// password.
	if (delivered ? !store_job_renew(&c->work, &job, &l->job, e)
		      : !store_job_request(&c->work, &job, &l->job, &created, e))
		return false;
	failpoint("ferryd.odj_queued");
	l->have_job = true;
	l->wake = job.domain;
	return true;
}

static bool
settle_blob(struct call *c, const struct mdm_inbox *inbox, struct loaded *l, struct error *e)
{
	if (!inbox->odj_job || !l->have_job || !str_eq(l->job.job_id, inbox->odj_job))
		return true;
	if (inbox->odj_status != 200)
		return true; // the device says what was wrong in an event of its own
	failpoint("ferryd.odj_before_delivered");
	if (!store_job_delivered(&c->work, &l->job, e))
		return false;
	failpoint("ferryd.odj_delivered");
	l->job.delivered_at = c->work.now;
	return true;
}

// The device's own hash goes to its registration, not among the reports (behaviour R21).
static bool
take_hash(struct call *c, struct mdm_inbox *inbox, struct error *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < inbox->report_count; i++) {
		struct report report = inbox->reports[i];
		if (!str_eq(report.loc_uri, MDM_HASH_NODE))
			inbox->reports[kept++] = report;
		else if (!store_hash_reported(&c->work, c->enrollment.device_id, report.value, e))
			return false;
	}
	inbox->report_count = kept;
	return true;
}

static bool
destroys(const struct loaded *l, const char *action_id)
{
	for (size_t i = 0; i < l->action_count; i++)
		if (str_eq(l->actions[i].action_id, action_id))
			return device_action_destroys(l->actions[i].action);
	return false;
}

static bool
finish_action(struct call *c, struct loaded *l, const char *id, const char *fault,
	const char *reason, struct error *e)
{
	struct action_end end = {.action_id = id,
		.enrollment_id = c->enrollment.enrollment_id,
		.fault = fault,
		.reason = reason,
		.account = c->service->account_at_end};
	const char *domain;

	if (!store_action_finish(&c->work, &end, &domain, e))
		return false;
	if (domain)
		l->wake = domain;
	return true;
}

// 200 and 202 accept; everything else is the device's own word that it cannot. What is sent after a
// wipe was accepted would be taken away with the rest: the session is over.
static bool
settle_action(struct call *c, const struct mdm_action *a, struct loaded *l, struct error *e)
{
	const char *why = arena_printf(c->arena, "the device answered %d%s%s", a->status,
		a->original_error ? " " : "", a->original_error ? a->original_error : "");
	bool accepted = a->status >= 200 && a->status < 300;

	l->over |= accepted && destroys(l, a->action_id);
	return finish_action(c, l, a->action_id, accepted ? NULL : "action_failed_on_device",
		       accepted ? "" : why, e) ||
		e->code == ERR_NOT_FOUND;
}

// The person at the device has ended its management (mdm-wire.md section 8, Alert 1226).
static bool
unenroll(struct call *c, struct loaded *l, struct error *e)
{
	struct action_request in = {.enrollment_id = c->enrollment.enrollment_id,
		.action = DEVICE_ACTION_RETIRE,
		.actor = "the person at the device"};
	struct device_action_entry entry;
	bool created;

	return store_action_request(&c->work, &in, &entry, &created, e) &&
		finish_action(c, l, entry.action_id, NULL, "", e);
}

// A session is what a sync asks for.
static bool
settle_actions(struct call *c, const struct mdm_inbox *inbox, struct loaded *l, struct error *e)
{
	const char *id = c->enrollment.enrollment_id;

	failpoint("ferryd.action_before_settle");
	if (!store_actions_open(&c->work, id, &l->actions, &l->action_count, e))
		return false;
	for (size_t i = 0; i < inbox->action_count; i++)
		if (!settle_action(c, &inbox->actions[i], l, e))
			return false;
	if (inbox->unenrolled && !unenroll(c, l, e))
		return false;
	if (inbox->action_count)
		failpoint("ferryd.action_settled");
	if (!store_actions_open(&c->work, id, &l->actions, &l->action_count, e))
		return false;
	for (size_t i = 0; i < l->action_count; i++)
		if (inbox->first && !device_action_row(l->actions[i].action)->node &&
			!finish_action(c, l, l->actions[i].action_id, NULL, "", e))
			return false;
	return true;
}

static bool
note_sent(struct call *c, const struct mdm_sent *sent, struct error *e)
{
	for (size_t i = 0; i < sent->action_count; i++)
		if (!store_action_sent(&c->work, sent->actions[i], e))
			return false;
	return true;
}

static struct item *
item_of(const struct loaded *l, const char *item_id)
{
	for (size_t i = 0; i < l->item_count; i++)
		if (str_eq(l->items[i].item_id, item_id))
			return &l->items[i];
	return NULL;
}

// An app that nobody waits for may fail (behaviour X13, X14).
static void
set_aside(const struct loaded *l, const struct mdm_facts *facts, struct mdm_inbox *inbox)
{
	for (size_t s = 0; s < inbox->state_count; s++) {
		const struct item *item = item_of(l, inbox->states[s].item_id);
		inbox->states[s].aside = item && !mdm_app_rule(facts, item).fatal;
	}
}

// Its certificate is good for hearing of that alone (A11).
static bool
is_deleted(const struct call *c)
{
	return str_eq(c->enrollment.state, "deleting");
}

// Keep what the message said, so that the decision sees it.
static bool
settle(struct call *c, const struct mdm_inbox *inbox, struct loaded *l, struct error *e)
{
	const char *device_id = c->enrollment.device_id;

	if (inbox->first &&
		!store_session_seen(&c->work, c->enrollment.enrollment_id, device_id, e))
		return false;
	if (!store_items_set(&c->work, device_id, c->enrollment.deployment_id, inbox->states,
		    inbox->state_count, e) ||
		!store_reports(&c->work, device_id, inbox->reports, inbox->report_count, e) ||
		!settle_blob(c, inbox, l, e))
		return false;
	if (inbox->odj_sync && !is_deleted(c) && !request_blob(c, l, e))
		return false;
	for (size_t s = 0; s < inbox->state_count; s++) {
		struct item *item = item_of(l, inbox->states[s].item_id);
		if (item)
			item->state = inbox->states[s].state;
	}
	return true;
}

// What is not sent because another item counts is said once: in the device's states and its
// timeline.
static bool
note_conflicts(struct call *c, const struct loaded *l, struct error *e)
{
	struct item_state *states = arena_array(c->arena, l->item_count + 1, sizeof *states);
	size_t count = 0;

	for (size_t i = 0; i < l->item_count; i++)
		if (str_eq(l->items[i].state, "conflict") && !l->items[i].noted)
			states[count++] = (struct item_state){.item_id = l->items[i].item_id,
				.version = l->items[i].version,
				.state = "conflict",
				.fault = l->items[i].fault,
				.reason = l->items[i].reason,
				.aside = true};
	return store_items_set(
		&c->work, c->enrollment.device_id, c->enrollment.deployment_id, states, count, e);
}

static void
begin_reply(const struct syncml_message *message, struct syncml_message *reply)
{
	*reply = (struct syncml_message){
		.ver_dtd = "1.2",
		.ver_proto = "DM/1.2",
		.session_id = message->session_id,
		.msg_id = message->msg_id,
		.target = message->source,
		.source = message->target,
		.final = true,
	};
}

static bool
send_reply(struct call *c, const struct syncml_message *reply, struct error *e)
{
	struct buf body;

	buf_init(&body, c->arena, REPLY_MAX);
	syncml_write(&body, reply);
	if (!buf_ok(&body, e))
		return false;
	http_response_set(c->resp, 200, SYNCML_CONTENT_TYPE, buf_slice(&body));
	return true;
}

// One message on its way through the service.
struct exchange {
	struct call *call;
	const struct syncml_message *message;
	struct syncml_message reply;
	struct loaded loaded;
};

static enum esp_flow
flow_of(const struct deployment *d)
{
	return str_eq(d->mode, "preprovisioned")   ? ESP_FLOW_TECHNICIAN
		: str_eq(d->mode, "selfDeploying") ? ESP_FLOW_SELF_DEPLOYING
						   : ESP_FLOW_USER_DRIVEN;
}

// Autopilot's page stands still at "Identifying" for a user of whom nothing is known (X34); here it
// says that there is nothing to do, and why.
static bool
look_for_user(struct call *c, const struct loaded *l, struct mdm_facts *facts, struct error *e)
{
	struct person person;
	const char *upn =
		!str_empty(l->device.assigned_upn) ? l->device.assigned_upn : c->enrollment.upn;

	for (size_t i = 0; i < l->item_count; i++)
		if (str_eq(l->items[i].scope, "user"))
			return true;
	facts->nothing_for_user = "Nothing is assigned to the user";
	if (str_empty(upn))
		return true;
	if (store_person_by_upn(&c->work, upn, &person, e)) {
		if (!person.enabled)
			facts->nothing_for_user =
				arena_printf(c->arena, "The directory has disabled %s", upn);
		return true;
	}
	facts->nothing_for_user = arena_printf(c->arena, "The directory does not know %s", upn);
	return e->code == ERR_NOT_FOUND;
}

// X7: Autopilot Reset gives a device to its next user. Only then is it still the device that its
// first user had; a wiped one begins anew.
static bool
look_for_earlier_user(struct call *c, const struct loaded *l, bool *out, struct error *e)
{
	struct deployment *list;
	size_t count;

	*out = false;
	if (!str_eq(l->deployment.mode, "autopilotReset"))
		return true;
	if (!store_deployments_of(&c->work, c->enrollment.device_id, &list, &count, e))
		return false;
	for (size_t i = 0; i < count && !*out; i++)
		*out = list[i].finished_at && !str_empty(list[i].upn);
	return true;
}

static bool
gather(struct call *c, const struct mdm_inbox *inbox, struct loaded *l, struct mdm_facts *out,
	struct error *e)
{
	bool hash_wanted = false;

	if (inbox->first && !store_hash_wanted(&c->work, c->enrollment.device_id, &hash_wanted, e))
		return false;
	*out = (struct mdm_facts){
		.inbox = inbox,
		.items = l->items,
		.item_count = l->item_count,
		.hybrid = str_eq(l->device.join_type, "hybrid"),
		.hash_wanted = hash_wanted,
		.deployment_failed = str_eq(l->deployment.result, "failed") &&
			!str_eq(l->deployment.phase, "continued") && !l->deployment.finished_at,
		.given_up = str_eq(l->deployment.fault, "esp_forced_failure"),
		.preparing = l->preparing,
		// "done": a device that lost power before it noted the end goes through it again.
		.user_phase = str_eq(l->deployment.phase, "user") ||
			str_eq(l->deployment.phase, "done") ||
			str_eq(l->deployment.phase, "continued"),
		.finished = str_eq(l->deployment.phase, "done") ||
			str_eq(l->deployment.phase, "continued"),
		.timeout_minutes = l->device.timeout_minutes,
		.page = l->have_page ? &l->page : NULL,
		.flow = flow_of(&l->deployment),
		.content_url = arena_printf(c->arena, "%s/content/", c->service->base_url),
	};
	if (inbox->first &&
		!store_log_pending(&c->work, c->enrollment.device_id, &out->log_wanted, e))
		return false;
	if (out->log_wanted)
		out->log_url = arena_printf(
			c->arena, "%s/device/v1/logs/%s", c->service->base_url, out->log_wanted);
	if (!inbox->bootstrap)
		return true;
	out->policy = release_policy(c->arena, out->page);
	return look_for_earlier_user(c, l, &out->later_user, e) && look_for_user(c, l, out, e);
}

// Load, store what the device said, decide, store what is sent: one transaction, which may be run
// again.
static bool
decide(void *ctx, struct error *e)
{
	struct exchange *x = ctx;
	struct call *c = x->call;
	struct loaded *l = &x->loaded;
	struct mdm_inbox *inbox = arena_new(c->arena, struct mdm_inbox);
	struct mdm_sent *sent = arena_new(c->arena, struct mdm_sent);

	struct mdm_facts facts;

	begin_reply(x->message, &x->reply);
	if (!load(c, l, e) ||
		!mdm_read(c->arena, x->message, l->items, l->item_count, inbox, &x->reply, e) ||
		!take_hash(c, inbox, e) || !load_page(c, inbox, l, e) ||
		!gather(c, inbox, l, &facts, e))
		return false;
	set_aside(l, &facts, inbox);
	if (!settle(c, inbox, l, e) || !settle_actions(c, inbox, l, e))
		return false;
	if (!note_conflicts(c, l, e) || !vpn_prepare_items(c, l->items, l->item_count, e))
		return false;
	facts.odj = l->have_job ? &l->job : NULL;
	facts.actions = l->actions;
	facts.action_count = l->action_count;
	facts.over = l->over;
	facts.deleted = is_deleted(c);
	return mdm_plan(c->arena, &facts, &x->reply, sent, e) && note_sent(c, sent, e) &&
		store_items_set(&c->work, c->enrollment.device_id, c->enrollment.deployment_id,
			sent->states, sent->count, e);
}

// POST /ManagementServer/MDM.svc
bool
management_session(struct call *c, struct error *e)
{
	struct syncml_message *message;

	// Not well-formed or not understood: HTTP 400, and nothing has changed (mdm-wire.md section
	// 8).
	if (!syncml_parse(c->arena, c->req->body, &message, e)) {
		struct error why = *e;
		return error_set(e, ERR_PROTOCOL, "%s", why.message);
	}
	struct exchange x = {.call = c, .message = message};
	if (!store_together(c->work.session, decide, &x, e))
		return false;
	if (x.loaded.wake)
		wake_connectors(c, c->work.tenant_id, x.loaded.wake);
	failpoint("ferryd.management_answer");
	return send_reply(c, &x.reply, e);
}
