// SPDX-License-Identifier: Apache-2.0
// OMA-DM 1.2 messages (SyncML representation protocol): XML to structs and back, for both ends of a
// session.
#pragma once

#include "base/buf.h"

enum syncml_type {
	SYNCML_ALERT,
	SYNCML_ADD,
	SYNCML_REPLACE,
	SYNCML_DELETE,
	SYNCML_GET,
	SYNCML_EXEC,
	SYNCML_ATOMIC,
	SYNCML_SEQUENCE,
	SYNCML_STATUS,
	SYNCML_RESULTS,
	SYNCML_TYPE_COUNT
};

// Limits of one message; XML limits (1 MiB, depth 32, 10,000 nodes) hold beside them.
enum { SYNCML_MAX_COMMANDS = 2000, SYNCML_MAX_ITEMS = 4000, SYNCML_MAX_LOCURI = 2048 };

#define SYNCML_CONTENT_TYPE "application/vnd.syncml.dm+xml"

// Meta information (namespace syncml:metinf). A NULL text is an absent element.
struct syncml_meta {
	bool present;
	const char *format; // chr int bool b64 bin node null xml float date time
	const char *type;   // "text/plain", "syncml:auth-md5", an alert type …
	const char *mark;
	const char *size;	// bytes of the whole object, in its first chunk
	const char *next_nonce; // base64
	const char *version;
	const char *max_msg_size; // bytes
	const char *max_obj_size;
};

struct syncml_item {
	struct syncml_item *next;
	const char *target, *target_name; // LocURI and LocName
	const char *source, *source_name;
	const char *source_parent, *target_parent;
	struct syncml_meta meta;
	const char *data; // as sent, NULL when absent
	bool more_data;	  // a chunk of a large object, not the last
};

// TargetRef and SourceRef of a Status.
struct syncml_ref {
	struct syncml_ref *next;
	const char *uri;
};

// Cred: how the sender proves who it is.
struct syncml_cred {
	struct syncml_meta meta;
	const char *data;
};

struct syncml_command {
	struct syncml_command *next;
	enum syncml_type type;
	const char *cmd_id;
	const char *msg_ref, *cmd_ref; // opaque texts (Status, Results)
	const char *cmd;	       // name of the answered command (Status, Results)
	struct syncml_ref *target_refs, *source_refs;
	bool no_resp;
	const char *lang, *correlator;
	struct syncml_cred *cred;
	struct syncml_meta *chal; // challenge of a Status
	struct syncml_meta meta;
	const char *data; // code of an Alert ("1201") or Status ("200")
	// "0x86000002": what Windows adds to a failing Status (mdm-wire.md 8); NULL when absent.
	const char *original_error;
	struct syncml_item *items;
	struct syncml_command *children; // of Atomic and Sequence
};

struct syncml_message {
	const char *ver_dtd, *ver_proto; // "1.2", "DM/1.2"
	const char *session_id, *msg_id; // opaque
	const char *target, *target_name;
	const char *source, *source_name;
	const char *resp_uri;
	bool no_resp;
	struct syncml_cred *cred;
	struct syncml_meta meta;
	struct syncml_command *commands;
	bool final; // the package ends with this message
};

// "Replace": element name of a command.
const char *syncml_name(enum syncml_type type);

// Read a message (mdm-wire.md sections 8 and 12). Liberal: any element order, white space around
// references and addresses, unknown elements inside commands. Strict, per [RepPro 1.2]:
// - not well-formed, or no SyncML 1.2 message: ERR_PROTOCOL (HTTP 400, no state change);
// - SyncHdr without SessionID, MsgID, Target or Source; an element or text under SyncBody that is
//   nothing of SyncML; a missing CmdID; elements inside Data: ERR_INVALID (status 400);
// - a command of SyncML that device management does not use (Put, Sync …): ERR_UNSUPPORTED (406);
// - too many commands or items, too long a LocURI: ERR_LIMIT.
// Faults: syncml_not_xml, syncml_not_a_message, syncml_header_incomplete, syncml_unknown_element,
// syncml_missing_cmdid, syncml_unescaped_data, syncml_unsupported_command, syncml_too_large.
bool syncml_parse(struct arena *arena, struct slice text, struct syncml_message **out,
	struct error *e) MUST_CHECK;

// Write a message on one line in the order of the DTD: the Windows client stops silently on white
// space between elements. Elements that the type of a command has no place for are left out. Ask
// buf_ok() afterwards.
void syncml_write(struct buf *out, const struct syncml_message *message);
