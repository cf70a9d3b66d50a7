// SPDX-License-Identifier: Apache-2.0
#include "codec/xml.h"
#include "wire/syncml/table.h"

#define PLAIN_PARTS (PART_NORESP | PART_CRED | PART_META | PART_ITEMS)

const struct syncml_row syncml_table[SYNCML_TYPE_COUNT] = {
	[SYNCML_ALERT] = {"Alert",
		PART_NORESP | PART_CRED | PART_DATA | PART_CORRELATOR | PART_ITEMS},
	[SYNCML_ADD] = {"Add", PLAIN_PARTS},
	[SYNCML_REPLACE] = {"Replace", PLAIN_PARTS},
	[SYNCML_DELETE] = {"Delete", PLAIN_PARTS},
	[SYNCML_GET] = {"Get", PLAIN_PARTS | PART_LANG},
	[SYNCML_EXEC] = {"Exec", PLAIN_PARTS | PART_CORRELATOR},
	[SYNCML_ATOMIC] = {"Atomic", PART_NORESP | PART_META | PART_CHILDREN},
	[SYNCML_SEQUENCE] = {"Sequence", PART_NORESP | PART_META | PART_CHILDREN},
	[SYNCML_STATUS] = {"Status",
		PART_REFS | PART_LOCREFS | PART_CRED | PART_CHAL | PART_DATA | PART_ITEMS},
	[SYNCML_RESULTS] = {"Results", PART_REFS | PART_META | PART_LOCREFS | PART_ITEMS},
};

const char *
syncml_name(enum syncml_type type)
{
	return type < SYNCML_TYPE_COUNT ? syncml_table[type].name : "?";
}

static void
write_flag(struct xmlw *w, const char *name, bool set)
{
	if (set)
		xmlw_leaf(w, name, "");
}

static void
write_location(struct xmlw *w, const char *element, const char *uri, const char *name)
{
	if (!uri)
		return;
	xmlw_open(w, element);
	xmlw_leaf(w, "LocURI", uri);
	xmlw_leaf(w, "LocName", name);
	xmlw_close(w);
}

static void
write_metinf(struct xmlw *w, const char *name, const char *value)
{
	if (!value)
		return;
	xmlw_open(w, name);
	xmlw_attr(w, "xmlns", METINF_NS);
	xmlw_text(w, value);
	xmlw_close(w);
}

static void
write_meta(struct xmlw *w, const struct syncml_meta *meta)
{
	if (!meta->present)
		return;
	xmlw_open(w, "Meta");
	write_metinf(w, "Format", meta->format);
	write_metinf(w, "Type", meta->type);
	write_metinf(w, "Mark", meta->mark);
	write_metinf(w, "Size", meta->size);
	write_metinf(w, "NextNonce", meta->next_nonce);
	write_metinf(w, "MaxMsgSize", meta->max_msg_size);
	write_metinf(w, "MaxObjSize", meta->max_obj_size);
	// The one child whose DTD entry has no xmlns of its own.
	xmlw_leaf(w, "Version", meta->version);
	xmlw_close(w);
}

static void
write_cred(struct xmlw *w, const struct syncml_cred *cred)
{
	if (!cred)
		return;
	xmlw_open(w, "Cred");
	write_meta(w, &cred->meta);
	xmlw_leaf(w, "Data", cred->data ? cred->data : "");
	xmlw_close(w);
}

static void
write_chal(struct xmlw *w, const struct syncml_meta *chal)
{
	if (!chal)
		return;
	xmlw_open(w, "Chal");
	write_meta(w, chal);
	xmlw_close(w);
}

static void
write_item(struct xmlw *w, const struct syncml_item *item)
{
	xmlw_open(w, "Item");
	write_location(w, "Target", item->target, item->target_name);
	write_location(w, "Source", item->source, item->source_name);
	write_location(w, "SourceParent", item->source_parent, NULL);
	write_location(w, "TargetParent", item->target_parent, NULL);
	write_meta(w, &item->meta);
	xmlw_leaf(w, "Data", item->data);
	write_flag(w, "MoreData", item->more_data);
	xmlw_close(w);
}

