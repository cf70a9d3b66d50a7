// SPDX-License-Identifier: Apache-2.0
#include "codec/xml.h"

#include "base/str.h"

#include <expat.h>

enum {
	DEFAULT_BYTES = 1 << 20,
	DEFAULT_DEPTH = 32,
	DEEPEST = 64,
	DEFAULT_NODES = 10000,
	LONGEST_NS = 1024
};

// Separates namespace and local name in what expat reports; no XML document can contain it.
#define SEPARATOR '\x01'

struct frame {
	struct xml *node;
	const struct xml **link; // where the next child goes
	struct buf text;
};

struct builder {
	struct arena *arena;
	XML_Parser parser;
	struct frame frames[DEEPEST];
	size_t depth, max_depth;
	size_t nodes, max_nodes, max_bytes;
	struct xml *root;
	bool stopped;
	struct error *e;
};

CLEANUP_FN(XML_Parser, XML_ParserFree, parser_free_p)

static void
stop(struct builder *b, enum error_code code, const char *what)
{
	if (b->stopped)
		return;
	b->stopped = true;
	error_set(b->e, code, "XML line %lu column %lu: %s", XML_GetCurrentLineNumber(b->parser),
		XML_GetCurrentColumnNumber(b->parser) + 1, what);
	XML_StopParser(b->parser, XML_FALSE);
}

static bool
count_node(struct builder *b)
{
	if (++b->nodes <= b->max_nodes)
		return true;
	stop(b, ERR_LIMIT, "too many elements and attributes");
	return false;
}

static void
split_name(struct arena *arena, const char *qualified, const char **ns, const char **name)
{
	const char *sep = strchr(qualified, SEPARATOR);

	*ns = sep ? arena_strndup(arena, qualified, (size_t)(sep - qualified)) : "";
	*name = arena_strdup(arena, sep ? sep + 1 : qualified);
}

// Siblings and parents mostly share their namespace: keep one copy.
static void
share_namespace(struct builder *b, const char *qualified, struct xml *node)
{
	const char *above = b->depth ? b->frames[b->depth - 1].node->ns : "";
	size_t len = strlen(above);

	if (len && strncmp(qualified, above, len) == 0 && qualified[len] == SEPARATOR) {
		node->ns = above;
		node->name = arena_strdup(b->arena, qualified + len + 1);
	} else {
		split_name(b->arena, qualified, &node->ns, &node->name);
	}
}

static bool
add_attributes(struct builder *b, struct xml *node, const XML_Char **attrs)
{
	const struct xml_attr **link = &node->attrs;

	for (; *attrs; attrs += 2) {
		if (!count_node(b))
			return false;
		struct xml_attr *attr = arena_new(b->arena, struct xml_attr);
		split_name(b->arena, attrs[0], &attr->ns, &attr->name);
		attr->value = arena_strdup(b->arena, attrs[1]);
		*link = attr;
		link = &attr->next;
	}
	return true;
}

static void XMLCALL
on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct builder *b = data;

	if (b->stopped || !count_node(b))
		return;
	if (b->depth == b->max_depth) {
		stop(b, ERR_LIMIT, "nested too deeply");
		return;
	}
	struct xml *node = arena_new(b->arena, struct xml);
	node->line = XML_GetCurrentLineNumber(b->parser);
	share_namespace(b, name, node);
	if (!add_attributes(b, node, attrs))
		return;
	if (b->depth) {
		struct frame *parent = &b->frames[b->depth - 1];
		*parent->link = node;
		parent->link = &node->next;
	} else {
		b->root = node;
	}
	struct frame *frame = &b->frames[b->depth++];
	frame->node = node;
	frame->link = &node->first;
	buf_init(&frame->text, b->arena, b->max_bytes);
}

static void XMLCALL
on_end(void *data, const XML_Char *name)
{
	struct builder *b = data;

	(void)name;
	if (b->stopped)
		return;
	struct frame *frame = &b->frames[--b->depth];
	frame->node->text = buf_text(&frame->text);
	frame->node->len = frame->text.len;
}

static void XMLCALL
on_text(void *data, const XML_Char *text, int len)
{
	struct builder *b = data;

	if (!b->stopped && b->depth)
		buf_put(&b->frames[b->depth - 1].text, text, (size_t)len);
}

