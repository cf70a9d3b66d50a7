// SPDX-License-Identifier: Apache-2.0
// What a key does: focus, choices, typed text, and which action goes to the agent.
#pragma once

#include "oobe/layout.h"
#include "oobe/page.h"

enum key {
	KEY_NAME_CHAR, // a character: see keypress.ch
	KEY_NAME_ENTER,
	KEY_NAME_TAB,
	KEY_NAME_BACKTAB,
	KEY_NAME_UP,
	KEY_NAME_DOWN,
	KEY_NAME_LEFT,
	KEY_NAME_RIGHT,
	KEY_NAME_PAGE_UP,
	KEY_NAME_PAGE_DOWN,
	KEY_NAME_HOME,
	KEY_NAME_END,
	KEY_NAME_BACKSPACE,
	KEY_NAME_CLEAR,	   // Ctrl-U: empty the field
	KEY_NAME_WINDOWS,  // F12
	KEY_NAME_QR_LARGE, // F2
	KEY_NAME_QR_FORM,  // F3
};

struct keypress {
	enum key key;
	uint32_t ch; // code point of KEY_NAME_CHAR
};

enum { FIELD_BYTES = 256 };

struct ui {
	size_t focus; // index over: choices (one stop), fields, buttons
	size_t choice, scroll;
	uint32_t on; // bits of the switches
	char fields[FIELDS][FIELD_BYTES];
	bool no_details, qr_large, qr_json;
	char value[FIELD_BYTES]; // of an action, while it is sent
};

// What goes to the agent. The texts belong to the screen and the ui: use them before either
// changes.
struct action {
	const char *name; // NULL: nothing
	const char *value;
	const char *user, *password, *code;
};

// A screen arrived: begin anew when it is another page than before (NULL: there was none), keep
// focus and choice otherwise. Passwords and codes are forgotten, except a network's key that is
// being typed.
void ui_adopt(struct ui *ui, const struct screen *before, const struct screen *now,
	const struct page *page);

// Wipe the typed password and code.
void ui_forget_password(struct ui *ui);

// One key. True when the page must be drawn again or an action is due.
bool ui_key(struct ui *ui, const struct screen *screen, const struct page *page,
	struct keypress key, struct action *out);

// Press the button of that action, whatever has the focus; false when the page has none.
bool ui_press(struct ui *ui, const struct screen *screen, const struct page *page,
	const char *action, struct action *out);

// What the layout shows; `arena` holds the masked password.
struct entry ui_entry(struct arena *arena, const struct ui *ui, const struct page *page);

// Index of the button with the focus, or -1.
int ui_button(const struct ui *ui, const struct page *page);

// The line of JSON for an action, newline included, at most `size` bytes with the NUL. ERR_LIMIT.
// Nothing of it is kept elsewhere: the caller wipes `out`.
bool action_write(const struct action *action, char *out, size_t size, size_t *len,
	struct error *e) MUST_CHECK;
