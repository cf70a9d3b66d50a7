// SPDX-License-Identifier: Apache-2.0
// Conditions joined: comparisons bind tightest, then -not, -and, -or (Entra ID's order).
#include "domain/rule_internal.h"

#include "base/str.h"
#include <stdlib.h>

struct rule_node *
rule_node_new(struct rule_parser *p, enum rule_node_kind kind, size_t from)
{
	if (++p->nodes > RULE_MAX_NODES) {
		rule_fail_limit(p, from, "conditions", RULE_MAX_NODES);
		error_hint(p->e, "Write one -in with a list instead of many -eq with -or.");
		return NULL;
	}
	struct rule_node *node = arena_new(p->arena, struct rule_node);
	node->kind = (uint8_t)kind;
	node->from = (uint32_t)from;
	return node;
}

static const struct rule_node *
finish(struct rule_parser *p, struct rule_node *node)
{
	node->len = (uint32_t)(p->end - node->from);
	return node;
}

static bool
is_operator(const struct rule_parser *p, enum rule_operator op)
{
	return p->token.kind == TOK_OPERATOR && p->token.op == op;
}

static bool
deeper(struct rule_parser *p)
{
	if (++p->depth <= RULE_MAX_DEPTH)
		return true;
	return rule_fail_limit(p, p->token.from, "levels of ( and -not", RULE_MAX_DEPTH);
}

static const struct rule_node *
parse_group(struct rule_parser *p)
{
	size_t open = p->token.from;

	if (!deeper(p) || !rule_advance(p))
		return NULL;
	const struct rule_node *inner = rule_parse_expression(p);
	if (!inner)
		return NULL;
	p->depth--;
	if (p->token.kind != TOK_CLOSE) {
		rule_fail(p, p->token.from, p->token.len, ") is expected");
		error_hint(p->e, "The ( at column %zu is not closed here.",
			rule_column(p->text, open));
		return NULL;
	}
	return rule_advance(p) ? inner : NULL;
}

static const struct rule_node *
parse_not(struct rule_parser *p)
{
	struct rule_node *node = rule_node_new(p, NODE_NOT, p->token.from);

	if (!node || !deeper(p) || !rule_advance(p))
		return NULL;
	const struct rule_node *inner = is_operator(p, OP_NOT) ? parse_not(p)
		: p->token.kind == TOK_OPEN		       ? parse_group(p)
							       : rule_parse_condition(p);
	if (!inner)
		return NULL;
	p->depth--;
	node->first = inner;
	return finish(p, node);
}

static const struct rule_node *
parse_unary(struct rule_parser *p)
{
	if (is_operator(p, OP_NOT))
		return parse_not(p);
	if (p->token.kind == TOK_OPEN)
		return parse_group(p);
	return rule_parse_condition(p);
}

static const struct rule_node *parse_and(struct rule_parser *p);

// `a OP b OP c` is one node with three children; `a` alone is itself.
static const struct rule_node *
parse_chain(struct rule_parser *p, enum rule_operator op, enum rule_node_kind kind,
	const struct rule_node *(*part)(struct rule_parser *))
{
	size_t from = p->token.from;
	const struct rule_node *first = part(p);

	if (!first || !is_operator(p, op))
		return first;
	struct rule_node *node = rule_node_new(p, kind, from);
	if (!node)
		return NULL;
	// A node is a fresh one of this parser, so that linking it is no surprise to anybody.
	struct rule_node *last = (struct rule_node *)first;
	node->first = first;
	while (is_operator(p, op)) {
		const struct rule_node *next;
		if (!rule_advance(p) || !(next = part(p)))
			return NULL;
		last->next = next;
		last = (struct rule_node *)next;
	}
	return finish(p, node);
}

static const struct rule_node *
parse_and(struct rule_parser *p)
{
	return parse_chain(p, OP_AND, NODE_AND, parse_unary);
}

const struct rule_node *
rule_parse_expression(struct rule_parser *p)
{
	return parse_chain(p, OP_OR, NODE_OR, parse_and);
}

static bool
check_text(struct rule_parser *p)
{
	size_t len = strlen(p->text), pos = 0;
	uint32_t cp;

	if (len > RULE_MAX_BYTES) {
		error_set(p->e, ERR_LIMIT, "membership rule: %zu bytes, at most %d are allowed",
			len, RULE_MAX_BYTES);
		return error_hint(p->e, "Write one -in with a list instead of many -eq with -or.");
	}
	while (pos < len)
		if (!utf8_next(slice_of(p->text, len), &pos, &cp))
			return rule_fail(p, pos, 1, "the text is not UTF-8");
	return true;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
collect_groups(const struct rule_node *node, const char **groups, size_t *count)
{
	for (; node; node = node->next) {
		collect_groups(node->first, groups, count);
		if (node->kind != NODE_COMPARE || node->element || node->property != RULE_MEMBER_OF)
			continue;
		for (size_t i = 0; i < node->count; i++)
			groups[(*count)++] = node->literals[i].folded;
	}
}

static void
name_groups(struct arena *arena, struct rule *rule)
{
	// An identifier takes 36 bytes of the rule.
	const char **groups = arena_array(arena, RULE_MAX_BYTES / 36 + 1, sizeof *groups);
	size_t found = 0, kept = 0;

	collect_groups(rule->root, groups, &found);
	qsort(groups, found, sizeof *groups, compare_names);
	for (size_t i = 0; i < found; i++)
		if (kept == 0 || strcmp(groups[kept - 1], groups[i]) != 0)
			groups[kept++] = groups[i];
	rule->groups = groups;
	rule->group_count = kept;
}

const struct rule *
rule_compile_at(struct arena *arena, const char *text, struct rule_place *where, struct error *e)
{
	struct rule *rule = arena_new(arena, struct rule);
	struct rule_parser p = {.arena = arena, .rule = rule, .text = text, .where = where, .e = e};

	if (where)
		*where = (struct rule_place){0};
	if (!check_text(&p))
		return NULL;
	rule->text = p.text = arena_strdup(arena, text);
	if (!rule_advance(&p) || !(rule->root = rule_parse_expression(&p)))
		return NULL;
	if (p.token.kind != TOK_END) {
		rule_fail(&p, p.token.from, p.token.len, "-and, -or or the end is expected");
		if (p.token.kind == TOK_CLOSE)
			error_hint(e, "There is no ( for this ).");
		else
			error_hint(e, "Write -and or -or between two conditions.");
		return NULL;
	}
	if (rule->properties & UINT64_C(1) << RULE_MEMBER_OF)
		name_groups(arena, rule);
	return rule;
}

const struct rule *
rule_compile(struct arena *arena, const char *text, struct error *e)
{
	return rule_compile_at(arena, text, NULL, e);
}
