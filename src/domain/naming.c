// SPDX-License-Identifier: Apache-2.0
#include "domain/naming.h"

#include "base/buf.h"
#include "base/str.h"
#include <ctype.h>

struct macro {
	enum { LITERAL, SERIAL, RANDOM } kind;
	unsigned digits;
	const char *next; // the template after this piece
};

// Read the piece at `p`: one literal character or one macro.
static bool
next_piece(const char *p, struct macro *out, struct error *e)
{
	if (*p != '%') {
		*out = (struct macro){.kind = LITERAL, .next = p + 1};
		return true;
	}
	if (str_starts(p, "%SERIAL%")) {
		*out = (struct macro){.kind = SERIAL, .next = p + 8};
		return true;
	}
	if (!str_starts(p, "%RAND:")) {
		error_set(e, ERR_INVALID, "unknown macro at \"%.12s\"", p);
		return error_hint(e, "use %%SERIAL%% or %%RAND:n%%, in upper case");
	}
	unsigned digits = 0;
	const char *q = p + 6;
	for (; *q >= '0' && *q <= '9' && digits < 100; q++)
		digits = digits * 10 + (unsigned)(*q - '0');
	if (*q != '%' || digits < 1 || digits > NAME_MAX_LEN - 1)
		return error_set(e, ERR_INVALID, "%%RAND:n%% needs a number from 1 to 14");
	*out = (struct macro){.kind = RANDOM, .digits = digits, .next = q + 1};
	return true;
}

static bool
is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '-';
}

bool
naming_check(const char *template_text, struct error *e)
{
	size_t fixed = 0;
	struct macro piece;
	bool macros = false;

	if (str_empty(template_text))
		return error_set(e, ERR_INVALID, "the naming template is empty");
	for (const char *p = template_text; *p; p = piece.next) {
		if (!next_piece(p, &piece, e))
			return false;
		if (piece.kind == LITERAL && !is_name_char(*p))
			return error_set(
				e, ERR_INVALID, "'%c' may not occur in a computer name", *p);
		fixed += piece.kind == LITERAL ? 1 : piece.digits;
		macros |= piece.kind != LITERAL;
	}
	if (fixed > NAME_MAX_LEN)
		return error_set(e, ERR_INVALID,
			"the name would have %zu characters, at most %d are allowed", fixed,
			NAME_MAX_LEN);
	if (!macros && !naming_valid(template_text, e))
		return false;
	return true;
}

bool
naming_is_random(const char *template_text)
{
	return strstr(template_text, "%RAND:") != NULL;
}

static size_t
fixed_length(const char *template_text, struct error *e)
{
	size_t fixed = 0;
	struct macro piece;

	for (const char *p = template_text; *p && next_piece(p, &piece, e); p = piece.next)
		fixed += piece.kind == LITERAL ? 1 : piece.digits;
	return fixed;
}

static void
put_serial(struct buf *b, const char *serial, size_t room)
{
	for (; *serial && room > 0; serial++) {
		if (!is_name_char(*serial))
			continue;
		buf_putc(b, *serial);
		room--;
	}
}

bool
naming_expand(struct arena *arena, const char *template_text, const char *serial,
	const unsigned char random[NAME_RANDOM_DIGITS], char **out, struct error *e)
{
	struct buf b;
	struct macro piece;
	size_t used_random = 0;

	if (!naming_check(template_text, e))
		return false;
	size_t fixed = fixed_length(template_text, e);
	buf_init(&b, arena, NAME_MAX_LEN);
	for (const char *p = template_text; *p; p = piece.next) {
		if (!next_piece(p, &piece, e))
			return false;
		if (piece.kind == LITERAL)
			buf_putc(&b, *p);
		else if (piece.kind == SERIAL)
			put_serial(&b, serial, NAME_MAX_LEN - fixed);
		for (unsigned i = 0; piece.kind == RANDOM && i < piece.digits; i++)
			buf_putc(&b, (char)('0' + random[used_random++ % NAME_RANDOM_DIGITS] % 10));
		if (piece.kind == SERIAL)
			fixed = NAME_MAX_LEN; // a second %SERIAL% gets nothing
	}
	if (!buf_ok(&b, e) || !naming_valid(buf_text(&b), e))
		return false;
	*out = arena_strdup(arena, buf_text(&b));
	return true;
}

bool
naming_valid(const char *name, struct error *e)
{
	size_t len = strlen(name), digits = 0;

	if (len < 1 || len > NAME_MAX_LEN)
		return error_set(
			e, ERR_INVALID, "\"%.32s\": a computer name has 1 to 15 characters", name);
	for (size_t i = 0; i < len; i++) {
		if (!is_name_char(name[i]))
			return error_set(
				e, ERR_INVALID, "\"%s\": only letters, digits and hyphens", name);
		digits += isdigit((unsigned char)name[i]) != 0;
	}
	if (digits == len)
		return error_set(e, ERR_INVALID, "\"%s\": a computer name is not all digits", name);
	if (name[0] == '-' || name[len - 1] == '-')
		return error_set(e, ERR_INVALID, "\"%s\": no hyphen at either end", name);
	return true;
}
