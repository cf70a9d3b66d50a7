// SPDX-License-Identifier: Apache-2.0
// How the blocks of a page become lines of a given width, with nothing known about a terminal.
#pragma once

#include "oobe/page.h"

// What a person has typed and chosen, as far as it is shown.
struct entry {
	size_t choice;		    // chosen so far
	uint32_t on;		    // bits of the switches
	bool choosing;		    // the focus is on the choices
	const char *fields[FIELDS]; // shown text; the caller has masked what must not be read
	int field;		    // the field with the focus, or -1
	bool simple_marks;	    // the terminal's font has no check marks
};

struct line {
	const char *text;
	enum tone tone;
	bool anchor;	 // the focus is here: keep this line in view
	unsigned cursor; // column of the input cursor + 1, or 0
	bool quiet;	 // see struct block
	bool emphasized; // chosen
};

struct lines {
	struct line *items;
	size_t count, cap;
};

// Lay out for `columns` columns; 0: as wide as the texts are.
void layout_page(struct arena *arena, const struct page *page, const struct entry *entry,
	size_t columns, struct lines *out);

// The buttons as lines: "> [N]ext <   [B]ack ". focus: index, or -1.
void layout_buttons(
	struct arena *arena, const struct page *page, int focus, size_t columns, struct lines *out);
