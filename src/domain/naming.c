// SPDX-License-Identifier: Apache-2.0
#include "domain/naming.h"

#include "base/buf.h"
#include "base/str.h"
#include <ctype.h>

struct macro {
	enum { LITERAL, SERIAL, RANDOM, ALNUM } kind;
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
	bool alnum = str_starts(p, "%ALNUM:");
	if (!alnum && !str_starts(p, "%RAND:")) {
		error_set(e, ERR_INVALID, "unknown macro at \"%.12s\"", p);
		return error_hint(e, "use %%SERIAL%%, %%RAND:n%% or %%ALNUM:n%%, in upper case");
	}
	unsigned digits = 0;
	const char *q = p + (alnum ? 7 : 6);
	for (; *q >= '0' && *q <= '9' && digits < 100; q++)
		digits = digits * 10 + (unsigned)(*q - '0');
	if (*q != '%' || digits < 1 || digits > NAME_MAX_LEN - 1)
		return error_set(e, ERR_INVALID, "%%%s:n%% needs a number from 1 to 14",
			alnum ? "ALNUM" : "RAND");
	*out = (struct macro){.kind = alnum ? ALNUM : RANDOM, .digits = digits, .next = q + 1};
	return true;
}

static bool
is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '-';
}

// P20: what no expansion can mend.
static bool
check_shape(const char *template_text, bool only_digits, struct error *e)
{
	size_t len = strlen(template_text);

	if (template_text[0] == '-' || template_text[len - 1] == '-')
		return error_set(
			e, ERR_INVALID, "a computer name neither begins nor ends with a hyphen");
	if (!only_digits)
		return true;
	error_set(e, ERR_INVALID, "the name would have digits only");
	return error_hint(e, "put a letter before them");
}

bool
naming_check(const char *template_text, struct error *e)
{
	size_t fixed = 0;
	struct macro piece;
	bool macros = false, only_digits = true;

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
		only_digits &= piece.kind == RANDOM ||
			(piece.kind == LITERAL && isdigit((unsigned char)*p));
	}
	if (fixed > NAME_MAX_LEN)
		return error_set(e, ERR_INVALID,
			"the name would have %zu characters, at most %d are allowed", fixed,
			NAME_MAX_LEN);
	if (!macros && !naming_valid(template_text, e))
		return false;
	return check_shape(template_text, only_digits, e);
}

bool
naming_is_random(const char *template_text)
{
	return strstr(template_text, "%RAND:") || strstr(template_text, "%ALNUM:");
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

// Capital letters and digits but I, O, 0 and 1: 32, so that no byte is more likely than another.
static char
random_char(int kind, unsigned char byte)
{
	return kind == RANDOM ? (char)('0' + byte % 10)
			      : "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"[byte % 32];
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
		for (unsigned i = 0; i < piece.digits; i++)
			buf_putc(&b,
				random_char(
					piece.kind, random[used_random++ % NAME_RANDOM_DIGITS]));
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

void
naming_space(const char *template_text, struct naming_space *out)
{
	struct macro piece;
	struct error e;
	size_t fixed = 0;

	*out = (struct naming_space){.names = 1};
	for (const char *p = template_text; *p && next_piece(p, &piece, &e); p = piece.next) {
		fixed += piece.kind == LITERAL ? 1 : piece.digits;
		out->serial |= piece.kind == SERIAL;
		out->random |= piece.digits > 0;
		for (unsigned i = 0; i < piece.digits; i++) {
			unsigned base = piece.kind == RANDOM ? 10 : 32;
			out->names =
				out->names > UINT64_MAX / base ? UINT64_MAX : out->names * base;
		}
	}
	out->serial_room = out->serial && fixed < NAME_MAX_LEN ? NAME_MAX_LEN - fixed : 0;
}

unsigned
naming_crowded(const struct naming_space *space, uint64_t devices)
{
	if (devices >= space->names)
		return 100;
	return (unsigned)((double)devices * 100.0 / (double)space->names);
}

size_t
naming_serial_length(const char *serial)
{
	size_t length = 0;

	for (; *serial; serial++)
		length += is_name_char(*serial);
	return length;
}

void
naming_findings(
	const char *template_text, uint64_t devices, size_t serial_length, struct findings *out)
{
	struct naming_space space;
	struct error why;

	if (!naming_check(template_text, &why)) {
		finding_add(out, SEVERITY_BLOCKING, "name_template_invalid", "%s", why.message);
		return;
	}
	naming_space(template_text, &space);
	if (!space.serial && !space.random && devices > 1)
		finding_add(out, SEVERITY_BLOCKING, "name_space_exhausted",
			"%s gives one name, for %llu devices", template_text,
			(unsigned long long)devices);
	if (space.random && !space.serial && naming_crowded(&space, devices) >= 50)
		finding_add(out, devices > space.names ? SEVERITY_BLOCKING : SEVERITY_WARNING,
			"name_space_exhausted", "%s gives %llu names, for %llu devices",
			template_text, (unsigned long long)space.names,
			(unsigned long long)devices);
	if (space.serial && serial_length > space.serial_room)
		finding_add(out, space.serial_room ? SEVERITY_WARNING : SEVERITY_BLOCKING,
			"name_serial_cut",
			"%s leaves room for %zu characters of serial numbers that have %zu",
			template_text, space.serial_room, serial_length);
}
