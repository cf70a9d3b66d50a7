// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "codec/base64.h"
#include "codec/xml.h"
#include "domain/vpn_profile.h"
#include "ferryd/mdm.h"
#include "wire/script/script.h"
#include <stdlib.h>

struct syncml_command *
mdm_append(struct arena *arena, struct syncml_message *message, enum syncml_type type,
	const char *cmd_id)
{
	struct syncml_command *command = arena_new(arena, struct syncml_command), **end;

	command->type = type;
	command->cmd_id = cmd_id;
	for (end = &message->commands; *end; end = &(*end)->next)
		;
	*end = command;
	return command;
}

struct syncml_item *
mdm_item(struct arena *arena, const char *loc_uri, const char *format, const char *data)
{
	struct syncml_item *item = arena_new(arena, struct syncml_item);

	item->target = loc_uri;
	item->data = data;
	if (format)
		item->meta = (struct syncml_meta){
			.present = true, .format = format, .type = "text/plain"};
	return item;
}

void
mdm_command(struct arena *arena, struct syncml_message *reply, enum syncml_type type,
	const char *cmd_id, const char *loc_uri, const char *format, const char *data)
{
	mdm_append(arena, reply, type, cmd_id)->items = mdm_item(arena, loc_uri, format, data);
}

// MsiInstallJob (mdm-wire.md section 9.5): where the file is and what it must hash to.
static const char *
install_job(struct arena *arena, const struct mdm_facts *f, const struct item *item)
{
	struct buf out;

	buf_init(&out, arena, 8 << 10);
	struct xmlw w = xmlw_on(&out);
	xmlw_open(&w, "MsiInstallJob");
	xmlw_attr(&w, "id", arena_printf(arena, "{%s}", item->item_id));
	xmlw_open(&w, "Product");
	xmlw_attr(&w, "Version", arena_printf(arena, "1.0.%lld", (long long)item->version));
	xmlw_open(&w, "Download");
	xmlw_open(&w, "ContentURLList");
	xmlw_leaf(&w, "ContentURL",
		arena_printf(arena, "%s%s", f->content_url, item->content_sha256));
	xmlw_close(&w);
	xmlw_close(&w);
	xmlw_open(&w, "Validation");
	xmlw_leaf(&w, "FileHash", str_upper(arena, item->content_sha256));
	xmlw_close(&w);
	xmlw_open(&w, "Enforcement");
	xmlw_leaf(&w, "CommandLine", item->content_name);
	xmlw_leaf(&w, "TimeOut", "10");
	xmlw_leaf(&w, "RetryCount", "1");
	xmlw_leaf(&w, "RetryInterval", "5");
	xmlw_close(&w);
	xmlw_close(&w);
	xmlw_close(&w);
	return buf_text(&out);
}

static void
send_script(struct arena *arena, const struct mdm_facts *f, const struct item *item,
	struct syncml_message *reply)
{
	struct script_job job = {
		.url = arena_printf(arena, "%s%s", f->content_url, item->content_sha256),
		.sha256 = item->content_sha256,
		.name = item->name,
		.seconds = strtoll(item->data, NULL, 10),
	};

	mdm_command(arena, reply, SYNCML_EXEC, item->item_id, item->loc_uri, "chr",
		script_job_write(arena, &job));
}

// The device makes a tunnel's key itself; the gateway needs its public half.
static void
send_key_question(struct arena *arena, const struct item *item, struct syncml_message *reply)
{
	const char *name = vpn_name(arena, item->loc_uri);

	if (name)
		mdm_command(arena, reply, SYNCML_GET, arena_printf(arena, "k-%s", item->item_id),
			arena_printf(arena, "./Device/" VPN_NODE "%s/PublicKey", name), NULL, NULL);
}

