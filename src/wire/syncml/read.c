// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "codec/xml.h"
#include "wire/syncml/table.h"

struct reader {
	struct arena *arena;
	size_t commands, items;
	struct error *e;
};

// Elements are matched by local name inside a SyncML document: peers disagree about where the
// metinf namespace begins (mdm-wire.md 12, point 5).
static const struct xml *
part(const struct xml *parent, const char *name)
{
	return xml_child(parent, NULL, name);
}

static const char *
text_of(struct reader *r, const struct xml *parent, const char *name)
{
	return xml_child_text(r->arena, parent, NULL, name);
}

// Data is verbatim: white space may belong to the value.
static bool
read_data(struct reader *r, const struct xml *parent, const char **out)
{
	const struct xml *data = part(parent, "Data");

	if (data && data->first)
		return error_fault(r->e, ERR_INVALID, "syncml_unescaped_data",
			"line %zu: Data contains the element <%s>; markup in Data must be escaped",
			data->line, data->first->name);
	*out = data ? data->text : NULL;
	return true;
}

static bool
check_uri(struct reader *r, const char *uri, size_t line)
{
	if (!uri || strlen(uri) <= SYNCML_MAX_LOCURI)
		return true;
	return error_fault(r->e, ERR_LIMIT, "syncml_too_large",
		"line %zu: an address of %zu bytes, at most %d are allowed", line, strlen(uri),
		SYNCML_MAX_LOCURI);
}

static bool
read_location(struct reader *r, const struct xml *parent, const char *element, const char **uri,
	const char **name)
{
	const struct xml *location = part(parent, element);

	if (!location)
		return true;
	*uri = text_of(r, location, "LocURI");
	if (name)
		*name = text_of(r, location, "LocName");
	return check_uri(r, *uri, location->line);
}

static void
read_meta(struct reader *r, const struct xml *parent, struct syncml_meta *meta)
{
	const struct xml *m = part(parent, "Meta");

	*meta = (struct syncml_meta){
		.present = m != NULL,
		.format = text_of(r, m, "Format"),
		.type = text_of(r, m, "Type"),
		.mark = text_of(r, m, "Mark"),
		.size = text_of(r, m, "Size"),
		.next_nonce = text_of(r, m, "NextNonce"),
		.version = text_of(r, m, "Version"),
		.max_msg_size = text_of(r, m, "MaxMsgSize"),
		.max_obj_size = text_of(r, m, "MaxObjSize"),
	};
}

static struct syncml_cred *
read_cred(struct reader *r, const struct xml *parent)
{
	const struct xml *c = part(parent, "Cred");

	if (!c)
		return NULL;
	struct syncml_cred *cred = arena_new(r->arena, struct syncml_cred);
	read_meta(r, c, &cred->meta);
	cred->data = text_of(r, c, "Data");
	return cred;
}

static bool
read_item(struct reader *r, const struct xml *node, struct syncml_item *item)
{
	if (++r->items > SYNCML_MAX_ITEMS)
		return error_fault(r->e, ERR_LIMIT, "syncml_too_large", "more than %d items",
			SYNCML_MAX_ITEMS);
	read_meta(r, node, &item->meta);
	item->more_data = part(node, "MoreData") != NULL;
	return read_location(r, node, "Target", &item->target, &item->target_name) &&
		read_location(r, node, "Source", &item->source, &item->source_name) &&
		read_location(r, node, "SourceParent", &item->source_parent, NULL) &&
		read_location(r, node, "TargetParent", &item->target_parent, NULL) &&
		read_data(r, node, &item->data);
}

static bool
read_items(struct reader *r, const struct xml *command, struct syncml_item **link)
{
	for (const struct xml *n = part(command, "Item"); n; n = xml_next(n, NULL, "Item")) {
		*link = arena_new(r->arena, struct syncml_item);
		if (!read_item(r, n, *link))
			return false;
		link = &(*link)->next;
	}
	return true;
}

static bool
read_refs(struct reader *r, const struct xml *command, const char *name, struct syncml_ref **link)
{
	for (const struct xml *n = part(command, name); n; n = xml_next(n, NULL, name)) {
		*link = arena_new(r->arena, struct syncml_ref);
		(*link)->uri = xml_trimmed(r->arena, n);
		if (!check_uri(r, (*link)->uri, n->line))
			return false;
		link = &(*link)->next;
	}
	return true;
}

// Windows puts the attribute on Data; the DTD allows it on Status as well.
static const char *
original_error(const struct xml *command)
{
	const char *on_data = xml_attr(part(command, "Data"), NULL, "originalerror");

	return on_data ? on_data : xml_attr(command, NULL, "originalerror");
}

static bool read_commands(struct reader *r, const struct xml *parent, struct syncml_command **link);

static bool
read_parts(struct reader *r, const struct xml *node, struct syncml_command *c, unsigned parts)
{
	if (parts & PART_REFS) {
		c->msg_ref = text_of(r, node, "MsgRef");
		c->cmd_ref = text_of(r, node, "CmdRef");
		c->cmd = text_of(r, node, "Cmd");
	}
	c->no_resp = parts & PART_NORESP && part(node, "NoResp");
	if (parts & PART_LANG)
		c->lang = text_of(r, node, "Lang");
	if (parts & PART_META)
		read_meta(r, node, &c->meta);
	if (parts & PART_CRED)
		c->cred = read_cred(r, node);
	if (parts & PART_CHAL && part(node, "Chal")) {
		c->chal = arena_new(r->arena, struct syncml_meta);
		read_meta(r, part(node, "Chal"), c->chal);
	}
	if (parts & PART_DATA) {
		c->data = text_of(r, node, "Data");
		c->original_error = original_error(node);
	}
	if (parts & PART_CORRELATOR)
		c->correlator = text_of(r, node, "Correlator");
	if (parts & PART_LOCREFS &&
		(!read_refs(r, node, "TargetRef", &c->target_refs) ||
			!read_refs(r, node, "SourceRef", &c->source_refs)))
		return false;
	if (parts & PART_ITEMS && !read_items(r, node, &c->items))
		return false;
	return !(parts & PART_CHILDREN) || read_commands(r, node, &c->children);
}

