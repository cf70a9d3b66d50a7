// SPDX-License-Identifier: Apache-2.0
#include "oobe/page.h"

#include "base/str.h"
#include "oobe/pages.h"
#include <ctype.h>
#include <inttypes.h>

static page_builder *const builders[SCREEN_KINDS] = {
	[SCREEN_UNKNOWN] = page_unknown,
	[SCREEN_LANGUAGE] = page_language,
	[SCREEN_KEYBOARD] = page_keyboard,
	[SCREEN_NETWORK] = page_network,
	[SCREEN_WAITING] = page_waiting,
	[SCREEN_WELCOME] = page_welcome,
	[SCREEN_MENU] = page_menu,
	[SCREEN_CONFIG] = page_config,
	[SCREEN_ESP] = page_esp,
	[SCREEN_SUCCESS] = page_success,
	[SCREEN_FAILURE] = page_failure,
	[SCREEN_DIAGNOSTICS] = page_diagnostics,
	[SCREEN_SIGNIN] = page_signin,
	[SCREEN_DONE] = page_done,
	[SCREEN_SIGNEDOUT] = page_signedout,
	[SCREEN_POWERINGOFF] = page_poweringoff,
};

static const struct button known_actions[] = {
	{"next", "[N]ext", CARRY_NOTHING},
	{"back", "[B]ack", CARRY_NOTHING},
	{"retry", "[R]etry", CARRY_NOTHING},
	{"refresh", "[R]efresh", CARRY_NOTHING},
	{"provision", "[P]rovision", CARRY_NOTHING},
	{"reset", "Re[s]et", CARRY_NOTHING},
	{"reseal", "Re[s]eal", CARRY_NOTHING},
	{"diagnostics", "View [d]iagnostics", CARRY_NOTHING},
	{"continue", "[C]ontinue anyway", CARRY_NOTHING},
	{"signout", "Sign [o]ut", CARRY_NOTHING},
	{"signin", "[S]ign in", CARRY_SIGNIN},
};

static struct block *
add(struct page *page, enum block_kind kind)
{
	if (page->count == page->cap) {
		size_t cap = page->cap ? page->cap * 2 : 32;
		struct block *grown = arena_array(page->arena, cap, sizeof *grown);
		if (page->count)
			memcpy(grown, page->blocks, page->count * sizeof *grown);
		page->blocks = grown;
		page->cap = cap;
	}
	struct block *block = &page->blocks[page->count++];
	*block = (struct block){.kind = kind, .text = "", .label = ""};
	return block;
}

void
page_text(struct page *page, enum tone tone, const char *text)
{
	if (!text)
		return;
	struct block *block = add(page, BLOCK_TEXT);
	block->tone = tone;
	block->text = text;
}

void
page_gap(struct page *page)
{
	add(page, BLOCK_TEXT);
}

void
page_lines(struct page *page, enum tone tone, const struct texts *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		page_text(page, tone, lines->items[i]);
}

void
page_fact(struct page *page, const char *label, const char *value)
{
	if (!value)
		return;
	struct block *block = add(page, BLOCK_FACT);
	block->label = label;
	block->text = value;
}

void
page_row(struct page *page, const struct block *row)
{
	struct block *block = add(page, BLOCK_ROW);
	*block = *row;
	block->kind = BLOCK_ROW;
}

void
page_choice(struct page *page, const struct choice *choice)
{
	struct block *block = add(page, BLOCK_CHOICE);
	block->label = choice->label;
	block->index = page->choice_count++;
}

void
page_field(struct page *page, enum field field, const char *label)
{
	struct block *block = add(page, BLOCK_FIELD);
	block->label = label;
	block->index = (size_t)field;
	page->field_count++;
}

void
page_button(struct page *page, const char *action, const char *label, enum carries carries)
{
	if (page->button_count < PAGE_BUTTONS)
		page->buttons[page->button_count++] = (struct button){action, label, carries};
}

void
page_action(struct page *page, const char *action)
{
	for (size_t i = 0; i < sizeof known_actions / sizeof *known_actions; i++)
		if (str_eq(known_actions[i].action, action)) {
			page_button(page, action, known_actions[i].label, known_actions[i].carries);
			return;
		}
	page_button(page, action, action, CARRY_NOTHING);
}

void
page_assignment(struct page *page, const struct screen *screen)
{
	page_fact(page, "Organization", screen->organization ? screen->organization : "not found");
	page_fact(page, "Profile", screen->profile ? screen->profile : "not found");
	page_fact(page, "Assigned user", screen->user ? screen->user : "not assigned");
}

const char *
page_duration(struct arena *arena, int64_t seconds)
{
	if (seconds < 0)
		return "not known";
	if (seconds < 60)
		return arena_printf(arena, "%" PRId64 " s", seconds);
	if (seconds < 3600)
		return arena_printf(
			arena, "%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
	return arena_printf(arena, "%" PRId64 " h %" PRId64 " min %" PRId64 " s", seconds / 3600,
		seconds / 60 % 60, seconds % 60);
}

char
page_accelerator(const char *label)
{
	const char *open = strchr(label, '[');

	return open && isalpha((unsigned char)open[1]) && open[2] == ']'
		? (char)tolower((unsigned char)open[1])
		: 0;
}

// What the agent offers goes before what the page would offer by itself.
static void
use_offered_actions(struct page *page, const struct texts *actions)
{
	size_t first = page->first_button;
	const char *focus = first < page->button_count ? page->buttons[first].action : NULL;

	if (!actions->count)
		return;
	page->button_count = page->first_button = 0;
	for (size_t i = 0; i < actions->count; i++) {
		if (str_eq(actions->items[i], focus))
			page->first_button = page->button_count;
		page_action(page, actions->items[i]);
	}
	if (page->first_button >= page->button_count)
		page->first_button = 0;
}

void
page_build(
	struct arena *arena, const struct screen *screen, const struct view *view, struct page *out)
{
	*out = (struct page){
		.arena = arena, .brand = screen->organization, .title = "", .qr = screen->qr};
	builders[screen->kind](out, screen, view);
	use_offered_actions(out, &screen->actions);
}

void
page_build_connecting(struct arena *arena, struct page *out)
{
	*out = (struct page){.arena = arena, .title = "Just a moment…"};
	page_text(out, TONE_NORMAL, "Connecting to the setup service…");
	page_gap(out);
	page_text(out, TONE_NORMAL,
		"This page goes on by itself. If it stays for more than a few minutes, switch the "
		"device off and on again: the setup continues where it was.");
}