static void XMLCALL
on_doctype(void *data, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid,
	int has_internal_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	stop(data, ERR_INVALID, "a document type declaration is refused");
}

static void XMLCALL
on_entity(void *data, const XML_Char *name, int is_parameter, const XML_Char *value, int len,
	const XML_Char *base, const XML_Char *sysid, const XML_Char *pubid,
	const XML_Char *notation)
{
	(void)name;
	(void)is_parameter;
	(void)value;
	(void)len;
	(void)base;
	(void)sysid;
	(void)pubid;
	(void)notation;
	stop(data, ERR_INVALID, "an entity declaration is refused");
}

static void XMLCALL
on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
	(void)target;
	(void)text;
	stop(data, ERR_INVALID, "a processing instruction is refused");
}

static void XMLCALL
on_declaration(void *data, const XML_Char *version, const XML_Char *encoding, int standalone)
{
	(void)version;
	(void)standalone;
	if (encoding && !str_ieq(encoding, "utf-8") && !str_ieq(encoding, "us-ascii"))
		stop(data, ERR_INVALID, "only the encoding UTF-8 is read");
}

// Text copied from a document page breaks names into lines; the element would silently become one
// of an unknown namespace.
static void XMLCALL
on_namespace(void *data, const XML_Char *prefix, const XML_Char *uri)
{
	(void)prefix;
	if (uri && strpbrk(uri, " \t\r\n"))
		stop(data, ERR_INVALID, "white space in a namespace name");
	// One declaration may serve thousands of elements, and each may keep a copy.
	if (uri && strlen(uri) > LONGEST_NS)
		stop(data, ERR_LIMIT, "too long a namespace name");
}

static void
set_handlers(struct builder *b)
{
	XML_SetUserData(b->parser, b);
	XML_SetElementHandler(b->parser, on_start, on_end);
	XML_SetCharacterDataHandler(b->parser, on_text);
	XML_SetStartDoctypeDeclHandler(b->parser, on_doctype);
	XML_SetEntityDeclHandler(b->parser, on_entity);
	XML_SetProcessingInstructionHandler(b->parser, on_instruction);
	XML_SetStartNamespaceDeclHandler(b->parser, on_namespace);
	XML_SetXmlDeclHandler(b->parser, on_declaration);
}

static size_t
or_default(size_t value, size_t otherwise)
{
	return value ? value : otherwise;
}

static struct slice
skip_space(struct slice text)
{
	while (text.len && strchr(" \t\r\n", *text.data) && *text.data) {
		text.data++;
		text.len--;
	}
	return text;
}

const struct xml *
xml_parse(struct arena *arena, struct slice text, const struct xml_limits *limits, struct error *e)
{
	static const struct xml_limits defaults;

	if (!limits)
		limits = &defaults;
	struct builder b = {.arena = arena,
		.max_bytes = or_default(limits->max_bytes, DEFAULT_BYTES),
		.max_depth = or_default(limits->max_depth, DEFAULT_DEPTH),
		.max_nodes = or_default(limits->max_nodes, DEFAULT_NODES),
		.e = e};
	if (b.max_depth > DEEPEST)
		b.max_depth = DEEPEST;
	if (text.len > b.max_bytes || text.len > INT32_MAX) {
		error_set(e, ERR_LIMIT, "XML of %zu bytes, at most %zu are read", text.len,
			b.max_bytes);
		return NULL;
	}
	// Expat would follow a UTF-16 byte order mark whatever encoding it was told.
	if (!utf8_valid(text)) {
		error_set(e, ERR_INVALID, "XML is not UTF-8 text");
		return NULL;
	}
	text = skip_space(text);
	CLEANUP(parser_free_p) XML_Parser parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
	if (!parser) {
		error_set(e, ERR_INTERNAL, "out of memory");
		return NULL;
	}
	b.parser = parser;
	set_handlers(&b);
	if (XML_Parse(parser, (const char *)text.data, (int)text.len, XML_TRUE) == XML_STATUS_OK &&
		!b.stopped)
		return b.root;
	stop(&b, ERR_INVALID, XML_ErrorString(XML_GetErrorCode(parser)));
	return NULL;
}
