// SPDX-License-Identifier: Apache-2.0
#include "oobe/layout.h"

#include "oobe/words.h"
#include "oobe/wrap.h"
#include <string.h>

enum { FIELD_COLUMNS = 40, ROW_COLUMNS = 16, LABEL_COLUMNS = 20, METER_COLUMNS = 40 };

struct layout {
	struct arena *arena;
	struct lines *out;
	size_t columns;	     // 0: unlimited
	size_t fact_columns; // of the labels of facts
	const struct entry *entry;
};

static struct line *
add(struct layout *l, const char *text, enum tone tone)
{
	struct lines *out = l->out;

	if (out->count == out->cap) {
		size_t cap = out->cap ? out->cap * 2 : 32;
		struct line *grown = arena_array(l->arena, cap, sizeof *grown);
		if (out->count)
			memcpy(grown, out->items, out->count * sizeof *grown);
		out->items = grown;
		out->cap = cap;
	}
	struct line *line = &out->items[out->count++];
	*line = (struct line){.text = text, .tone = tone};
	return line;
}

// Wrapped text; the first line begins with `lead`, the others with as many blanks.
static void
add_wrapped(struct layout *l, const char *lead, const char *text, enum tone tone)
{
	size_t indent = text_width(lead), columns = 0;
	bool first = true;

	if (l->columns)
		columns = l->columns > indent + 8 ? l->columns - indent : 8;
	for (const char *at = text; at; first = false) {
		struct wrapped piece = text_wrap(at, columns);
		add(l,
			arena_printf(l->arena, "%s%*s%.*s", first ? lead : "",
				first ? 0 : (int)indent, "", (int)piece.len, at),
			tone);
		at = piece.rest;
	}
}

static size_t
label_columns(const struct page *page)
{
	size_t widest = 0;

	for (size_t i = 0; i < page->count; i++)
		if (page->blocks[i].kind == BLOCK_FACT) {
			size_t width = text_width(page->blocks[i].label);
			if (width > widest)
				widest = width;
		}
	return widest < LABEL_COLUMNS ? widest : LABEL_COLUMNS;
}

static void
lay_fact(struct layout *l, const struct block *b)
{
	char *label = arena_printf(l->arena, "%s:", b->label);

	label = text_pad(l->arena, label, strlen(label), l->fact_columns + 2);
	add_wrapped(
		l, l->columns ? label : arena_printf(l->arena, "%s: ", b->label), b->text, b->tone);
}

static const char *
mark_text(const struct layout *l, enum mark mark)
{
	static const char *const marks[][2] = {
		[MARK_NONE] = {"  ", "  "},
		[MARK_DONE] = {"✓ ", "√ "},
		[MARK_ERROR] = {"✗ ", "x "},
		[MARK_NOW] = {"» ", "» "},
		[MARK_WARN] = {"! ", "! "},
	};
	return marks[mark][l->entry->simple_marks];
}

// A long name on several lines, the state where the others have it.
static void
lay_long_row(struct layout *l, const char *lead, const struct block *b)
{
	size_t columns = l->columns, from = l->out->count;

	l->columns -= text_width(b->text) + 2;
	add_wrapped(l, lead, b->label, b->tone);
	l->columns = columns;
	const char *first = l->out->items[from].text;
	size_t gap = columns - text_width(first) - text_width(b->text);
	l->out->items[from].text = arena_printf(l->arena, "%s%*s%s", first, (int)gap, "", b->text);
}

// Name on the left, state on the right; below each other when the line is too narrow for both.
static void
lay_row(struct layout *l, const struct block *b)
{
	char *lead = arena_printf(l->arena, "%*s%s", (int)b->indent, "", mark_text(l, b->mark));
	size_t needed = text_width(lead) + text_width(b->label) + 2 + text_width(b->text);

	if (*b->text && l->columns && needed > l->columns &&
		l->columns > text_width(lead) + text_width(b->text) + ROW_COLUMNS) {
		lay_long_row(l, lead, b);
		return;
	}
	if (!*b->text || (l->columns && needed > l->columns)) {
		add_wrapped(l, lead, b->label, b->tone);
		if (*b->text)
			add_wrapped(l, arena_printf(l->arena, "%*s", (int)b->indent + 4, ""),
				b->text, b->tone);
		return;
	}
	if (!l->columns) {
		add(l, arena_printf(l->arena, "%s%s: %s", lead, b->label, b->text), b->tone);
		return;
	}
	size_t gap = l->columns - text_width(lead) - text_width(b->label) - text_width(b->text);
	add(l, arena_printf(l->arena, "%s%s%*s%s", lead, b->label, (int)gap, "", b->text), b->tone);
}

