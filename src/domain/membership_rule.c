// SPDX-License-Identifier: Apache-2.0
#include "domain/membership_rule.h"

#include "base/str.h"
#include <ctype.h>
#include <stddef.h>
#include <strings.h>

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_COMPARE, NODE_ANY, NODE_ALL };

enum compare { CMP_EQ, CMP_STARTS, CMP_ENDS, CMP_CONTAINS };

struct rule {
	enum node_kind kind;
	const struct rule *left, *right;
	size_t property; // offset in struct rule_device; unused inside -any and -all
	enum compare compare;
	bool negated;
	const char *value; // NULL: the literal null
};

enum token_kind { TOK_END, TOK_OPEN, TOK_CLOSE, TOK_WORD, TOK_OPERATOR, TOK_STRING };

struct token {
	enum token_kind kind;
	const char *text;
	size_t column;
};

struct parser {
	struct arena *arena;
	const char *text;
	size_t pos;
	struct token token;
	int depth;
	struct error *e;
};

static const struct {
	const char *name;
	size_t offset;
} properties[] = {
	{"displayName", offsetof(struct rule_device, display_name)},
	{"deviceId", offsetof(struct rule_device, device_id)},
	{"deviceManufacturer", offsetof(struct rule_device, manufacturer)},
	{"deviceModel", offsetof(struct rule_device, model)},
	{"deviceOSType", offsetof(struct rule_device, os_type)},
	{"deviceOwnership", offsetof(struct rule_device, ownership)},
	{"deviceTrustType", offsetof(struct rule_device, trust_type)},
	{"enrollmentProfileName", offsetof(struct rule_device, profile_name)},
};

static const struct {
	const char *name;
	enum compare compare;
	bool negated;
} comparisons[] = {
	{"-eq", CMP_EQ, false},
	{"-ne", CMP_EQ, true},
	{"-startsWith", CMP_STARTS, false},
	{"-notStartsWith", CMP_STARTS, true},
	{"-endsWith", CMP_ENDS, false},
	{"-notEndsWith", CMP_ENDS, true},
	{"-contains", CMP_CONTAINS, false},
	{"-notContains", CMP_CONTAINS, true},
};

enum { MAX_DEPTH = 32 };

static bool
fail_at(struct parser *p, size_t column, const char *what)
{
	return error_set(p->e, ERR_INVALID, "membership rule, column %zu: %s", column + 1, what);
}

static bool
read_string(struct parser *p)
{
	size_t start = ++p->pos;
	char *out = arena_alloc(p->arena, strlen(p->text + start) + 1), *end = out;

	for (; p->text[p->pos] && p->text[p->pos] != '"'; p->pos++) {
		// A backquote escapes the next character in Entra's rule syntax.
		if (p->text[p->pos] == '`' && p->text[p->pos + 1])
			p->pos++;
		*end++ = p->text[p->pos];
	}
	if (!p->text[p->pos])
		return fail_at(p, start - 1, "the text has no closing quote");
	p->pos++;
	p->token.kind = TOK_STRING;
	p->token.text = out;
	return true;
}

static bool
advance(struct parser *p)
{
	while (isspace((unsigned char)p->text[p->pos]))
		p->pos++;
	size_t start = p->pos;
	char c = p->text[start];
	p->token = (struct token){.column = start};
	if (c == '\0')
		return true;
	if (c == '(' || c == ')') {
		p->token.kind = c == '(' ? TOK_OPEN : TOK_CLOSE;
		p->pos++;
		return true;
	}
	if (c == '"')
		return read_string(p);
	bool operator_token = c == '-';
	if (operator_token)
		p->pos++;
	while (isalnum((unsigned char)p->text[p->pos]) || p->text[p->pos] == '.' ||
		p->text[p->pos] == '_')
		p->pos++;
	if (p->pos == start + operator_token)
		return fail_at(p, start, "unexpected character");
	p->token.kind = operator_token ? TOK_OPERATOR : TOK_WORD;
	p->token.text = arena_strndup(p->arena, p->text + start, p->pos - start);
	return true;
}

static bool
is_operator(const struct parser *p, const char *name)
{
	return p->token.kind == TOK_OPERATOR && strcasecmp(p->token.text, name) == 0;
}

static const struct rule *parse_or(struct parser *p, bool element);

// operator value, e.g. `-eq "x"`
static bool
parse_comparison(struct parser *p, struct rule *node)
{
	for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
		if (!is_operator(p, comparisons[i].name))
			continue;
		node->kind = NODE_COMPARE;
		node->compare = comparisons[i].compare;
		node->negated = comparisons[i].negated;
		if (!advance(p))
			return false;
		if (p->token.kind == TOK_WORD && strcasecmp(p->token.text, "null") == 0)
			node->value = NULL;
		else if (p->token.kind == TOK_STRING)
			node->value = p->token.text;
		else
			return fail_at(
				p, p->token.column, "a text in double quotes or null is expected");
		return advance(p);
	}
	return fail_at(p, p->token.column, "a comparison such as -eq is expected");
}

// device.devicePhysicalIds -any (...)
static bool
parse_quantifier(struct parser *p, struct rule *node)
{
	if (is_operator(p, "-any"))
		node->kind = NODE_ANY;
	else if (is_operator(p, "-all"))
		node->kind = NODE_ALL;
	else
		return fail_at(p, p->token.column, "devicePhysicalIds needs -any or -all");
	if (!advance(p))
		return false;
	if (p->token.kind != TOK_OPEN)
		return fail_at(p, p->token.column, "( is expected after -any and -all");
	if (!advance(p) || !(node->left = parse_or(p, true)))
		return false;
	if (p->token.kind != TOK_CLOSE)
		return fail_at(p, p->token.column, ") is expected");
	return advance(p);
}

