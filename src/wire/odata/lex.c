// SPDX-License-Identifier: Apache-2.0
#include "wire/odata/lex.h"

#include "base/str.h"
#include "base/uuid.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

size_t
lex_column(const struct lex *lex, const char *at)
{
	size_t column = 1;

	for (const char *p = lex->start; p < at; p++)
		column += ((unsigned char)*p & 0xc0) != 0x80;
	return column;
}

static bool fail_args(struct lex *lex, const char *at, const char *fmt, va_list args)
	PRINTF_LIKE(3, 0);

static bool
fail_args(struct lex *lex, const char *at, const char *fmt, va_list args)
{
	char text[200];

	vsnprintf(text, sizeof text, fmt, args);
	return error_set(
		lex->e, ERR_INVALID, "%s column %zu: %s", lex->option, lex_column(lex, at), text);
}

bool
lex_fail(struct lex *lex, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail_args(lex, lex->at, fmt, args);
	va_end(args);
	return false;
}

bool
lex_fail_at(struct lex *lex, const char *at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail_args(lex, at, fmt, args);
	va_end(args);
	return false;
}

bool
lex_is(const struct lex *lex, const char *word)
{
	return lex->kind == LEX_WORD && str_ieq(lex->word, word);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		c == '.' || c == '$' || c == '@';
}

// 'it''s': from the quote at lex->p, which is doubled to stand for itself.
static bool
quoted(struct lex *lex, const char **text, size_t *len)
{
	const char *opening = lex->p++;
	char *copy = arena_alloc(lex->arena, strlen(lex->p) + 1), *to = copy;

	for (;; lex->p++) {
		if (!*lex->p) {
			lex_fail_at(lex, opening, "this text has no closing quote");
			return error_hint(lex->e, "a quote inside a text is doubled: 'it''s'");
		}
		if (*lex->p == '\'' && *++lex->p != '\'')
			break;
		*to++ = *lex->p;
	}
	*text = copy;
	*len = (size_t)(to - copy);
	return true;
}

// What stands before a quote: duration'PT1H', an enumeration's type, or a form of OData 2.
static bool
prefixed(struct lex *lex)
{
	const char *prefix = lex->word;

	if (!quoted(lex, &lex->literal.text, &lex->literal.len))
		return false;
	lex->kind = LEX_LITERAL;
	if (str_ieq(prefix, "duration")) {
		lex->literal.kind = ODATA_LIT_DURATION;
		if (strlen(lex->literal.text) == lex->literal.len &&
			odata_duration_parse(lex->literal.text, &lex->literal.integer))
			return true;
		lex_fail(lex, "this is not a duration");
		return error_hint(lex->e, "write duration'PT1H30M'");
	}
	if (strchr(prefix, '.')) {
		lex->literal.kind = ODATA_LIT_ENUM;
		lex->literal.type_name = prefix;
		return true;
	}
	lex_fail(lex, "%.60s'…' is not a literal of OData 4", prefix);
	return error_hint(lex->e, "dates and GUIDs stand without quotes: 2026-01-02T03:04:05Z");
}

static bool
number(struct lex *lex)
{
	const char *p = lex->p;
	bool whole = true;

	p += *p == '-' || *p == '+';
	size_t digits = strspn(p, "0123456789");
	p += digits;
	if (digits && *p == '.' && is_digit(p[1])) {
		whole = false;
		p += 1 + strspn(p + 1, "0123456789");
	}
	if (digits && (*p == 'e' || *p == 'E')) {
		const char *exponent = p + 1 + (p[1] == '-' || p[1] == '+');
		if (is_digit(*exponent)) {
			whole = false;
			p = exponent + strspn(exponent, "0123456789");
		}
	}
	if (!digits || is_word(*p) || (unsigned char)*p >= 0x80)
		return lex_fail(lex, "this is not a number");
	lex->literal.text = arena_strndup(lex->arena, lex->p, (size_t)(p - lex->p));
	lex->literal.len = (size_t)(p - lex->p);
	lex->literal.kind = whole ? ODATA_LIT_INT : ODATA_LIT_DOUBLE;
	lex->literal.number = strtod(lex->literal.text, NULL);
	errno = 0;
	if (whole)
		lex->literal.integer = strtoll(lex->literal.text, NULL, 10);
	if (errno || !isfinite(lex->literal.number))
		return lex_fail(lex, "this number is too large");
	lex->p = p;
	return true;
}

