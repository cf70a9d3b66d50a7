// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "domain/fault.h"
#include "ferryd/mdm.h"
#include "wire/script/script.h"
#include <stdlib.h>

// Fault of an item of that kind when the device refused it.
static const char *
item_fault(const char *kind)
{
	if (str_eq(kind, "certificate"))
		return "certificate_failed";
	if (str_eq(kind, "network"))
		return "network_profile_failed";
	if (str_eq(kind, "script"))
		return "script_not_runnable";
	return str_eq(kind, "app") ? "app_install_failed" : "policy_failed";
}

static const struct item *
find_item(const struct item *items, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(items[i].item_id, id))
			return &items[i];
	return NULL;
}

static void
add_state(struct arena *arena, struct mdm_inbox *inbox, const struct item *item, const char *state,
	const char *fault, const char *reason)
{
	if (inbox->state_count == MDM_MAX_STATES)
		return;
	inbox->states = arena_more(arena, inbox->states, inbox->state_count, &inbox->state_room,
		sizeof *inbox->states);
	inbox->states[inbox->state_count++] = (struct item_state){
		.item_id = item->item_id,
		.version = item->version,
		.state = state,
		.fault = fault,
		.reason = reason,
	};
}

// 200 done; 202 accepted, the result follows as an Alert; 418 exists already (mdm-wire.md section
// 12, 8).
static void
read_item_status(struct arena *arena, const struct syncml_command *c, const struct item *item,
	struct mdm_inbox *inbox)
{
	int code = c->data ? (int)strtol(c->data, NULL, 10) : 0;

	if (code == 202 || code == 213)
		add_state(arena, inbox, item, "installing", NULL, NULL);
	else if ((code >= 200 && code < 300) || code == 418)
		add_state(arena, inbox, item, "done", NULL, NULL);
	else if (!str_eq(item->state, "failed"))
		add_state(arena, inbox, item, "failed", item_fault(item->kind),
			arena_printf(arena, "the device answered %d%s%s", code,
				c->original_error ? " " : "",
				c->original_error ? c->original_error : ""));
}

static void
add_action(const struct syncml_command *c, struct mdm_inbox *inbox)
{
	if (inbox->action_count == MDM_MAX_ACTIONS)
		return;
	inbox->actions[inbox->action_count++] = (struct mdm_action){
		.action_id = c->cmd_ref + strlen(MDM_ACTION),
		.status = c->data ? (int)strtol(c->data, NULL, 10) : 0,
		.original_error = c->original_error,
	};
}

static void
read_status(struct arena *arena, const struct syncml_command *c, const struct item *items,
	size_t count, struct mdm_inbox *inbox)
{
	const struct item *item = find_item(items, count, c->cmd_ref);

	if (item)
		read_item_status(arena, c, item, inbox);
	else if (str_starts(c->cmd_ref, "odj-")) {
		inbox->odj_job = c->cmd_ref + 4;
		inbox->odj_status = c->data ? (int)strtol(c->data, NULL, 10) : 0;
	} else if (str_starts(c->cmd_ref, MDM_ACTION))
		add_action(c, inbox);
	else if (str_eq(c->cmd_ref, "done-device"))
		inbox->device_done_acked = true;
	else if (str_eq(c->cmd_ref, "done-user"))
		inbox->user_done_acked = true;
}

// 1226 of an app: Source is the node, Data the status 70 (installed) or 60 (failed), as its CSP has
// them.
static void
read_app_alert(struct arena *arena, const struct syncml_item *in, const struct item *items,
	size_t count, struct mdm_inbox *inbox)
{
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(items[i].kind, "app") || !str_eq(items[i].loc_uri, in->source))
			continue;
		bool installed = str_eq(in->data, "70");
		add_state(arena, inbox, &items[i], installed ? "done" : "failed",
			installed ? NULL : "app_install_failed",
			installed ? NULL : "see the device's event");
	}
}

