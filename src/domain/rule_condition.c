// SPDX-License-Identifier: Apache-2.0
// One condition of a membership rule: which operators and values each type of property takes.
#include "domain/rule_run.h"

#include "base/str.h"
#include "base/uuid.h"

// What stands to the left of an operator.
struct operand {
	const char *name; // as written
	enum rule_type type;
	enum rule_property property;
	bool loose, element;
	size_t from, len;
};

static bool
fail_token(struct rule_parser *p, const char *what, const char *hint)
{
	rule_fail(p, p->token.from, p->token.len, "%s", what);
	return error_hint(p->e, "%s", hint);
}

static bool
is_word(const struct rule_parser *p, const char *word)
{
	return p->token.kind == TOK_WORD && str_ieq(p->token.text, word);
}

// The text of p->token as the node's next literal.
static bool
literal(struct rule_parser *p, const struct operand *left, struct rule_literal *out, bool needle)
{
	if (left->type == RULE_TYPE_GROUPS && !uuid_valid(p->token.text))
		return fail_token(p, "this is not the identifier of a group",
			"Groups are named by their object id, 8-4-4-4-12 hexadecimal digits.");
	*out = rule_literal_make(p->arena, p->token.text, needle);
	return true;
}

static bool
parse_list(struct rule_parser *p, const struct operand *left, struct rule_node *node)
{
	size_t room = 0;
	struct rule_literal *list = NULL;

	if (p->token.kind != TOK_LIST_OPEN)
		return fail_token(p, "a list is expected after -in and -notIn",
			"Write a list of texts: [\"a\", \"b\"]; for one text use -eq.");
	do {
		if (!rule_advance(p))
			return false;
		if (p->token.kind != TOK_TEXT)
			return fail_token(p, "a text in quotes is expected in the list",
				"Write a list of texts: [\"a\", \"b\"].");
		list = arena_more(p->arena, list, node->count, &room, sizeof *list);
		if (!literal(p, left, &list[node->count++], false) || !rule_advance(p))
			return false;
	} while (p->token.kind == TOK_COMMA);
	node->literals = list;
	if (p->token.kind != TOK_LIST_CLOSE)
		return fail_token(p, ", or ] is expected in the list",
			"Separate the texts by commas and end the list with ].");
	return rule_advance(p);
}

static bool
parse_pattern(struct rule_parser *p, struct rule_node *node)
{
	char why[120];
	size_t at = 0;

	node->regex = rule_regex_compile(p->arena, p->token.text, why, sizeof why, &at);
	if (node->regex) {
		p->pattern_bytes += rule_regex_size(node->regex);
		if (p->pattern_bytes <= RULE_MAX_PATTERNS)
			return rule_advance(p);
		rule_fail_limit(p, p->token.from, "bytes of compiled regular expressions",
			RULE_MAX_PATTERNS);
		return error_hint(p->e, "Write fewer or smaller repetitions such as {99}.");
	}
	at = rule_text_offset(p, &p->token, at);
	rule_fail(p, at, 1, "the regular expression is wrong: %s", why);
	return error_hint(p->e,
		"Patterns are those of PCRE2; a literal . ( ) [ ] * + ? needs \\ "
		"before it. For plain text use -contains.");
}

static bool
parse_text(struct rule_parser *p, const struct operand *left, struct rule_node *node)
{
	if (p->token.kind == TOK_LIST_OPEN)
		return fail_token(p, "one text is expected, not a list",
			"To compare with a list of texts write -in.");
	if (is_word(p, "true") || is_word(p, "false") || p->token.kind == TOK_NUMBER) {
		rule_fail(p, p->token.from, p->token.len, "%s is a text, %s is none", left->name,
			p->token.text);
		return error_hint(p->e, "Write it in quotes: \"%s\".", p->token.text);
	}
	if (is_word(p, "$null"))
		return fail_token(p, "a text in quotes or null is expected", "Write null.");
	if (p->token.kind != TOK_TEXT)
		return fail_token(p, "a text in double quotes or null is expected",
			"Write the value as \"value\".");
	if (node->compare == CMP_MATCH)
		return parse_pattern(p, node);
	struct rule_literal *one = arena_new(p->arena, struct rule_literal);
	node->literals = one;
	node->count = 1;
	return literal(p, left, one, node->compare == CMP_CONTAINS) && rule_advance(p);
}

static bool
parse_bool(struct rule_parser *p, const struct operand *left, struct rule_node *node)
{
	node->compare = CMP_BOOL;
	node->boolean = is_word(p, "true");
	if (node->boolean || is_word(p, "false"))
		return rule_advance(p);
	rule_fail(p, p->token.from, p->token.len, "%s is true or false", left->name);
	return error_hint(p->e, "Write -eq true or -eq false, without quotes.");
}