static bool
find_type(const char *name, enum syncml_type *type)
{
	for (int i = 0; i < SYNCML_TYPE_COUNT; i++)
		if (str_eq(name, syncml_table[i].name)) {
			*type = (enum syncml_type)i;
			return true;
		}
	return false;
}

// Commands of [RepPro 1.2] that device management leaves out.
static bool
is_foreign_command(const char *name)
{
	static const char *const names[] = {"Copy", "Map", "Move", "Put", "Search", "Sync"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

// What may stand beside commands in SyncBody, Atomic and Sequence.
static bool
is_beside_commands(const char *name, bool in_body)
{
	if (in_body)
		return str_eq(name, "Final");
	return str_eq(name, "CmdID") || str_eq(name, "NoResp") || str_eq(name, "Meta");
}

static bool
read_command(struct reader *r, const struct xml *node, struct syncml_command **out)
{
	enum syncml_type type;

	if (!find_type(node->name, &type)) {
		if (is_foreign_command(node->name))
			return error_fault(r->e, ERR_UNSUPPORTED, "syncml_unsupported_command",
				"line %zu: the command %s is not offered", node->line, node->name);
		return error_fault(r->e, ERR_INVALID, "syncml_unknown_element",
			"line %zu: <%.60s> is no command of SyncML", node->line, node->name);
	}
	if (++r->commands > SYNCML_MAX_COMMANDS)
		return error_fault(r->e, ERR_LIMIT, "syncml_too_large", "more than %d commands",
			SYNCML_MAX_COMMANDS);
	struct syncml_command *c = arena_new(r->arena, struct syncml_command);
	c->type = type;
	c->cmd_id = text_of(r, node, "CmdID");
	if (str_empty(c->cmd_id))
		return error_fault(r->e, ERR_INVALID, "syncml_missing_cmdid",
			"line %zu: %s without CmdID", node->line, node->name);
	*out = c;
	return read_parts(r, node, c, syncml_table[type].parts);
}

static bool
read_commands(struct reader *r, const struct xml *parent, struct syncml_command **link)
{
	bool in_body = str_eq(parent->name, "SyncBody");

	if (*xml_trimmed(r->arena, parent))
		return error_fault(r->e, ERR_INVALID, "syncml_unknown_element",
			"line %zu: text between the commands of %s", parent->line, parent->name);
	for (const struct xml *n = parent->first; n; n = n->next) {
		if (is_beside_commands(n->name, in_body))
			continue;
		if (!read_command(r, n, link))
			return false;
		link = &(*link)->next;
	}
	return true;
}

static bool
read_header(struct reader *r, const struct xml *header, struct syncml_message *m)
{
	m->ver_dtd = text_of(r, header, "VerDTD");
	m->ver_proto = text_of(r, header, "VerProto");
	m->session_id = text_of(r, header, "SessionID");
	m->msg_id = text_of(r, header, "MsgID");
	m->resp_uri = text_of(r, header, "RespURI");
	m->no_resp = part(header, "NoResp") != NULL;
	m->cred = read_cred(r, header);
	read_meta(r, header, &m->meta);
	if (!read_location(r, header, "Target", &m->target, &m->target_name) ||
		!read_location(r, header, "Source", &m->source, &m->source_name))
		return false;
	const char *missing = str_empty(m->session_id) ? "SessionID"
		: str_empty(m->msg_id)		       ? "MsgID"
		: str_empty(m->target)		       ? "Target"
		: str_empty(m->source)		       ? "Source"
						       : NULL;
	return !missing ||
		error_fault(r->e, ERR_INVALID, "syncml_header_incomplete", "SyncHdr without %s",
			missing);
}

static bool
read_message(struct reader *r, const struct xml *root, struct syncml_message *m)
{
	if (!xml_is(root, SYNCML_NS, "SyncML"))
		return error_fault(r->e, ERR_PROTOCOL, "syncml_not_a_message",
			"<%.60s> of namespace \"%.60s\" is no SyncML 1.2 message", root->name,
			root->ns);
	const struct xml *header = xml_child(root, SYNCML_NS, "SyncHdr");
	const struct xml *body = xml_child(root, SYNCML_NS, "SyncBody");
	if (!header || !body)
		return error_fault(r->e, ERR_PROTOCOL, "syncml_not_a_message", "SyncML without %s",
			header ? "SyncBody" : "SyncHdr");
	m->final = part(body, "Final") != NULL;
	return read_header(r, header, m) && read_commands(r, body, &m->commands);
}

bool
syncml_parse(struct arena *arena, struct slice text, struct syncml_message **out, struct error *e)
{
	struct reader r = {.arena = arena, .e = e};
	const struct xml *root = xml_parse(arena, text, NULL, e);

	if (!root) {
		bool limit = e->code == ERR_LIMIT;
		e->fault = limit ? "syncml_too_large" : "syncml_not_xml";
		if (!limit)
			e->code = ERR_PROTOCOL;
		return false;
	}
	struct syncml_message *m = arena_new(arena, struct syncml_message);
	if (!read_message(&r, root, m))
		return false;
	*out = m;
	return true;
}