// The alert of a script: Source is the node, Data says how it ended.
static void
read_script_alert(struct arena *arena, const struct syncml_item *in, const struct item *items,
	size_t count, struct mdm_inbox *inbox)
{
	struct script_result result;
	struct error e;

	for (size_t i = 0; i < count; i++) {
		if (!str_eq(items[i].kind, "script") || !str_eq(items[i].loc_uri, in->source))
			continue;
		bool read =
			script_result_read(arena, slice_str(in->data ? in->data : ""), &result, &e);
		if (!read)
			result = (struct script_result){.fault = "script_failed", .output = ""};
		// A device may only give faults that are a script's.
		if (result.fault &&
			!(str_starts(result.fault, "script_") && fault_find(result.fault)))
			result.fault = "script_failed";
		const char *reason = !read ? "the device's report cannot be read"
			: result.ended	   ? arena_printf(arena, "ended with status %lld%s%.300s",
						     (long long)result.exit_code,
						     *result.output ? ": " : "", result.output)
					   : result.output;
		add_state(arena, inbox, &items[i], result.fault ? "failed" : "done", result.fault,
			reason);
		if (read && result.ended && inbox->state_count) {
			struct item_state *state = &inbox->states[inbox->state_count - 1];
			state->output = result.output;
			state->exit_code = result.exit_code;
		}
	}
}

static void
read_alert(struct arena *arena, const struct syncml_command *c, const struct item *items,
	size_t count, struct mdm_inbox *inbox)
{
	for (const struct syncml_item *in = c->items; in; in = in->next) {
		const char *type = in->meta.type;
		if (str_eq(c->data, "1226") && str_ends(type, "win32csp_install"))
			read_app_alert(arena, in, items, count, inbox);
		else if (str_eq(c->data, "1226") && str_eq(type, SCRIPT_ALERT))
			read_script_alert(arena, in, items, count, inbox);
		else if (str_eq(c->data, "1226") && str_ends(type, "unenrollment.userrequest"))
			inbox->unenrolled = true;
		else if (str_ends(type, "/OdjSync"))
			inbox->odj_sync = true;
		else if (str_ends(type, "/BootstrapSync"))
			inbox->bootstrap = true;
		else if (str_ends(type, "/LoginStatus"))
			inbox->user_login = str_eq(in->data, "user");
	}
}

static void
read_results(struct arena *arena, const struct syncml_command *c, struct mdm_inbox *inbox)
{
	for (const struct syncml_item *in = c->items; in; in = in->next)
		if (in->source && in->data && inbox->report_count < MDM_MAX_REPORTS) {
			inbox->reports = arena_more(arena, inbox->reports, inbox->report_count,
				&inbox->report_room, sizeof *inbox->reports);
			inbox->reports[inbox->report_count++] =
				(struct report){.loc_uri = in->source, .value = in->data};
		}
}

static void
answer(struct arena *arena, struct syncml_message *reply, const char *msg_ref, const char *cmd_ref,
	const char *name, const char *code)
{
	static const char *const prefix = "s";
	struct syncml_command *status = mdm_append(
		arena, reply, SYNCML_STATUS, arena_printf(arena, "%s%s", prefix, cmd_ref));

	status->msg_ref = msg_ref;
	status->cmd_ref = cmd_ref;
	status->cmd = name;
	status->data = code;
}

bool
mdm_read(struct arena *arena, const struct syncml_message *message, const struct item *items,
	size_t item_count, struct mdm_inbox *inbox, struct syncml_message *reply, struct error *e)
{
	(void)e;
	*inbox = (struct mdm_inbox){.first = str_eq(message->msg_id, "1")};
	answer(arena, reply, message->msg_id, "0", "SyncHdr", "200");
	for (const struct syncml_command *c = message->commands; c; c = c->next) {
		switch (c->type) {
		case SYNCML_STATUS:
			read_status(arena, c, items, item_count, inbox);
			continue; // a Status is not answered
		case SYNCML_RESULTS:
			read_results(arena, c, inbox);
			continue;
		case SYNCML_ALERT:
			read_alert(arena, c, items, item_count, inbox);
			break;
		case SYNCML_REPLACE: // DevInfo
			break;
		case SYNCML_ADD:
		case SYNCML_DELETE:
		case SYNCML_GET:
		case SYNCML_EXEC:
		case SYNCML_ATOMIC:
		case SYNCML_SEQUENCE:
		case SYNCML_TYPE_COUNT:
			answer(arena, reply, message->msg_id, c->cmd_id, syncml_name(c->type),
				"405");
			continue;
		}
		answer(arena, reply, message->msg_id, c->cmd_id, syncml_name(c->type), "200");
	}
	return true;
}