static bool
parse_operand(struct parser *p, bool element, struct rule *node)
{
	const char *name = p->token.text;
	size_t column = p->token.column;

	if (element && strcmp(name, "_") == 0)
		return advance(p) && parse_comparison(p, node);
	if (element || !str_starts(name, "device."))
		return fail_at(p, column,
			element ? "_ is expected inside -any and -all"
				: "a property such as device.displayName is expected");
	name += 7;
	if (strcmp(name, "devicePhysicalIds") == 0 || strcmp(name, "devicePhysicalIDs") == 0)
		return advance(p) && parse_quantifier(p, node);
	for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
		if (strcmp(name, properties[i].name) != 0)
			continue;
		node->property = properties[i].offset;
		return advance(p) && parse_comparison(p, node);
	}
	return fail_at(p, column, "unknown device property");
}

static const struct rule *
parse_primary(struct parser *p, bool element)
{
	struct rule *node = arena_new(p->arena, struct rule);

	if (is_operator(p, "-not")) {
		node->kind = NODE_NOT;
		if (!advance(p) || !(node->left = parse_primary(p, element)))
			return NULL;
		return node;
	}
	if (p->token.kind == TOK_OPEN) {
		const struct rule *inner;
		if (!advance(p) || !(inner = parse_or(p, element)))
			return NULL;
		if (p->token.kind != TOK_CLOSE) {
			fail_at(p, p->token.column, ") is expected");
			return NULL;
		}
		return advance(p) ? inner : NULL;
	}
	if (p->token.kind != TOK_WORD) {
		fail_at(p, p->token.column, "a condition is expected");
		return NULL;
	}
	return parse_operand(p, element, node) ? node : NULL;
}

// One level of `a OP b OP c`, left-associative.
static const struct rule *
parse_chain(struct parser *p, bool element, const char *op, enum node_kind kind)
{
	const struct rule *left = kind == NODE_OR ? parse_chain(p, element, "-and", NODE_AND)
						  : parse_primary(p, element);

	while (left && is_operator(p, op)) {
		struct rule *node = arena_new(p->arena, struct rule);
		if (!advance(p))
			return NULL;
		const struct rule *right = kind == NODE_OR
			? parse_chain(p, element, "-and", NODE_AND)
			: parse_primary(p, element);
		if (!right)
			return NULL;
		*node = (struct rule){.kind = kind, .left = left, .right = right};
		left = node;
	}
	return left;
}

static const struct rule *
parse_or(struct parser *p, bool element)
{
	if (++p->depth > MAX_DEPTH) {
		error_set(p->e, ERR_LIMIT, "membership rule: more than %d levels of parentheses",
			MAX_DEPTH);
		return NULL;
	}
	const struct rule *rule = parse_chain(p, element, "-or", NODE_OR);
	p->depth--;
	return rule;
}

const struct rule *
rule_compile(struct arena *arena, const char *text, struct error *e)
{
	struct parser p = {.arena = arena, .text = text, .e = e};

	if (strlen(text) > RULE_MAX_BYTES) {
		error_set(e, ERR_LIMIT, "a membership rule has at most %d characters",
			RULE_MAX_BYTES);
		return NULL;
	}
	if (!advance(&p))
		return NULL;
	const struct rule *rule = parse_or(&p, false);
	if (rule && p.token.kind != TOK_END) {
		fail_at(&p, p.token.column, "-and, -or or the end is expected");
		return NULL;
	}
	return rule;
}

static bool
contains_ignoring_case(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; strlen(text) >= len; text++) {
		if (strncasecmp(text, part, len) == 0)
			return true;
		if (!*text)
			break;
	}
	return false;
}

static bool
compare_text(const struct rule *node, const char *text)
{
	if (!node->value)
		return (text == NULL) != node->negated;
	if (!text)
		return node->negated;
	size_t have = strlen(text), want = strlen(node->value);
	bool result = false;
	switch (node->compare) {
	case CMP_EQ:
		result = strcasecmp(text, node->value) == 0;
		break;
	case CMP_STARTS:
		result = strncasecmp(text, node->value, want) == 0;
		break;
	case CMP_ENDS:
		result = have >= want && strcasecmp(text + have - want, node->value) == 0;
		break;
	case CMP_CONTAINS:
		result = contains_ignoring_case(text, node->value);
		break;
	}
	return result != node->negated;
}

// `element` is the value of `_` inside -any and -all.
static bool
evaluate(const struct rule *node, const struct rule_device *device, const char *element)
{
	const char *const *id;

	switch (node->kind) {
	case NODE_AND:
		return evaluate(node->left, device, element) &&
			evaluate(node->right, device, element);
	case NODE_OR:
		return evaluate(node->left, device, element) ||
			evaluate(node->right, device, element);
	case NODE_NOT:
		return !evaluate(node->left, device, element);
	case NODE_ANY:
		for (id = device->physical_ids; id && *id; id++)
			if (evaluate(node->left, device, *id))
				return true;
		return false;
	case NODE_ALL:
		for (id = device->physical_ids; id && *id; id++)
			if (!evaluate(node->left, device, *id))
				return false;
		return true;
	case NODE_COMPARE:
		break;
	}
	if (element)
		return compare_text(node, element);
	return compare_text(node, *(const char *const *)((const char *)device + node->property));
}

bool
rule_matches(const struct rule *rule, const struct rule_device *device)
{
	return evaluate(rule, device, NULL);
}
