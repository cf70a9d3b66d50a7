// SPDX-License-Identifier: Apache-2.0
// The words of a membership rule, and its mistakes with their place.
#include "domain/rule_internal.h"

#include "base/str.h"
#include <stdarg.h>
#include <strings.h>

// Operators may be written with or without the hyphen.
static const struct {
	const char *name;
	enum rule_operator op;
	enum rule_compare compare;
	bool negated;
} operators[] = {
	{"-all", OP_ALL, 0, false},
	{"-and", OP_AND, 0, false},
	{"-any", OP_ANY, 0, false},
	{"-contains", OP_COMPARE, CMP_CONTAINS, false},
	{"-endsWith", OP_COMPARE, CMP_ENDS, false},
	{"-eq", OP_COMPARE, CMP_EQ, false},
	{"-in", OP_COMPARE, CMP_IN, false},
	{"-match", OP_COMPARE, CMP_MATCH, false},
	{"-ne", OP_COMPARE, CMP_EQ, true},
	{"-not", OP_NOT, 0, false},
	{"-notContains", OP_COMPARE, CMP_CONTAINS, true},
	{"-notEndsWith", OP_COMPARE, CMP_ENDS, true},
	{"-notIn", OP_COMPARE, CMP_IN, true},
	{"-notMatch", OP_COMPARE, CMP_MATCH, true},
	{"-notStartsWith", OP_COMPARE, CMP_STARTS, true},
	{"-or", OP_OR, 0, false},
	{"-startsWith", OP_COMPARE, CMP_STARTS, false},
};

// What word processors and web pages make of a rule.
static const struct {
	const char *bytes, *hint;
} foreign[] = {
	{"\xe2\x80\x9c", "This is a typographic quote; write \" instead."},
	{"\xe2\x80\x9d", "This is a typographic quote; write \" instead."},
	{"\xe2\x80\x9e", "This is a typographic quote; write \" instead."},
	{"\xe2\x80\x98", "This is a typographic quote; write ' instead."},
	{"\xe2\x80\x99", "This is a typographic quote; write ' instead."},
	{"\xe2\x80\x94", "This is a long dash; write - instead."},
	{"\xe2\x88\x92", "This is a minus sign; write - instead."},
	{"\xc2\xa0", "This is a no-break space; write an ordinary space instead."},
	{"=", "To compare, write -eq."},
	{"!", "To negate, write -not or -ne."},
	{"&", "To combine conditions, write -and."},
	{"|", "To combine conditions, write -or."},
	{"<", "There is no order of values; compare with -eq, -in or -startsWith."},
	{">", "There is no order of values; compare with -eq, -in or -startsWith."},
	{"{", "Groups of conditions stand in ( and ), lists in [ and ]."},
};

// Entra ID's own examples write operators with an en dash, so it does for a hyphen.
static const char en_dash[] = "\xe2\x80\x93";

size_t
rule_column(const char *text, size_t at)
{
	size_t column = 1;

	for (size_t i = 0; i < at; i++)
		if (((uint8_t)text[i] & 0xc0) != 0x80)
			column++;
	return column;
}

static void
place(struct rule_parser *p, size_t from, size_t len)
{
	if (!p->where)
		return;
	p->where->column = rule_column(p->text, from);
	p->where->length = rule_column(p->text + from, len) - 1;
}

bool
rule_fail(struct rule_parser *p, size_t from, size_t len, const char *fmt, ...)
{
	char what[sizeof p->e->message];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	place(p, from, len);
	return error_set(p->e, ERR_INVALID, "membership rule, column %zu: %s",
		rule_column(p->text, from), what);
}

bool
rule_fail_limit(struct rule_parser *p, size_t from, const char *what, int limit)
{
	place(p, from, 0);
	return error_set(p->e, ERR_LIMIT, "membership rule, column %zu: more than %d %s",
		rule_column(p->text, from), limit, what);
}

static bool
word_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		c == '.' || c == '_' || c == '$';
}

