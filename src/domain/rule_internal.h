// SPDX-License-Identifier: Apache-2.0
// How a membership rule looks inside: tokens, the parser's state, the compiled tree, and the parts
// of its evaluation. Only src/domain/rule_*.c and membership_rule.c include this.
#pragma once

#include "base/slice.h"
#include "domain/membership_rule.h"

enum rule_type { RULE_TYPE_TEXT, RULE_TYPE_BOOL, RULE_TYPE_LIST, RULE_TYPE_GROUPS };

struct rule_property_row {
	const char *name;
	enum rule_type type;
	uint8_t subjects; // bits 1 << enum rule_subject
	bool loose;	  // a list that may be compared without -any
};

// The tree ------------------------------------------------------------------------------------

enum rule_node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_ANY, NODE_ALL, NODE_COMPARE };

enum rule_compare {
	CMP_EQ,
	CMP_STARTS,
	CMP_ENDS,
	CMP_CONTAINS,
	CMP_IN,
	CMP_MATCH,
	CMP_NULL,
	CMP_BOOL,
};

struct rule_literal {
	const char *folded;
	uint32_t len;
	const uint16_t *failure; // of Knuth, Morris and Pratt; only for -contains
};

struct rule_regex;

struct rule_node {
	uint8_t kind;	  // enum rule_node_kind
	uint8_t compare;  // enum rule_compare
	uint8_t property; // enum rule_property; of a comparison and of -any and -all
	bool element;	  // the comparison is about `_`
	bool negated;	  // -ne, -not...
	bool boolean;	  // the literal of CMP_BOOL
	uint32_t count;	  // literals
	const struct rule_literal *literals;
	const struct rule_regex *regex;
	const struct rule_node *first, *next; // children
	uint32_t from, len;		      // bytes of the rule that this node is
};

struct rule {
	const struct rule_node *root;
	const char *text;
	uint64_t properties;
	enum rule_subject subject;
	const char *const *groups;
	size_t group_count;
};

// Parsing -------------------------------------------------------------------------------------

enum rule_token_kind {
	TOK_END,
	TOK_OPEN,
	TOK_CLOSE,
	TOK_LIST_OPEN,
	TOK_LIST_CLOSE,
	TOK_COMMA,
	TOK_WORD,
	TOK_OPERATOR,
	TOK_TEXT,
	TOK_NUMBER,
};

enum rule_operator { OP_UNKNOWN, OP_AND, OP_OR, OP_NOT, OP_ANY, OP_ALL, OP_COMPARE };

struct rule_token {
	enum rule_token_kind kind;
	enum rule_operator op;
	enum rule_compare compare; // of OP_COMPARE
	bool negated;
	size_t from, len; // bytes of the rule
	const char *text; // the word, the operator as written, or the text without its escapes
};

struct rule_parser {
	struct arena *arena;
	struct rule *rule;
	const char *text;
	size_t pos;
	struct rule_token token;
	size_t end; // of the last token that was consumed
	int depth, nodes;
	size_t pattern_bytes;
	bool subject_known;
	bool element; // inside -any or -all
	struct rule_place *where;
	struct error *e;
};

// Read the next token into p->token.
bool rule_advance(struct rule_parser *p) MUST_CHECK;

// ERR_INVALID at these bytes of the rule. Always returns false.
bool rule_fail(struct rule_parser *p, size_t from, size_t len, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
bool rule_fail_limit(struct rule_parser *p, size_t from, const char *what, int limit);

// Column of a byte of the rule: characters from 1.
size_t rule_column(const char *text, size_t at);

// Where in the rule byte `at` of a text token without escapes is.
size_t rule_text_offset(const struct rule_parser *p, const struct rule_token *t, size_t at);

// The known operator that looks most like this one, or NULL.
const char *rule_operator_near(const char *name);

// device.deviceModel -eq "x": the condition that begins at p->token. NULL after an error.
const struct rule_node *rule_parse_condition(struct rule_parser *p) MUST_CHECK;
// The whole expression, up to a token that cannot go on with it.
const struct rule_node *rule_parse_expression(struct rule_parser *p) MUST_CHECK;
// A node in the arena that begins at byte `from`; NULL after RULE_MAX_NODES.
struct rule_node *rule_node_new(struct rule_parser *p, enum rule_node_kind kind, size_t from);

const struct rule_property_row *rule_property_row(enum rule_property property);
// Says what `device.x` should have been; always returns false.
bool rule_property_unknown(struct rule_parser *p, const struct rule_token *t);
// Differences between two names (insertions, deletions, changes), at most `most` + 1.
int rule_distance(const char *a, const char *b, int most);
