// SPDX-License-Identifier: Apache-2.0
// Where the device is used and what is typed on: which answers the first pages offer (behaviour O2,
// P13, P14), and what of them reaches the system.
#pragma once

#include "agent/journal.h"

struct region_choice {
	const char *id, *label; // ISO 3166, XKB layout or language tag; in the words of those there
};

// Ended by a row without id.
extern const struct region_choice region_languages[], region_countries[], region_keyboards[];

// Is it an answer of that list?
bool region_offers(const struct region_choice *list, const char *id);

// The country of a language tag: "de-AT" is AT, "ja" is JP. NULL for a tag that names none.
const char *region_of_language(const char *tag);

// The layout that most people who read this language type on.
const char *region_keyboard_of_language(const char *tag);

// Write /etc/default/keyboard and let console and radio know. What fails is logged: nobody is kept
// from going on.
void region_apply(const struct journal *journal);