static bool
operator_unknown(struct rule_parser *p)
{
	const char *near = p->token.kind == TOK_OPERATOR ? rule_operator_near(p->token.text) : NULL;

	rule_fail(p, p->token.from, p->token.len, "a comparison such as -eq is expected");
	if (near)
		return error_hint(p->e, "Did you mean %s?", near);
	return error_hint(p->e,
		"Comparisons are -eq -ne -startsWith -notStartsWith -endsWith "
		"-notEndsWith -contains -notContains -match -notMatch -in -notIn.");
}

// The operator that p->token is may follow this operand.
static bool
operator_fits(struct rule_parser *p, const struct operand *left, bool null)
{
	const struct rule_token *t = &p->token;

	if (t->op == OP_ANY || t->op == OP_ALL)
		return fail_token(p, "-any and -all need a property with several values",
			"Compare it directly, with -eq for instance.");
	if (t->kind != TOK_OPERATOR || t->op != OP_COMPARE)
		return operator_unknown(p);
	if (left->type == RULE_TYPE_GROUPS && !left->element)
		return fail_token(p, "memberOf needs -any",
			"Write memberOf -any (group.objectId -in ['identifier of the group']).");
	if (left->type == RULE_TYPE_LIST && !left->loose && !null) {
		rule_fail(p, t->from, t->len, "%s needs -any or -all: it has several values",
			left->name);
		return error_hint(p->e, "Write %s -any (_ %s ...).", left->name, t->text);
	}
	if (left->type == RULE_TYPE_BOOL && t->compare != CMP_EQ) {
		rule_fail(p, t->from, t->len, "%s is true or false: %s cannot compare it",
			left->name, t->text);
		return error_hint(p->e, "Write -eq true or -eq false.");
	}
	return true;
}

static bool
parse_value(struct rule_parser *p, const struct operand *left, struct rule_node *node)
{
	if (is_word(p, "null") && node->compare != CMP_EQ)
		return fail_token(p, "null can only be compared with -eq and -ne",
			"Write -eq null or -ne null; for the text null write \"null\".");
	if (is_word(p, "null")) {
		node->compare = CMP_NULL;
		return rule_advance(p);
	}
	if (left->type == RULE_TYPE_BOOL)
		return parse_bool(p, left, node);
	if (node->compare == CMP_IN)
		return parse_list(p, left, node);
	return parse_text(p, left, node);
}

// operator value
static const struct rule_node *
parse_comparison(struct rule_parser *p, const struct operand *left)
{
	struct rule_token op = p->token;
	struct rule_node *node = rule_node_new(p, NODE_COMPARE, left->from);

	// Whether null follows decides what fits, so look at the value first.
	struct rule_parser ahead = *p;
	struct error ignored;
	ahead.e = &ignored;
	ahead.where = NULL;
	bool null = op.op == OP_COMPARE && op.compare == CMP_EQ && rule_advance(&ahead) &&
		is_word(&ahead, "null");
	if (!node || !operator_fits(p, left, null) || !rule_advance(p))
		return NULL;
	node->element = left->element;
	node->property = (uint8_t)left->property;
	node->compare = (uint8_t)op.compare;
	node->negated = op.negated;
	if (!parse_value(p, left, node))
		return NULL;
	node->len = (uint32_t)(p->end - node->from);
	return node;
}

// `_` inside -any and -all.
static const struct rule_node *
parse_element(struct rule_parser *p)
{
	struct operand left = {.name = "_",
		.type = RULE_TYPE_TEXT,
		.element = true,
		.from = p->token.from,
		.len = p->token.len};

	return rule_advance(p) ? parse_comparison(p, &left) : NULL;
}

static bool
expect(struct rule_parser *p, enum rule_token_kind kind, const char *what, const char *hint)
{
	return p->token.kind == kind ? rule_advance(p) : fail_token(p, what, hint);
}

// memberOf -any (group.objectId -in ['...']): one comparison with the list of groups.
static const struct rule_node *
parse_groups(struct rule_parser *p, const struct operand *left)
{
	static const char form[] =
		"Write memberOf -any (group.objectId -in ['identifier of the group']).";

	if (p->token.op == OP_ALL) {
		fail_token(p, "memberOf is compared with -any only", form);
		return NULL;
	}
	if (!rule_advance(p) || !expect(p, TOK_OPEN, "( is expected after -any", form))
		return NULL;
	if (!is_word(p, "group.objectId")) {
		fail_token(p, "group.objectId is expected", form);
		return NULL;
	}
	struct operand group = *left;
	size_t from = p->token.from;
	group.element = true; // the operators of one value
	if (!rule_advance(p))
		return NULL;
	if (p->token.op != OP_COMPARE || p->token.negated ||
		(p->token.compare != CMP_IN && p->token.compare != CMP_EQ)) {
		fail_token(p, "-in is expected after group.objectId",
			"To exclude members of a group write -not (... memberOf -any (...)).");
		return NULL;
	}
	struct rule_node *node = (struct rule_node *)parse_comparison(p, &group);
	if (node && node->compare == CMP_NULL) {
		rule_fail(p, from, p->end - from, "no group has the identifier null");
		error_hint(p->e, "%s", form);
		return NULL;
	}
	if (!node || !expect(p, TOK_CLOSE, ") is expected", form))
		return NULL;
	node->element = false;
	node->len = (uint32_t)(p->end - node->from);
	return node;
}

