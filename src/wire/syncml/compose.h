// SPDX-License-Identifier: Apache-2.0
// The device's half of a management session: its messages, with commands numbered as they are added
// (mdm-wire.md section 8).
#pragma once

#include "wire/syncml/syncml.h"

struct syncml_session {
	struct arena *arena;
	const char *target, *source; // the management address, the enrolment
	unsigned msg_id, cmd_id;
	struct syncml_message *out; // the message being made
};

// The next message, empty.
void syncml_next(struct syncml_session *s);

struct syncml_command *syncml_add(struct syncml_session *s, enum syncml_type type);
struct syncml_item *syncml_add_item(struct syncml_session *s, struct syncml_command *command);

// `type` NULL: an alert without item. Source and data may be NULL.
void syncml_alert(struct syncml_session *s, const char *code, const char *type, const char *format,
	const char *source, const char *data);

// The nodes of ./DevInfo that a session begins with.
struct syncml_dev_info {
	const char *manufacturer, *model, *language;
};
void syncml_dev_info(struct syncml_session *s, const struct syncml_dev_info *info);

// What came of a command of the message `msg_ref`; `uri` may be NULL.
void syncml_status(struct syncml_session *s, const char *msg_ref,
	const struct syncml_command *command, const char *uri, int status);

// The value that a Get asked for.
void syncml_result(struct syncml_session *s, const char *msg_ref,
	const struct syncml_command *command, const char *uri, const char *value);

// Begin the answer to a message: the status of its header.
void syncml_reply(struct syncml_session *s, const char *msg_ref);
