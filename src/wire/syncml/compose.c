// SPDX-License-Identifier: Apache-2.0
#include "wire/syncml/compose.h"

void
syncml_next(struct syncml_session *s)
{
	s->cmd_id = 0;
	s->msg_id++;
	s->out = arena_new(s->arena, struct syncml_message);
	*s->out = (struct syncml_message){
		.ver_dtd = "1.2",
		.ver_proto = "DM/1.2",
		.session_id = "1",
		.msg_id = arena_printf(s->arena, "%u", s->msg_id),
		.target = s->target,
		.source = s->source,
		.final = true,
	};
}

struct syncml_command *
syncml_add(struct syncml_session *s, enum syncml_type type)
{
	struct syncml_command *command = arena_new(s->arena, struct syncml_command), **end;

	command->type = type;
	command->cmd_id = arena_printf(s->arena, "%u", ++s->cmd_id);
	for (end = &s->out->commands; *end; end = &(*end)->next)
		;
	*end = command;
	return command;
}

struct syncml_item *
syncml_add_item(struct syncml_session *s, struct syncml_command *command)
{
	struct syncml_item *item = arena_new(s->arena, struct syncml_item), **end;

	for (end = &command->items; *end; end = &(*end)->next)
		;
	*end = item;
	return item;
}

void
syncml_alert(struct syncml_session *s, const char *code, const char *type, const char *format,
	const char *source, const char *data)
{
	struct syncml_command *command = syncml_add(s, SYNCML_ALERT);

	command->data = code;
	if (!type)
		return;
	struct syncml_item *item = syncml_add_item(s, command);
	item->source = source;
	item->data = data;
	item->meta = (struct syncml_meta){.present = true, .type = type, .format = format};
}

void
syncml_dev_info(struct syncml_session *s, const struct syncml_dev_info *info)
{
	const struct {
		const char *node, *value;
	} nodes[] = {
		{"./DevInfo/DevId", s->source},
		{"./DevInfo/Man", info->manufacturer},
		{"./DevInfo/Mod", info->model},
		{"./DevInfo/DmV", "1.3"},
		{"./DevInfo/Lang", info->language},
	};
	struct syncml_command *replace = syncml_add(s, SYNCML_REPLACE);

	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		struct syncml_item *item = syncml_add_item(s, replace);
		item->source = nodes[i].node;
		item->data = nodes[i].value;
	}
}

void
syncml_status(struct syncml_session *s, const char *msg_ref, const struct syncml_command *command,
	const char *uri, int status)
{
	struct syncml_command *out = syncml_add(s, SYNCML_STATUS);

	out->msg_ref = msg_ref;
	out->cmd_ref = command->cmd_id;
	out->cmd = syncml_name(command->type);
	out->data = arena_printf(s->arena, "%d", status);
	if (uri) {
		out->target_refs = arena_new(s->arena, struct syncml_ref);
		out->target_refs->uri = uri;
	}
}

void
syncml_result(struct syncml_session *s, const char *msg_ref, const struct syncml_command *command,
	const char *uri, const char *value)
{
	struct syncml_command *out = syncml_add(s, SYNCML_RESULTS);
	struct syncml_item *item = syncml_add_item(s, out);

	out->msg_ref = msg_ref;
	out->cmd_ref = command->cmd_id;
	item->source = uri;
	item->data = value;
}

void
syncml_reply(struct syncml_session *s, const char *msg_ref)
{
	syncml_next(s);
	struct syncml_command *header = syncml_add(s, SYNCML_STATUS);
	header->msg_ref = msg_ref;
	header->cmd_ref = "0";
	header->cmd = "SyncHdr";
	header->data = "200";
}
