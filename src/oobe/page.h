// SPDX-License-Identifier: Apache-2.0
// A page as both faces (terminal and plain lines) show it: title, blocks of text, buttons and a QR
// code, without any position.
#pragma once

#include "oobe/model.h"

enum theme { THEME_BLUE, THEME_GREEN, THEME_RED, THEMES };
enum tone { TONE_NORMAL, TONE_STRONG, TONE_BAD, TONE_WARN, TONES };
enum mark { MARK_NONE, MARK_DONE, MARK_ERROR, MARK_NOW, MARK_WARN };
enum block_kind {
	BLOCK_TEXT,
	BLOCK_FACT,
	BLOCK_ROW,
	BLOCK_CHOICE,
	BLOCK_SWITCH, // a choice that is on or off by itself
	BLOCK_FIELD,
	BLOCK_METER, // `index` per cent
};
enum field { FIELD_USER, FIELD_PASSWORD, FIELD_CODE, FIELDS };

struct block {
	enum block_kind kind;
	enum tone tone;
	enum mark mark;
	unsigned indent;   // columns
	const char *label; // of facts, rows, choices and fields
	const char *text;  // "" is an empty line; of a row: its state
	size_t index;	   // of a choice or switch, or the enum field
	bool quiet;	   // changes all the time: not worth an announcement
};

// What a button sends along with its action; bits.
enum carries {
	CARRY_NOTHING = 0,
	CARRY_CHOICE = 1,
	CARRY_FIELDS = 2, // the fields of the page, none of them empty
	CARRY_SWITCHES = 4,
};

// An action that never reaches the agent: it only changes what the page shows.
#define ACTION_DETAILS ":details"

struct button {
	const char *action;
	const char *label; // the letter in brackets is its accelerator
	enum carries carries;
};

enum { PAGE_BUTTONS = 8 };

struct page {
	struct arena *arena;
	enum theme theme;
	const char *name; // of the screen
	const char *brand, *title;
	const char *color, *logo; // of the organization; NULL
	struct block *blocks;
	size_t count, cap;
	struct button buttons[PAGE_BUTTONS];
	size_t button_count, first_button; // first_button: where the focus starts
	size_t choice_count, field_count;
	enum field fields[FIELDS]; // in the page's order
	bool switches;		   // the choices are switches
	bool optional;		   // nothing need be chosen: the focus starts at the first button
	const char *qr;		   // payload, or NULL
	bool winkey;		   // the Windows key leads on from here (behaviour T1)
	bool ticking;		   // the elapsed time runs
};

// What the face knows besides the screen.
struct view {
	int64_t elapsed; // seconds to show; -1: not known
	int64_t passed;	 // seconds since the screen came
	size_t choice;	 // what is chosen now
	bool no_details; // behaviour O16
};

// Build the page of a screen. The screen must live as long as the page.
void page_build(struct arena *arena, const struct screen *screen, const struct view *view,
	struct page *out);

// The page while no agent answers.
void page_build_connecting(struct arena *arena, struct page *out);

// For the page files; labels and texts in the person's language.
void page_text(struct page *page, enum tone tone, const char *text); // NULL: nothing
void page_gap(struct page *page);
void page_lines(struct page *page, enum tone tone, const struct texts *lines);
void page_fact(struct page *page, const char *label, const char *value); // NULL value: nothing
void page_row(struct page *page, const struct block *row);
void page_choice(struct page *page, const char *label);
void page_switch(struct page *page, const char *label, const char *text);
void page_field(struct page *page, enum field field, const char *label);
void page_meter(struct page *page, int64_t percent);
void page_button(struct page *page, const char *action, const char *label, enum carries carries);
// A button of a known action, under its usual name.
void page_action(struct page *page, const char *action);
// The button where the focus starts.
void page_focus(struct page *page, const char *action);

// What the agent says by key, else its text.
void page_said(struct page *page, const struct screen *screen);
// Cause, fix and who of a fault in the person's language, else what was sent.
void page_fault(struct page *page, const struct screen *screen);
// The fault's title, else what was sent, else NULL.
const char *page_fault_title(const struct screen *screen);
// "Elapsed time".
void page_elapsed(struct page *page, const struct view *view);

// Organization, profile, user, as the technician's pages show them; behaviour T12 for the unknown.
void page_assignment(struct page *page, const struct screen *screen);
// "1 h 2 min 3 s"; "not known" for a negative number.
const char *page_duration(struct arena *arena, int64_t seconds);
// Texts with one "%s".
const char *page_fill(struct page *page, const char *format, const char *text);
// The accelerator of a label in lower case, or 0.
char page_accelerator(const char *label);
