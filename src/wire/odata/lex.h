// SPDX-License-Identifier: Apache-2.0
// How the text of a query option falls into words, literals and signs, and at which column.
#pragma once

#include "wire/odata/query.h"

enum lex_kind {
	LEX_END,
	LEX_OPEN,
	LEX_CLOSE,
	LEX_COMMA,
	LEX_COLON,
	LEX_SLASH,
	LEX_STAR,
	LEX_WORD,    // property, function, operator, type: also with dots
	LEX_LITERAL, // 'text', 12, 2026-01-02, GUID, duration'PT1H', microsoft.graph.t'member'
};

struct lex {
	struct arena *arena;
	const char *option; // "$filter": what errors begin with
	const char *start, *p;
	struct error *e;
	// The current token.
	enum lex_kind kind;
	const char *at;
	const char *word;
	struct odata_literal literal;
};

// Take the first token of a text, which must be valid UTF-8.
bool lex_start(struct lex *lex, struct arena *arena, const char *option, const char *text,
	struct error *e) MUST_CHECK;
bool lex_next(struct lex *lex) MUST_CHECK;

// Is the current token this word (case-insensitively)?
bool lex_is(const struct lex *lex, const char *word);

// 1-based column, in characters.
size_t lex_column(const struct lex *lex, const char *at);

// ERR_INVALID "$filter column 12: …" at the current token, or elsewhere. Always false.
bool lex_fail(struct lex *lex, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool lex_fail_at(struct lex *lex, const char *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

// a/b/c from the current word on; leaves the token after it.
bool lex_path(struct lex *lex, struct odata_path *out) MUST_CHECK;

// Forms of values, here and in documents. Dates: RFC 3339 with Z or an offset, seconds and fraction
// optional, or a day alone (midnight UTC); years 0 to 9999. Durations: ISO 8601 days to seconds.
bool odata_date_parse(const char *text, time_us *out);
bool odata_duration_parse(const char *text, int64_t *us);