static void
write_code(struct xmlw *w, const struct syncml_command *c)
{
	if (!c->data && !c->original_error)
		return;
	xmlw_open(w, "Data");
	if (c->original_error) {
		xmlw_attr(w, "xmlns:msft", MSFT_NS);
		xmlw_attr(w, "msft:originalerror", c->original_error);
	}
	xmlw_text(w, c->data);
	xmlw_close(w);
}

static void
write_refs(struct xmlw *w, const char *name, const struct syncml_ref *ref)
{
	for (; ref; ref = ref->next)
		xmlw_leaf(w, name, ref->uri);
}

// The parts that stand before the items. Order of elements: content models of the DTD; Meta and the
// location references of Results stand where those of Status have Cred and Chal behind them, so one
// order serves all types.
static void
write_parts(struct xmlw *w, const struct syncml_command *c, unsigned parts)
{
	xmlw_leaf(w, "CmdID", c->cmd_id);
	if (parts & PART_REFS) {
		xmlw_leaf(w, "MsgRef", c->msg_ref);
		xmlw_leaf(w, "CmdRef", c->cmd_ref);
		xmlw_leaf(w, "Cmd", c->cmd);
	}
	if (parts & PART_NORESP)
		write_flag(w, "NoResp", c->no_resp);
	if (parts & PART_LANG)
		xmlw_leaf(w, "Lang", c->lang);
	if (parts & PART_META && parts & PART_REFS)
		write_meta(w, &c->meta);
	if (parts & PART_LOCREFS) {
		write_refs(w, "TargetRef", c->target_refs);
		write_refs(w, "SourceRef", c->source_refs);
	}
	if (parts & PART_CRED)
		write_cred(w, c->cred);
	if (parts & PART_CHAL)
		write_chal(w, c->chal);
	if (parts & PART_META && !(parts & PART_REFS))
		write_meta(w, &c->meta);
	if (parts & PART_DATA)
		write_code(w, c);
	if (parts & PART_CORRELATOR)
		xmlw_leaf(w, "Correlator", c->correlator);
}

static void
write_command(struct xmlw *w, const struct syncml_command *c)
{
	const struct syncml_row *row = &syncml_table[c->type];

	xmlw_open(w, row->name);
	write_parts(w, c, row->parts);
	if (row->parts & PART_ITEMS)
		for (const struct syncml_item *item = c->items; item; item = item->next)
			write_item(w, item);
	if (row->parts & PART_CHILDREN)
		for (const struct syncml_command *child = c->children; child; child = child->next)
			write_command(w, child);
	xmlw_close(w);
}

static void
write_header(struct xmlw *w, const struct syncml_message *m)
{
	xmlw_open(w, "SyncHdr");
	xmlw_leaf(w, "VerDTD", m->ver_dtd ? m->ver_dtd : "1.2");
	xmlw_leaf(w, "VerProto", m->ver_proto ? m->ver_proto : "DM/1.2");
	xmlw_leaf(w, "SessionID", m->session_id);
	xmlw_leaf(w, "MsgID", m->msg_id);
	write_location(w, "Target", m->target, m->target_name);
	write_location(w, "Source", m->source, m->source_name);
	xmlw_leaf(w, "RespURI", m->resp_uri);
	write_flag(w, "NoResp", m->no_resp);
	write_cred(w, m->cred);
	write_meta(w, &m->meta);
	xmlw_close(w);
}

void
syncml_write(struct buf *out, const struct syncml_message *message)
{
	struct xmlw w = xmlw_on(out);

	xmlw_open(&w, "SyncML");
	xmlw_attr(&w, "xmlns", SYNCML_NS);
	write_header(&w, message);
	xmlw_open(&w, "SyncBody");
	for (const struct syncml_command *c = message->commands; c; c = c->next)
		write_command(&w, c);
	write_flag(&w, "Final", message->final);
	xmlw_close(&w);
	xmlw_close(&w);
}
