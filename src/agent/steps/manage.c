// SPDX-License-Identifier: Apache-2.0
// One OMA-DM session: what this device says first, what it does when told, until the service has
// nothing more to say.
#include "agent/act.h"
#include "agent/csp/csp.h"
#include "agent/diagnostics.h"
#include "agent/screens.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include "wire/script/script.h"

enum { MESSAGE_MAX = 1 << 20, MAX_MESSAGES = 200 };

struct session {
	struct agent *agent;
	bool user;
	unsigned msg_id;
	struct syncml_message *out; // the message being made
	unsigned cmd_id;
};

static struct syncml_command *
append(struct session *s, enum syncml_type type)
{
	struct arena *arena = s->agent->step;
	struct syncml_command *command = arena_new(arena, struct syncml_command), **end;

	command->type = type;
	command->cmd_id = arena_printf(arena, "%u", ++s->cmd_id);
	for (end = &s->out->commands; *end; end = &(*end)->next)
		;
	*end = command;
	return command;
}

static struct syncml_item *
add_item(struct session *s, struct syncml_command *command)
{
	struct syncml_item *item = arena_new(s->agent->step, struct syncml_item), **end;

	for (end = &command->items; *end; end = &(*end)->next)
		;
	*end = item;
	return item;
}

static void
alert(struct session *s, const char *code, const char *type, const char *format, const char *source,
	const char *data)
{
	struct syncml_command *command = append(s, SYNCML_ALERT);

	command->data = code;
	if (!type)
		return;
	struct syncml_item *item = add_item(s, command);
	item->source = source;
	item->data = data;
	item->meta = (struct syncml_meta){.present = true, .type = type, .format = format};
}

// Package 1 (mdm-wire.md section 8): alerts, then DevInfo.
static void
say_hello(struct session *s)
{
	struct agent *agent = s->agent;
	const struct {
		const char *node, *value;
	} info[] = {
		{"./DevInfo/DevId", agent->journal.enrollment_id},
		{"./DevInfo/Man", agent->manufacturer},
		{"./DevInfo/Mod", agent->model},
		{"./DevInfo/DmV", "1.3"},
		{"./DevInfo/Lang", agent->journal.language ? agent->journal.language : "en-US"},
	};

	alert(s, "1201", NULL, NULL, NULL, NULL);
	alert(s, "1224", "com.microsoft/MDM/LoginStatus", "chr", NULL, s->user ? "user" : "others");
	if (!agent->bootstrapped)
		alert(s, "1224", "com.microsoft/MDM/BootstrapSync", "chr", NULL, "device");
	if (!agent->journal.joined && str_eq(agent->profile.join_type, "hybrid"))
		alert(s, "1224", "com.microsoft/MDM/OdjSync", "chr", NULL, "device");
	for (size_t i = 0; i < agent->app_count; i++) {
		struct app *app = &agent->apps[i];
		if (app->reported || app->status == 10)
			continue;
		if (app->result)
			alert(s, "1226", SCRIPT_ALERT, "chr", app->loc_uri, app->result);
		else
			alert(s, "1226", "Reversed-Domain-Name:com.microsoft.mdm.win32csp_install",
				"int", app->loc_uri, app->status == 70 ? "70" : "60");
		app->reported = true;
	}
	struct syncml_command *replace = append(s, SYNCML_REPLACE);
	for (size_t i = 0; i < sizeof info / sizeof *info; i++) {
		struct syncml_item *item = add_item(s, replace);
		item->source = info[i].node;
		item->data = info[i].value;
	}
}

// An item that is in place counts on the page; one that failed is what the red page will name.
static void
note(struct session *s, const struct csp_call *call, int status)
{
	struct agent *agent = s->agent;
	struct error e;
	enum esp_row row = esp_view_row(call->loc_uri);
	bool join = strstr(call->loc_uri, "/OfflineDomainJoin/") != NULL;
	bool counts = esp_view_expects(&agent->esp, call->loc_uri);

	if (join)
		row = ESP_JOINING;
	if (status == 200 || status == 418) {
		if (join)
			esp_view_set(&agent->esp, row, ESP_COMPLETE, "");
		// A package is in place when its installer says so (apps.c), not when its node was
		// added.
		else if (counts && row != ESP_APPS && row != ESP_ACCOUNT_APPS &&
			!journal_add_done(&agent->journal, call->loc_uri, &e))
			log_warn("%s", e.message);
	} else if (status >= 400 && (counts || join)) {
		agent->failure = call->why;
		agent->failed_row = row;
		esp_view_set(&agent->esp, row, ESP_ERROR, call->why.message);
		service_report(agent, esp_phase_key(esp_row_info(row)->phase),
			esp_row_info(row)->key, "error", &call->why);
	}
	failpoint(join ? "agent.odj_noted" : "agent.item_noted");
	screen_esp(agent);
}

static void
answer(struct session *s, const char *msg_ref, const struct syncml_command *command,
	const char *uri, int status)
{
	struct syncml_command *out = append(s, SYNCML_STATUS);

	out->msg_ref = msg_ref;
	out->cmd_ref = command->cmd_id;
	out->cmd = syncml_name(command->type);
	out->data = arena_printf(s->agent->step, "%d", status);
	if (uri) {
		out->target_refs = arena_new(s->agent->step, struct syncml_ref);
		out->target_refs->uri = uri;
	}
}

static void
give_result(struct session *s, const char *msg_ref, const struct syncml_command *command,
	const struct csp_call *call)
{
	struct syncml_command *out = append(s, SYNCML_RESULTS);
	struct syncml_item *item = add_item(s, out);

	out->msg_ref = msg_ref;
	out->cmd_ref = command->cmd_id;
	item->source = call->loc_uri;
	item->data = call->result;
}