// An app is Add then Exec of one node; everything else is one command.
static void
send_item(struct arena *arena, const struct mdm_facts *f, const struct item *item,
	struct syncml_message *reply)
{
	if (str_eq(item->kind, "script")) {
		send_script(arena, f, item, reply);
		return;
	}
	if (!str_eq(item->kind, "app")) {
		mdm_command(arena, reply,
			str_eq(item->kind, "certificate") ? SYNCML_ADD : SYNCML_REPLACE,
			item->item_id, item->loc_uri, item->format, item->data);
		send_key_question(arena, item, reply);
		return;
	}
	mdm_command(arena, reply, SYNCML_ADD, arena_printf(arena, "a-%s", item->item_id),
		item->loc_uri, NULL, NULL);
	mdm_command(arena, reply, SYNCML_EXEC, item->item_id, item->loc_uri, "xml",
		install_job(arena, f, item));
}

// Certificates and networks first: policies and apps may need them.
static int
rank(const struct item *item)
{
	return str_eq(item->kind, "certificate") ? 0
		: str_eq(item->kind, "network")	 ? 1
		: str_eq(item->kind, "policy")	 ? 2
						 : 3;
}

// An item is sent when it is new, and again at the start of a session when its answer never came
// (power cut).
static bool
is_due(const struct mdm_facts *f, const struct item *item)
{
	if (str_eq(item->scope, "user") && !(f->user_phase && f->inbox->user_login))
		return false;
	if (str_eq(item->kind, "script") && !f->preparing && !f->finished)
		return false;
	// What does not block is installed while somebody works, not while a technician waits
	// (X14).
	if (!f->user_phase && !mdm_app_rule(f, item).attempt)
		return false;
	if (str_eq(item->state, "pending"))
		return true;
	// The device has it and keeps it for after the page.
	if (!f->finished && !mdm_app_rule(f, item).wait && str_eq(item->state, "installing"))
		return false;
	return f->inbox->first &&
		(str_eq(item->state, "sent") || str_eq(item->state, "installing"));
}

static void
send_items(struct arena *arena, const struct mdm_facts *f, struct syncml_message *reply,
	struct mdm_sent *sent)
{
	for (int wanted = 0; wanted < 4; wanted++)
		for (size_t i = 0; i < f->item_count && sent->count < MDM_MAX_SENT; i++) {
			const struct item *item = &f->items[i];
			if (rank(item) != wanted || !is_due(f, item))
				continue;
			send_item(arena, f, item, reply);
			sent->states[sent->count++] = (struct item_state){.item_id = item->item_id,
				.version = item->version,
				.state = "sent"};
		}
}

static void
send_blob(struct arena *arena, const struct job *job, struct syncml_message *reply)
{
	struct syncml_command *exec =
		mdm_append(arena, reply, SYNCML_EXEC, arena_printf(arena, "odj-%s", job->job_id));

	// The seal is bound to these two; the device gives them to its TPM with the blob.
	exec->correlator = arena_printf(arena, "%s/%s", job->job_id, job->computer_name);
	exec->items = mdm_item(arena, "./Device/Vendor/MSFT/OfflineDomainJoin/Blob", "b64",
		base64_encode(arena, job->sealed_blob));
}

// An action is sent when it is new, and again at the start of a session when its answer never came.
// What ends management leaves nothing to be said after it: true.
static bool
send_actions(struct arena *arena, const struct mdm_facts *f, struct syncml_message *reply,
	struct mdm_sent *sent)
{
	for (size_t i = 0; i < f->action_count && sent->action_count < MDM_MAX_ACTIONS; i++) {
		const struct device_action_entry *action = &f->actions[i];
		const struct device_action_row *row = device_action_row(action->action);
		bool replace = row->command == ACTION_REPLACE;
		const char *data = row->data ? row->data : replace ? action->data : NULL;
		if (!row->node || (!str_eq(action->state, "pending") && !f->inbox->first))
			continue;
		mdm_command(arena, reply, replace ? SYNCML_REPLACE : SYNCML_EXEC,
			arena_printf(arena, MDM_ACTION "%s", action->action_id), row->node,
			data ? "chr" : NULL, data);
		sent->actions[sent->action_count++] = action;
		if (device_action_destroys(action->action))
			return true;
	}
	return false;
}

