// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"
#include "wire/odata/query.h"

#include <inttypes.h>

static const char *const op_names[ODATA_OP_COUNT] = {
	[ODATA_OR] = "or",
	[ODATA_AND] = "and",
	[ODATA_NOT] = "not",
	[ODATA_EQ] = "eq",
	[ODATA_NE] = "ne",
	[ODATA_GT] = "gt",
	[ODATA_GE] = "ge",
	[ODATA_LT] = "lt",
	[ODATA_LE] = "le",
	[ODATA_IN] = "in",
	[ODATA_CONTAINS] = "contains",
	[ODATA_STARTSWITH] = "startswith",
	[ODATA_ENDSWITH] = "endswith",
	[ODATA_ISOF] = "isof",
	[ODATA_ANY] = "any",
	[ODATA_ALL] = "all",
	[ODATA_TOLOWER] = "tolower",
	[ODATA_TOUPPER] = "toupper",
	[ODATA_LENGTH] = "length",
	[ODATA_COUNT] = "$count",
};

static void
put_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_putc(out, '\'');
		buf_putc(out, *text);
	}
	buf_putc(out, '\'');
}

static void
put_duration(struct buf *out, int64_t us)
{
	uint64_t size = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;

	// Whole days apart, so that every number stays short enough to be read again.
	buf_printf(out, "duration'%sP%lluDT%llu.%06lluS'", us < 0 ? "-" : "", size / US_PER_DAY,
		size % US_PER_DAY / US_PER_S, size % US_PER_S);
}

static void
put_literal(struct buf *out, const struct odata_literal *literal)
{
	switch (literal->kind) {
	case ODATA_LIT_NULL:
		buf_puts(out, "null");
		break;
	case ODATA_LIT_BOOL:
		buf_puts(out, literal->integer ? "true" : "false");
		break;
	case ODATA_LIT_INT:
		buf_printf(out, "%" PRId64, literal->integer);
		break;
	case ODATA_LIT_DOUBLE:
	case ODATA_LIT_GUID:
		buf_puts(out, literal->text);
		break;
	case ODATA_LIT_STRING:
		put_quoted(out, literal->text);
		break;
	case ODATA_LIT_DATE:
		buf_puts(out,
			literal->integer % US_PER_S ? clock_rfc3339_us(out->arena, literal->integer)
						    : clock_rfc3339(out->arena, literal->integer));
		break;
	case ODATA_LIT_DURATION:
		put_duration(out, literal->integer);
		break;
	case ODATA_LIT_ENUM:
		buf_puts(out, literal->type_name ? literal->type_name : "");
		put_quoted(out, literal->text);
		break;
	}
}

static void
put_path(struct buf *out, const struct odata_node *node)
{
	const char *slash = "";

	if (node->root) {
		buf_puts(out, node->root->variable);
		slash = "/";
	}
	for (size_t i = 0; i < node->path.count; i++, slash = "/") {
		buf_puts(out, slash);
		buf_puts(out, node->path.names[i]);
	}
}

static void put(struct buf *out, const struct odata_node *node);

static void
put_operand(struct buf *out, const struct odata_node *node, bool parentheses)
{
	if (parentheses)
		buf_putc(out, '(');
	put(out, node);
	if (parentheses)
		buf_putc(out, ')');
}

static void
put_chain(struct buf *out, const struct odata_node *node)
{
	for (const struct odata_node *child = node->first; child; child = child->next) {
		if (child != node->first)
			buf_printf(out, " %s ", op_names[node->op]);
		put_operand(out, child,
			child->op == ODATA_OR || (child->op == ODATA_AND && node->op == ODATA_AND));
	}
}

static void
put_comparison(struct buf *out, const struct odata_node *node)
{
	const struct odata_node *left = node->first, *right = left->next;

	put_operand(out, left, left->op <= ODATA_IN);
	buf_printf(out, " %s ", op_names[node->op]);
	if (node->op != ODATA_IN) {
		put_operand(out, right, right->op <= ODATA_IN);
		return;
	}
	for (const char *before = "("; right; right = right->next, before = ",") {
		buf_puts(out, before);
		put(out, right);
	}
	buf_putc(out, ')');
}

static void
put_lambda(struct buf *out, const struct odata_node *node)
{
	put_path(out, node->first);
	buf_printf(out, "/%s(", op_names[node->op]);
	if (node->variable) {
		buf_printf(out, "%s:", node->variable);
		put(out, node->first->next);
	}
	buf_putc(out, ')');
}

static void
put_call(struct buf *out, const struct odata_node *node)
{
	const char *before = "";

	buf_printf(out, "%s(", op_names[node->op]);
	for (const struct odata_node *arg = node->first; arg; arg = arg->next, before = ",") {
		buf_puts(out, before);
		// An operand that is a condition can only stand there in parentheses.
		put_operand(out, arg, arg->op <= ODATA_IN);
	}
	if (node->op == ODATA_ISOF) {
		buf_puts(out, before);
		put_quoted(out, node->type_name);
	}
	buf_putc(out, ')');
}

static void
put(struct buf *out, const struct odata_node *node)
{
	if (node->op == ODATA_OR || node->op == ODATA_AND)
		put_chain(out, node);
	else if (node->op == ODATA_NOT) {
		buf_puts(out, "not ");
		put_operand(out, node->first, true);
	} else if (node->op >= ODATA_EQ && node->op <= ODATA_IN)
		put_comparison(out, node);
	else if (node->op == ODATA_ANY || node->op == ODATA_ALL)
		put_lambda(out, node);
	else if (node->op == ODATA_COUNT) {
		put_path(out, node->first);
		buf_puts(out, "/$count");
	} else if (node->op == ODATA_PATH)
		put_path(out, node);
	else if (node->op == ODATA_LITERAL)
		put_literal(out, &node->literal);
	else
		put_call(out, node);
}

const char *
odata_filter_print(struct arena *arena, const struct odata_node *node)
{
	struct buf out;

	// A filter of ODATA_MAX_FILTER bytes grows by parentheses and quotes only.
	buf_init(&out, arena, (size_t)16 * ODATA_MAX_FILTER);
	if (node)
		put(&out, node);
	return buf_text(&out);
}

const char *
odata_order_print(struct arena *arena, const struct odata_query *query)
{
	struct buf out;

	buf_init(&out, arena, (size_t)2 * ODATA_MAX_OPTION);
	for (size_t i = 0; i < query->order_count; i++) {
		const struct odata_path *path = &query->order[i].path;
		for (size_t k = 0; k < path->count; k++)
			buf_printf(&out, "%s%s", k ? "/" : i ? "," : "", path->names[k]);
		if (query->order[i].descending)
			buf_puts(&out, " desc");
	}
	return buf_text(&out);
}