// -any (...) and -all (...). Entra ID's page has `-any _ -eq "x"` too: one comparison.
static const struct rule_node *
parse_quantifier(struct rule_parser *p, const struct operand *left)
{
	struct rule_node *node =
		rule_node_new(p, p->token.op == OP_ANY ? NODE_ANY : NODE_ALL, left->from);

	if (!node || !rule_advance(p))
		return NULL;
	node->property = (uint8_t)left->property;
	p->element = true;
	if (is_word(p, "_")) {
		node->first = parse_element(p);
	} else if (p->token.kind != TOK_OPEN) {
		fail_token(p, "( is expected after -any and -all",
			"Write for instance -any (_ -startsWith \"x\").");
		return NULL;
	} else if (++p->depth > RULE_MAX_DEPTH) {
		rule_fail_limit(p, p->token.from, "levels of ( and -not", RULE_MAX_DEPTH);
		return NULL;
	} else {
		if (!rule_advance(p) || !(node->first = rule_parse_expression(p)) ||
			!expect(p, TOK_CLOSE, ") is expected",
				"The conditions of -any and -all stand in ( and )."))
			return NULL;
		p->depth--;
	}
	p->element = false;
	node->len = (uint32_t)(p->end - node->from);
	return node->first ? node : NULL;
}

// device.x or user.x: whose property it is must be the same in the whole rule (behaviour G9).
static bool
find_property(struct rule_parser *p, struct operand *left)
{
	const char *name = p->token.text;
	bool device = str_starts(name, "device."), user = str_starts(name, "user.");
	enum rule_subject subject = user ? RULE_USER : RULE_DEVICE;

	if (!device && !user)
		return rule_property_unknown(p, &p->token);
	if (!rule_property_find(subject, name + (device ? 7 : 5), &left->property))
		return rule_property_unknown(p, &p->token);
	if (p->subject_known && p->rule->subject != subject) {
		rule_fail(p, p->token.from, p->token.len,
			"%s in a rule about %s: a group holds devices or users, not both", name,
			user ? "devices" : "users");
		return error_hint(p->e, "Make two groups, or ask for properties of %s only.",
			user ? "devices" : "users");
	}
	p->subject_known = true;
	p->rule->subject = subject;
	p->rule->properties |= UINT64_C(1) << left->property;
	const struct rule_property_row *row = rule_property_row(left->property);
	left->type = row->type;
	left->loose = row->loose;
	return true;
}

static bool
not_a_condition(struct rule_parser *p)
{
	if (p->token.kind == TOK_TEXT)
		return fail_token(p, "a condition is expected, not a text",
			"The property stands first: device.deviceModel -eq \"x\".");
	return fail_token(p, "a condition is expected",
		p->element ? "Write for instance _ -startsWith \"x\"."
			   : "Write for instance device.deviceModel -eq \"x\".");
}

const struct rule_node *
rule_parse_condition(struct rule_parser *p)
{
	struct operand left = {.name = p->token.text, .from = p->token.from, .len = p->token.len};

	if (p->token.kind != TOK_WORD) {
		not_a_condition(p);
		return NULL;
	}
	if (p->element && is_word(p, "_"))
		return parse_element(p);
	if (p->element || is_word(p, "_")) {
		fail_token(p,
			p->element ? "_ is expected inside -any and -all"
				   : "_ is only known inside the ( ) of -any and -all",
			p->element ? "_ is the element: _ -startsWith \"x\"."
				   : "Write for instance device.devicePhysicalIds -any (_ -eq "
				     "\"x\").");
		return NULL;
	}
	if (!find_property(p, &left) || !rule_advance(p))
		return NULL;
	bool quantifier = p->token.op == OP_ANY || p->token.op == OP_ALL;
	if (quantifier && left.type == RULE_TYPE_GROUPS)
		return parse_groups(p, &left);
	if (quantifier && left.type == RULE_TYPE_LIST)
		return parse_quantifier(p, &left);
	return parse_comparison(p, &left);
}