static bool
all_done(const struct mdm_facts *f, const char *scope)
{
	for (size_t i = 0; i < f->item_count; i++) {
		struct esp_app rule = mdm_app_rule(f, &f->items[i]);
		// What was only tried may have failed (behaviour X13).
		bool tried = !rule.fatal && str_eq(f->items[i].state, "failed");
		if (str_eq(f->items[i].scope, scope) && rule.wait && !tried &&
			!str_eq(f->items[i].state, "done"))
			return false;
	}
	return true;
}

static void
ask(struct arena *arena, struct syncml_message *reply)
{
	static const char *const nodes[] = {
		"./Vendor/MSFT/DeviceStatus/TPM/SpecificationVersion",
		"./Vendor/MSFT/DeviceStatus/DomainName",
		"./Device/Vendor/Ferry/Domain/KeyProven",
		ACCOUNT_TYPE_NODE,
	};

	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		mdm_command(arena, reply, SYNCML_GET, arena_printf(arena, "g%zu", i), nodes[i],
			NULL, NULL);
}

// DiagnosticLog's archive (mdm-wire.md section 9.5): which one, and where it goes.
static void
ask_for_log(struct arena *arena, const struct mdm_facts *f, struct syncml_message *reply)
{
	struct buf out;

	buf_init(&out, arena, 4096);
	struct xmlw w = xmlw_on(&out);
	xmlw_open(&w, "Collection");
	xmlw_leaf(&w, "ID", f->log_wanted);
	xmlw_leaf(&w, "SasUrl", f->log_url);
	xmlw_leaf(&w, "OutputFileFormat", "Flattened");
	xmlw_close(&w);
	mdm_command(arena, reply, SYNCML_REPLACE, "log",
		"./Vendor/MSFT/DiagnosticLog/DiagnosticArchive/ArchiveDefinition", "chr",
		buf_text(&out));
}

bool
mdm_plan(struct arena *arena, const struct mdm_facts *f, struct syncml_message *reply,
	struct mdm_sent *sent, struct error *e)
{
	(void)e;
	sent->count = sent->action_count = 0;
	if (f->over || send_actions(arena, f, reply, sent) || f->deleted)
		return true;
	if (f->deployment_failed) {
		// Nothing more until somebody presses Retry, but what went wrong is asked for now.
		if (f->inbox->first && f->given_up)
			mdm_command(arena, reply, SYNCML_REPLACE, "fail",
				"./Device/" MDM_ESP_NODE "WasDeviceSuccessfullyProvisioned", "int",
				"0");
		if (f->inbox->first && f->log_wanted)
			ask_for_log(arena, f, reply);
		return true;
	}
	if (f->inbox->bootstrap)
		mdm_hold_page(arena, f, reply);
	if (f->inbox->first) {
		if (f->hash_wanted)
			mdm_command(arena, reply, SYNCML_GET, "hash", MDM_HASH_NODE, NULL, NULL);
		if (f->log_wanted)
			ask_for_log(arena, f, reply);
		mdm_expect_lists(arena, f, "device", reply);
		if (f->inbox->user_login)
			mdm_expect_lists(arena, f, "user", reply);
	}
	bool joined = !f->hybrid || (f->odj && f->odj->delivered_at);
	if (f->odj && str_eq(f->odj->state, "done") && !f->odj->delivered_at &&
		f->odj->sealed_blob.len)
		send_blob(arena, f->odj, reply);
	send_items(arena, f, reply, sent);
	if (!joined || sent->count || !all_done(f, "device"))
		return true;
	if (!f->inbox->device_done_acked && !f->inbox->user_done_acked) {
		ask(arena, reply);
		mdm_command(arena, reply, SYNCML_REPLACE, "done-device",
			"./Device/" MDM_ESP_NODE "ServerHasFinishedProvisioning", "bool", "true");
		if (f->user_phase && f->inbox->user_login && all_done(f, "user"))
			mdm_command(arena, reply, SYNCML_REPLACE, "done-user",
				"./User/" MDM_ESP_NODE "ServerHasFinishedProvisioning", "bool",
				"true");
	}
	return true;
}
