// SPDX-License-Identifier: Apache-2.0
// What the tests of management messages share: a device's message read, a plan as the command ids
// it consists of, and the arena that holds both until the program ends.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "ferryd/mdm.h"

static struct arena arena = {.cap = ARENA_REQUEST};
static struct error e;
static struct mdm_inbox inbox;
static struct mdm_sent sent;
static struct syncml_message reply;

// Fills `inbox` and `reply` from a message with this text between its header and <Final/>.
static inline void
read_body(const char *body, const struct item *items, size_t count)
{
	struct syncml_message *message;
	char *text = arena_printf(&arena,
		"<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>"
		"<VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>"
		"<Target><LocURI>t</LocURI></Target><Source><LocURI>s</LocURI></Source></SyncHdr>"
		"<SyncBody>%s<Final/></SyncBody></SyncML>",
		body);

	if (!syncml_parse(&arena, slice_str(text), &message, &e))
		fail_msg("%s: %s", body, e.message);
	reply = (struct syncml_message){0};
	if (!mdm_read(&arena, message, items, count, &inbox, &reply, &e))
		fail_msg("%s", e.message);
}

// What was planned, by command id: "crt net pol a-app app ".
static inline const char *
plan(const struct mdm_facts *facts)
{
	struct buf out;

	reply = (struct syncml_message){0};
	sent.count = 77;
	if (!mdm_plan(&arena, facts, &reply, &sent, &e))
		fail_msg("%s", e.message);
	buf_init(&out, &arena, 4096);
	for (const struct syncml_command *c = reply.commands; c; c = c->next)
		buf_printf(&out, "%s ", c->cmd_id);
	return buf_text(&out);
}

// NULL when nothing of that id was planned.
static inline const char *
data_of(const char *cmd_id)
{
	for (const struct syncml_command *c = reply.commands; c; c = c->next)
		if (str_eq(c->cmd_id, cmd_id))
			return c->items->data;
	return NULL;
}

static inline int
teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}
