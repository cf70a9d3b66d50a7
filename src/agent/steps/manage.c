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
#include "wire/syncml/compose.h"

enum { MESSAGE_MAX = 1 << 20, MAX_MESSAGES = 200 };

struct session {
	struct agent *agent;
	bool user;
	struct syncml_session dm;
};

// Package 1 (mdm-wire.md section 8): alerts, then DevInfo.
static void
say_hello(struct session *s)
{
	struct agent *agent = s->agent;
	const struct syncml_dev_info info = {.manufacturer = agent->manufacturer,
		.model = agent->model,
		.language = agent->journal.language ? agent->journal.language : "en-US"};

	syncml_alert(&s->dm, "1201", NULL, NULL, NULL, NULL);
	syncml_alert(&s->dm, "1224", "com.microsoft/MDM/LoginStatus", "chr", NULL,
		s->user ? "user" : "others");
	if (!agent->bootstrapped)
		syncml_alert(
			&s->dm, "1224", "com.microsoft/MDM/BootstrapSync", "chr", NULL, "device");
	if (!agent->journal.joined && str_eq(agent->profile.join_type, "hybrid"))
		syncml_alert(&s->dm, "1224", "com.microsoft/MDM/OdjSync", "chr", NULL, "device");
	for (size_t i = 0; i < agent->app_count; i++) {
		struct app *app = &agent->apps[i];
		if (app->reported || app->status == 10)
			continue;
		if (app->result)
			syncml_alert(
				&s->dm, "1226", SCRIPT_ALERT, "chr", app->loc_uri, app->result);
		else
			syncml_alert(&s->dm, "1226",
				"Reversed-Domain-Name:com.microsoft.mdm.win32csp_install", "int",
				app->loc_uri, app->status == 70 ? "70" : "60");
		app->reported = true;
	}
	syncml_dev_info(&s->dm, &info);
}

// Which node it was, for the administrator; the device does not know what the item is called there.
static struct error
failure_of(const struct csp_call *call, enum esp_row row, int status)
{
	const char *fault = row == ESP_CERTIFICATES ? "certificate_failed"
		: row == ESP_NETWORKS		    ? "network_profile_failed"
						    : "policy_failed";
	const char *node = strstr(call->loc_uri, "Vendor/");
	struct error why = call->why;

	if (!why.fault)
		error_fault(&why, ERR_INVALID, fault, "%s",
			*call->why.message ? call->why.message
					   : "the device cannot do that with this node");
	if (node && row != ESP_JOINING && !strstr(why.message, node))
		error_wrap(&why, "%.120s (%d)", node, status);
	return why;
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
		agent->failure = failure_of(call, row, status);
		agent->failed_row = row;
		esp_view_because(&agent->esp, row, ESP_ERROR, &agent->failure);
		service_report(agent, esp_phase_key(esp_row_info(row)->phase),
			esp_row_info(row)->key, "error", &agent->failure);
	}
	failpoint(join ? "agent.odj_noted" : "agent.item_noted");
	screen_esp(agent);
}

// What is being done shows before it is done: some of it takes seconds.
static void
announce(struct session *s, const struct csp_call *call)
{
	struct agent *agent = s->agent;
	enum esp_row row = esp_view_row(call->loc_uri);

	if (row == ESP_ROWS || !esp_view_expects(&agent->esp, call->loc_uri))
		return;
	if (row != ESP_APPS && row != ESP_ACCOUNT_APPS)
		esp_view_current(&agent->esp, call->loc_uri);
	if (agent->esp.state[row] != ESP_WAITING)
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
		syncml_status(&s->dm, msg_ref, command, NULL, 400);
		return;
	}
	call.loc_uri = item->target;
	call.data = item->data;
	call.format = item->meta.format;
	announce(s, &call);
	int status = csp_run(&call);
	if (command->type != SYNCML_GET)
		note(s, &call, status);
	syncml_status(&s->dm, msg_ref, command, item->target, status);
	if (command->type == SYNCML_GET && status == 200)
		syncml_result(&s->dm, msg_ref, command, call.loc_uri, call.result);
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
	syncml_write(&body, s->dm.out);
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
	syncml_reply(&s->dm, reply->msg_id);
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
	struct session s = {.agent = agent,
		.user = user,
		.dm = {.arena = agent->step,
			.target = agent->journal.mdm_url,
			.source = agent->journal.enrollment_id}};
	struct syncml_message *reply;
	bool more = true;

	agent->failure = (struct error){.code = ERR_NONE};
	if (!journal_step(&agent->journal, "manage", e) || !service_open_managed(agent, e))
		return false;
	syncml_next(&s.dm);
	say_hello(&s);
	while (more) {
		if (s.dm.msg_id > MAX_MESSAGES)
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