static bool
space_char(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The bytes of a text that stand for its next byte: `x for x, '' for '. 0 at the closing quote.
//
// A text begins and ends with the same quote. Entra ID's page also knows `"Sales`" for the text
// "Sales" with its quotes.
static size_t
text_unit(const char *at, char quote, bool quoted_quotes)
{
	if (at[0] == '`' && at[1])
		return quoted_quotes && at[1] == '"' ? 0 : 2;
	if (at[0] == '\'' && at[1] == '\'')
		return 2;
	return at[0] == quote && !quoted_quotes ? 0 : 1;
}

static bool
read_text(struct rule_parser *p)
{
	size_t start = p->pos, unit;
	bool quoted_quotes = p->text[start] == '`';
	char quote = p->text[start + quoted_quotes];
	size_t first = start + 1 + quoted_quotes, at = first;

	// An empty text in single quotes is not the escape of one.
	bool empty = !quoted_quotes && p->text[at] == quote && p->text[at + 1] != quote;
	while (!empty && p->text[at] && (unit = text_unit(p->text + at, quote, quoted_quotes)) > 0)
		at += unit;
	if (!p->text[at]) {
		rule_fail(p, start, strlen(p->text + start), "the text has no closing quote");
		return error_hint(p->e, "End the text with %c.", quote);
	}
	char *out = arena_alloc(p->arena, at - first + 3), *end = out;
	if (quoted_quotes)
		*end++ = quote;
	for (size_t i = first; i < at; i += unit) {
		unit = text_unit(p->text + i, quote, quoted_quotes);
		*end++ = p->text[i + unit - 1];
	}
	if (quoted_quotes)
		*end++ = quote;
	p->token.kind = TOK_TEXT;
	p->token.text = out;
	p->pos = at + 1 + quoted_quotes;
	return true;
}

size_t
rule_text_offset(const struct rule_parser *p, const struct rule_token *t, size_t at)
{
	bool quoted_quotes = p->text[t->from] == '`';
	size_t from = t->from + (quoted_quotes ? 0 : 1), last = t->from + t->len - 1;

	for (; at > 0 && from < last; at--) {
		size_t unit = text_unit(p->text + from, p->text[t->from + quoted_quotes], false);
		from += unit ? unit : 1;
	}
	return from < last ? from : last;
}

static bool
read_number(struct rule_parser *p)
{
	size_t start = p->pos;

	p->pos += p->text[p->pos] == '-';
	while (word_char(p->text[p->pos]))
		p->pos++;
	p->token.kind = TOK_NUMBER;
	p->token.text = arena_strndup(p->arena, p->text + start, p->pos - start);
	return true;
}

static bool
unexpected(struct rule_parser *p)
{
	const char *at = p->text + p->pos;

	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		size_t len = strlen(foreign[i].bytes);
		if (strncmp(at, foreign[i].bytes, len) != 0)
			continue;
		rule_fail(p, p->pos, len, "unexpected character");
		return error_hint(p->e, "%s", foreign[i].hint);
	}
	return rule_fail(p, p->pos, 1, "unexpected character");
}

// A word, or an operator with or without its hyphen.
static bool
read_word(struct rule_parser *p, size_t dash)
{
	size_t start = p->pos + dash, end = start;

	while (word_char(p->text[end]))
		end++;
	if (end == start)
		return unexpected(p);
	p->token.kind = dash ? TOK_OPERATOR : TOK_WORD;
	p->token.text = arena_printf(
		p->arena, "%s%.*s", dash ? "-" : "", (int)(end - start), p->text + start);
	p->pos = end;
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		if (strcasecmp(p->token.text, operators[i].name + !dash) != 0)
			continue;
		p->token.kind = TOK_OPERATOR;
		p->token.op = operators[i].op;
		p->token.compare = operators[i].compare;
		p->token.negated = operators[i].negated;
	}
	return true;
}

static bool
read_token(struct rule_parser *p)
{
	static const char marks[] = "()[],";
	static const enum rule_token_kind kinds[] = {
		TOK_OPEN, TOK_CLOSE, TOK_LIST_OPEN, TOK_LIST_CLOSE, TOK_COMMA};
	const char *at = p->text + p->pos;

	if (!*at)
		return true;
	const char *mark = strchr(marks, *at);
	if (mark) {
		p->token.kind = kinds[mark - marks];
		p->pos++;
		return true;
	}
	if (*at == '"' || *at == '\'' || (at[0] == '`' && at[1] == '"'))
		return read_text(p);
	bool minus = *at == '-';
	if (at[minus] >= '0' && at[minus] <= '9')
		return read_number(p);
	if (strncmp(at, en_dash, strlen(en_dash)) == 0)
		return read_word(p, strlen(en_dash));
	return read_word(p, minus);
}

bool
rule_advance(struct rule_parser *p)
{
	p->end = p->token.from + p->token.len;
	while (space_char(p->text[p->pos]))
		p->pos++;
	p->token = (struct rule_token){.kind = TOK_END, .from = p->pos};
	if (!read_token(p))
		return false;
	p->token.len = p->pos - p->token.from;
	return true;
}

const char *
rule_operator_near(const char *name)
{
	const char *best = NULL;
	int least = 3;

	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		int d = rule_distance(name, operators[i].name, least - 1);
		if (d < least) {
			least = d;
			best = operators[i].name;
		}
	}
	return best;
}