// A '+' that was not percent-encoded has become a blank, so an offset stands after one: "05 01:00".
static bool
date(struct lex *lex)
{
	size_t len = strspn(lex->p, "0123456789-+:.TtZz");
	char *text = arena_strndup(lex->arena, lex->p, len);

	if (!odata_date_parse(text, &lex->literal.integer)) {
		lex_fail(lex, "this is not a date");
		return error_hint(lex->e,
			"write 2026-01-02T03:04:05Z; the + of an offset is "
			"%%2B in a URL");
	}
	lex->p += len;
	if (is_word(*lex->p))
		return lex_fail(lex, "this is not a date");
	lex->literal.kind = ODATA_LIT_DATE;
	return true;
}

static bool
guid(struct lex *lex)
{
	char text[UUID_TEXT];

	if (strnlen(lex->p, UUID_TEXT - 1) < UUID_TEXT - 1)
		return false;
	memcpy(text, lex->p, UUID_TEXT - 1);
	text[UUID_TEXT - 1] = '\0';
	if (!uuid_valid(text) || is_word(lex->p[UUID_TEXT - 1]) || lex->p[UUID_TEXT - 1] == '-')
		return false;
	lex->literal.kind = ODATA_LIT_GUID;
	lex->literal.text = str_lower(lex->arena, text);
	lex->literal.len = UUID_TEXT - 1;
	lex->p += UUID_TEXT - 1;
	return true;
}

static bool
word(struct lex *lex)
{
	static const struct {
		const char *name;
		enum odata_literal_kind kind;
		int64_t integer;
	} constants[] = {{"true", ODATA_LIT_BOOL, 1}, {"false", ODATA_LIT_BOOL, 0},
		{"null", ODATA_LIT_NULL, 0}};
	size_t len = 0;

	while (is_word(lex->p[len]))
		len++;
	lex->word = arena_strndup(lex->arena, lex->p, len);
	lex->p += len;
	lex->kind = LEX_WORD;
	if (*lex->p == '\'')
		return prefixed(lex);
	for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
		if (str_ieq(lex->word, constants[i].name)) {
			lex->kind = LEX_LITERAL;
			lex->literal.kind = constants[i].kind;
			lex->literal.integer = constants[i].integer;
		}
	return true;
}

static bool
literal(struct lex *lex)
{
	lex->kind = LEX_LITERAL;
	if (*lex->p == '\'') {
		lex->literal.kind = ODATA_LIT_STRING;
		return quoted(lex, &lex->literal.text, &lex->literal.len);
	}
	if (guid(lex))
		return true;
	if (strspn(lex->p, "0123456789") == 4 && lex->p[4] == '-')
		return date(lex);
	return number(lex);
}

bool
lex_next(struct lex *lex)
{
	static const char signs[] = "(),:/*";
	static const enum lex_kind kinds[] = {
		LEX_OPEN, LEX_CLOSE, LEX_COMMA, LEX_COLON, LEX_SLASH, LEX_STAR};

	lex->p += strspn(lex->p, " \t\r\n");
	lex->at = lex->p;
	lex->word = "";
	lex->literal = (struct odata_literal){.text = ""};
	if (!*lex->p) {
		lex->kind = LEX_END;
		return true;
	}
	const char *sign = strchr(signs, *lex->p);
	if (sign) {
		lex->kind = kinds[sign - signs];
		lex->p++;
		return true;
	}
	if (*lex->p == '\'' || *lex->p == '-' || *lex->p == '+' || is_digit(*lex->p))
		return literal(lex);
	if (is_word(*lex->p))
		return guid(lex) ? (lex->kind = LEX_LITERAL, true) : word(lex);
	lex_fail(lex, "unexpected character");
	if (*lex->p == '"' || (unsigned char)*lex->p >= 0x80)
		error_hint(lex->e, "texts stand in single straight quotes: 'text'");
	return false;
}

bool
lex_start(
	struct lex *lex, struct arena *arena, const char *option, const char *text, struct error *e)
{
	*lex = (struct lex){.arena = arena, .option = option, .start = text, .p = text, .e = e};
	lex->at = text;
	return lex_next(lex);
}

bool
lex_path(struct lex *lex, struct odata_path *out)
{
	*out = (struct odata_path){.column = lex_column(lex, lex->at)};
	out->names = arena_array(lex->arena, ODATA_MAX_SEGMENTS, sizeof *out->names);
	out->properties = arena_array(lex->arena, ODATA_MAX_SEGMENTS, sizeof *out->properties);
	for (;;) {
		if (lex->kind != LEX_WORD)
			return lex_fail(lex, "the name of a property is expected");
		if (out->count == ODATA_MAX_SEGMENTS)
			return lex_fail(lex, "a path has at most %d names", ODATA_MAX_SEGMENTS);
		out->names[out->count++] = lex->word;
		if (!lex_next(lex))
			return false;
		if (lex->kind != LEX_SLASH)
			return true;
		if (!lex_next(lex))
			return false;
	}
}