// What is being done shows before it is done: some of it takes seconds.
static void
announce(struct session *s, const struct csp_call *call)
{
	struct agent *agent = s->agent;
	enum esp_row row = esp_view_row(call->loc_uri);

	if (row == ESP_ROWS || !esp_view_expects(&agent->esp, call->loc_uri) ||
		agent->esp.state[row] != ESP_WAITING)
		return;
	esp_view_set(&agent->esp, ESP_PREPARING, ESP_COMPLETE, "");
	esp_view_set(&agent->esp, row, ESP_WORKING, "");
	screen_esp(agent);
}

static void
obey(struct session *s, const char *msg_ref, const struct syncml_command *command)
{
	const struct syncml_item *item = command->items;
	struct csp_call call = {
		.agent = s->agent,
		.arena = s->agent->step,
		.type = command->type,
		.correlator = command->correlator,
	};

	if (!item || !item->target) {
		answer(s, msg_ref, command, NULL, 400);
		return;
	}
	call.loc_uri = item->target;
	call.data = item->data;
	call.format = item->meta.format;
	announce(s, &call);
	int status = csp_run(&call);
	if (command->type != SYNCML_GET)
		note(s, &call, status);
	answer(s, msg_ref, command, item->target, status);
	if (command->type == SYNCML_GET && status == 200)
		give_result(s, msg_ref, command, &call);
}

static void
begin_message(struct session *s)
{
	struct agent *agent = s->agent;

	s->cmd_id = 0;
	s->msg_id++;
	s->out = arena_new(agent->step, struct syncml_message);
	*s->out = (struct syncml_message){
		.ver_dtd = "1.2",
		.ver_proto = "DM/1.2",
		.session_id = "1",
		.msg_id = arena_printf(agent->step, "%u", s->msg_id),
		.target = agent->journal.mdm_url,
		.source = agent->journal.enrollment_id,
		.final = true,
	};
}

static bool
send_message(struct session *s, struct syncml_message **reply, struct error *e)
{
	struct agent *agent = s->agent;
	struct http_client_response response;
	struct buf body;
	const char *path = agent->journal.mdm_url + strlen(agent->config.url);

	if (!str_starts(agent->journal.mdm_url, agent->config.url) || *path != '/')
		return error_fault(
			e, ERR_DENIED, "management_failed", "the management address is elsewhere");
	buf_init(&body, agent->step, MESSAGE_MAX);
	syncml_write(&body, s->out);
	if (!buf_ok(&body, e) ||
		!service_post_raw(
			agent, true, path, SYNCML_CONTENT_TYPE, buf_slice(&body), &response, e))
		return false;
	if (response.status == 401)
		return error_fault(e, ERR_UNAUTHENTICATED, "management_ended",
			"the service does not know this device's certificate");
	if (response.status != 200)
		return error_fault(e, ERR_PROTOCOL, "management_failed", "HTTP status %d: %.*s",
			response.status, (int)(response.body.len > 120 ? 120 : response.body.len),
			response.body.len ? (const char *)response.body.data : "");
	if (!syncml_parse(agent->step, response.body, reply, e)) {
		struct error why = *e;
		return error_fault(e, ERR_PROTOCOL, "management_failed", "%s", why.message);
	}
	return true;
}

// Do what the reply says; true in *more when there was anything to do.
static void
work(struct session *s, const struct syncml_message *reply, bool *more)
{
	*more = false;
	begin_message(s);
	struct syncml_command *hdr = append(s, SYNCML_STATUS);
	hdr->msg_ref = reply->msg_id;
	hdr->cmd_ref = "0";
	hdr->cmd = "SyncHdr";
	hdr->data = "200";
	for (const struct syncml_command *c = reply->commands; c; c = c->next) {
		if (c->type == SYNCML_STATUS || c->type == SYNCML_RESULTS)
			continue;
		*more = true;
		obey(s, reply->msg_id, c);
	}
}

// After the session, because it takes a while.
static void
send_diagnostics(struct agent *agent)
{
	struct error e;

	if (!agent->log_wanted)
		return;
	if (!diagnostics_send(agent, NULL, agent->log_wanted, &e))
		log_failure("diagnostics", &e);
	agent->log_wanted = NULL;
}

bool
step_manage(struct agent *agent, bool user, struct error *e)
{
	struct session s = {.agent = agent, .user = user};
	struct syncml_message *reply;
	bool more = true;

	agent->failure = (struct error){.code = ERR_NONE};
	if (!journal_step(&agent->journal, "manage", e) || !service_open_managed(agent, e))
		return false;
	begin_message(&s);
	say_hello(&s);
	while (more) {
		if (s.msg_id > MAX_MESSAGES)
			return error_fault(
				e, ERR_PROTOCOL, "management_failed", "the session does not end");
		if (!send_message(&s, &reply, e))
			return false;
		work(&s, reply, &more);
	}
	agent->bootstrapped = true;
	send_diagnostics(agent);
	agent->act_told = true;
	if (agent->journal.act)
		return error_set(e, ERR_CONFLICT, "an administrator has asked for something else");
	if ((agent->restart_wanted || agent->shutdown_wanted) &&
		act_power(agent, agent->shutdown_wanted, e))
		return error_set(e, ERR_CONFLICT, "the device is switched off");
	if (agent->failure.code != ERR_NONE) {
		*e = agent->failure;
		return false;
	}
	return true;
}