static void
lay_choice(struct layout *l, const struct block *b)
{
	bool chosen = b->index == l->entry->choice;
	size_t from = l->out->count;

	add_wrapped(l, chosen ? (l->entry->choosing ? "> (o) " : "  (o) ") : "  ( ) ", b->label,
		b->tone);
	for (size_t i = from; i < l->out->count; i++) {
		l->out->items[i].emphasized = chosen && l->entry->choosing;
		l->out->items[i].anchor = chosen && l->entry->choosing && i == from;
	}
}

static void
lay_switch(struct layout *l, const struct block *b)
{
	bool here = b->index == l->entry->choice && l->entry->choosing;
	bool on = l->entry->on >> b->index & 1;
	size_t from = l->out->count;

	add_wrapped(l, arena_printf(l->arena, "%s%s ", here ? "> " : "  ", on ? "[x]" : "[ ]"),
		l->columns ? b->label
			   : arena_printf(l->arena, "%s: %s", b->label, on ? tr("on") : tr("off")),
		TONE_STRONG);
	for (size_t i = from; i < l->out->count; i++) {
		l->out->items[i].emphasized = here;
		l->out->items[i].anchor = here && i == from;
	}
	if (*b->text)
		add_wrapped(l, "      ", b->text, b->tone);
}

static void
lay_meter(struct layout *l, const struct block *b)
{
	size_t full = l->columns && l->columns < METER_COLUMNS + 8 ? l->columns - 8 : METER_COLUMNS;
	size_t done = full * b->index / 100;
	char *bar = arena_strdup(l->arena, "");

	if (!l->columns) {
		add(l, arena_printf(l->arena, tr("%d per cent done"), (int)b->index), TONE_STRONG);
		return;
	}
	for (size_t i = 0; i < full; i++)
		bar = arena_printf(l->arena, "%s%s", bar, i < done ? "█" : "░");
	add(l, arena_printf(l->arena, "%s %3d %%", bar, (int)b->index), TONE_STRONG);
}

static void
lay_field(struct layout *l, const struct block *b)
{
	bool focus = l->entry->field == (int)b->index;
	const char *text = l->entry->fields[b->index];
	size_t box = l->columns && l->columns < FIELD_COLUMNS + 4 ? l->columns - 4 : FIELD_COLUMNS;

	add(l, arena_printf(l->arena, "%s:", b->label), TONE_NORMAL);
	const char *tail = text + text_tail(text, box - 1);
	struct line *line = add(l,
		arena_printf(l->arena, "%s[%s]", focus ? "> " : "  ",
			text_pad(l->arena, tail, strlen(tail), box)),
		b->tone);
	line->anchor = line->emphasized = focus;
	line->cursor = focus ? (unsigned)(3 + text_width(tail) + 1) : 0;
}

void
layout_page(struct arena *arena, const struct page *page, const struct entry *entry, size_t columns,
	struct lines *out)
{
	struct layout l = {.arena = arena,
		.out = out,
		.columns = columns && columns < 16 ? 16 : columns,
		.fact_columns = label_columns(page),
		.entry = entry};

	*out = (struct lines){0};
	for (size_t i = 0; i < page->count; i++) {
		const struct block *b = &page->blocks[i];
		size_t from = out->count;
		switch (b->kind) {
		case BLOCK_TEXT:
			add_wrapped(&l, arena_printf(arena, "%*s", (int)b->indent, ""), b->text,
				b->tone);
			break;
		case BLOCK_FACT:
			lay_fact(&l, b);
			break;
		case BLOCK_ROW:
			lay_row(&l, b);
			break;
		case BLOCK_CHOICE:
			lay_choice(&l, b);
			break;
		case BLOCK_SWITCH:
			lay_switch(&l, b);
			break;
		case BLOCK_FIELD:
			lay_field(&l, b);
			break;
		case BLOCK_METER:
			lay_meter(&l, b);
			break;
		}
		for (size_t j = from; j < out->count; j++)
			out->items[j].quiet = b->quiet;
	}
}

void
layout_buttons(
	struct arena *arena, const struct page *page, int focus, size_t columns, struct lines *out)
{
	struct layout l = {.arena = arena, .out = out};
	const char *text = "";

	*out = (struct lines){0};
	for (size_t i = 0; i < page->button_count; i++) {
		const char *label = page->buttons[i].label;
		const char *shown =
			arena_printf(arena, (int)i == focus ? "> %s <" : "  %s  ", label);
		const char *longer = *text ? arena_printf(arena, "%s %s", text, shown) : shown;
		if (*text && text_width(longer) > columns) {
			add(&l, text, TONE_STRONG);
			longer = shown;
		}
		text = longer;
	}
	if (*text)
		add(&l, text, TONE_STRONG);
}
