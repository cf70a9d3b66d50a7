// SPDX-License-Identifier: Apache-2.0
// Texts compared without case, of which perhaps only the beginning is known.
//
// Folding maps characters of one byte to one byte and of two bytes to two bytes, and nothing else.
// So a folded prefix is a prefix of the folded text, lengths can be compared before folding, and a
// byte can be folded where it stands, without a buffer.
#include "domain/rule_run.h"

// Capital letters of two UTF-8 bytes. Step 1: every letter of the range; 2: every second one,
// capital and small letter side by side.
static const struct {
	uint16_t first, last;
	uint8_t step;
	int16_t add;
} capitals[] = {
	{0x00c0, 0x00d6, 1, 32}, // Latin-1
	{0x00d8, 0x00de, 1, 32},
	{0x0100, 0x012e, 2, 1}, // Latin Extended-A; dotted and dotless i have no simple partner
	{0x0132, 0x0136, 2, 1}, {0x0139, 0x0147, 2, 1}, {0x014a, 0x0176, 2, 1},
	{0x0178, 0x0178, 1, -121}, {0x0179, 0x017d, 2, 1}, {0x0386, 0x0386, 1, 38}, // Greek
	{0x0388, 0x038a, 1, 37}, {0x038c, 0x038c, 1, 64}, {0x038e, 0x038f, 1, 63},
	{0x0391, 0x03a1, 1, 32}, {0x03a3, 0x03ab, 1, 32}, {0x03c2, 0x03c2, 1, 1}, // final sigma
	{0x03d8, 0x03ee, 2, 1}, {0x0400, 0x040f, 1, 80},			  // Cyrillic
	{0x0410, 0x042f, 1, 32}, {0x0460, 0x0480, 2, 1}, {0x048a, 0x04be, 2, 1},
	{0x04c0, 0x04c0, 1, 15}, {0x04c1, 0x04cd, 2, 1}, {0x04d0, 0x052e, 2, 1},
	{0x0531, 0x0556, 1, 48}, // Armenian
};

static uint32_t
fold_letter(uint32_t cp)
{
	for (size_t i = 0; i < sizeof capitals / sizeof *capitals && cp >= capitals[i].first; i++)
		if (cp <= capitals[i].last && (cp - capitals[i].first) % capitals[i].step == 0)
			return (uint32_t)((int)cp + capitals[i].add);
	return cp;
}

static bool
is_lead(uint8_t byte)
{
	return byte >= 0xc2 && byte <= 0xdf;
}

static bool
is_tail(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

static uint8_t
fold_wide(const uint8_t *p, size_t len, size_t i)
{
	if (is_lead(p[i]) && i + 1 < len && is_tail(p[i + 1]))
		return (uint8_t)(0xc0 |
			fold_letter((uint32_t)(p[i] & 0x1f) << 6 | (p[i + 1] & 0x3f)) >> 6);
	if (is_tail(p[i]) && i > 0 && is_lead(p[i - 1]))
		return (uint8_t)(0x80 |
			(fold_letter((uint32_t)(p[i - 1] & 0x1f) << 6 | (p[i] & 0x3f)) & 0x3f));
	return p[i];
}

static inline uint8_t
fold_at(const uint8_t *p, size_t len, size_t i)
{
	uint8_t byte = p[i];

	if (byte < 0x80)
		return (uint8_t)(byte - 'A') < 26 ? byte | 0x20 : byte;
	return fold_wide(p, len, i);
}

// How much of the text can be folded: an open text may end within a character.
static size_t
known_len(struct rule_text text)
{
	if (text.open && text.len > 0 && is_lead((uint8_t)text.data[text.len - 1]))
		return text.len - 1;
	return text.len;
}

// The first `len` bytes from `start` are those of the literal.
static bool
same(const struct rule_literal *literal, struct rule_text text, size_t start, size_t len)
{
	const uint8_t *p = (const uint8_t *)text.data;

	for (size_t i = 0; i < len; i++)
		if (fold_at(p, text.len, start + i) != (uint8_t)literal->folded[i])
			return false;
	return true;
}

static enum rule_truth
decided(bool truth)
{
	return truth ? RULE_TRUE : RULE_FALSE;
}

enum rule_truth
rule_text_equals(const struct rule_literal *literal, struct rule_text text)
{
	if (!text.open)
		return decided(text.len == literal->len && same(literal, text, 0, text.len));
	if (text.len > literal->len || !same(literal, text, 0, known_len(text)))
		return RULE_FALSE;
	return RULE_UNKNOWN;
}

enum rule_truth
rule_text_starts(const struct rule_literal *literal, struct rule_text text)
{
	size_t known = known_len(text);

	if (known >= literal->len)
		return decided(same(literal, text, 0, literal->len));
	if (!text.open || !same(literal, text, 0, known))
		return RULE_FALSE;
	return RULE_UNKNOWN;
}

enum rule_truth
rule_text_ends(const struct rule_literal *literal, struct rule_text text)
{
	if (literal->len == 0)
		return RULE_TRUE;
	if (text.open)
		return RULE_UNKNOWN;
	return decided(text.len >= literal->len &&
		same(literal, text, text.len - literal->len, literal->len));
}

enum rule_truth
rule_text_contains(const struct rule_literal *literal, struct rule_text text)
{
	const uint8_t *p = (const uint8_t *)text.data;
	size_t known = known_len(text), matched = 0;

	if (literal->len == 0)
		return RULE_TRUE;
	for (size_t i = 0; i < known; i++) {
		uint8_t byte = fold_at(p, text.len, i);
		while (matched > 0 && byte != (uint8_t)literal->folded[matched])
			matched = literal->failure[matched - 1];
		if (byte == (uint8_t)literal->folded[matched] && ++matched == literal->len)
			return RULE_TRUE;
	}
	return text.open ? RULE_UNKNOWN : RULE_FALSE;
}

// failure[i]: length of the longest proper prefix of the literal that ends at byte i.
static const uint16_t *
failure_table(struct arena *arena, const char *text, size_t len)
{
	uint16_t *table = arena_array(arena, len + 1, sizeof *table);

	for (size_t i = 1, matched = 0; i < len; i++) {
		while (matched > 0 && text[i] != text[matched])
			matched = table[matched - 1];
		if (text[i] == text[matched])
			matched++;
		table[i] = (uint16_t)matched;
	}
	return table;
}

struct rule_literal
rule_literal_make(struct arena *arena, const char *text, bool needle)
{
	size_t len = strlen(text);
	char *folded = arena_alloc(arena, len + 1);

	for (size_t i = 0; i < len; i++)
		folded[i] = (char)fold_at((const uint8_t *)text, len, i);
	return (struct rule_literal){.folded = folded,
		.len = (uint32_t)len,
		.failure = needle ? failure_table(arena, folded, len) : NULL};
}
