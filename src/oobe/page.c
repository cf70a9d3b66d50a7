// SPDX-License-Identifier: Apache-2.0
#include "oobe/page.h"

#include "base/str.h"
#include "domain/fault.h"
#include "oobe/pages.h"
#include "oobe/words.h"
#include <ctype.h>

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
	[SCREEN_REGION] = page_region,
	[SCREEN_KEYBOARD2] = page_keyboard2,
	[SCREEN_EULA] = page_eula,
	[SCREEN_PRIVACY] = page_privacy,
	[SCREEN_REBOOT] = page_reboot,
	[SCREEN_STAYSIGNEDIN] = page_staysignedin,
	[SCREEN_RESET] = page_reset,
	[SCREEN_PREPARATION] = page_preparation,
	[SCREEN_ENDED] = page_ended,
	[SCREEN_GATE] = page_gate,
};

// Translators: the letter in brackets presses the button; it must differ from the others that stand
// on the same page. Where the script has no letters, write it at the end: "次へ [N]".
static const struct button known_actions[] = {
	{"next", N_("[N]ext"), CARRY_NOTHING},
	{"back", N_("[B]ack"), CARRY_NOTHING},
	{"accept", N_("[A]ccept"), CARRY_NOTHING},
	{"add", N_("[A]dd layout"), CARRY_CHOICE},
	{"skip", N_("[S]kip"), CARRY_NOTHING},
	{"connect", N_("[C]onnect"), CARRY_CHOICE},
	{"retry", N_("[R]etry"), CARRY_NOTHING},
	{"refresh", N_("[R]efresh"), CARRY_NOTHING},
	{"provision", N_("[P]rovision"), CARRY_NOTHING},
	{"reset", N_("Re[s]et"), CARRY_NOTHING},
	{"reseal", N_("Re[s]eal"), CARRY_NOTHING},
	{"diagnostics", N_("View [d]iagnostics"), CARRY_NOTHING},
	{"continue", N_("[C]ontinue anyway"), CARRY_NOTHING},
	{"restart", N_("[R]estart now"), CARRY_NOTHING},
	{"signout", N_("Sign [o]ut"), CARRY_NOTHING},
	{"finish", N_("[F]inish"), CARRY_NOTHING},
	{"signin", N_("[S]ign in"), CARRY_FIELDS},
	{"otheruser", N_("Not [y]ou?"), CARRY_NOTHING},
};

static const char *const who_names[] = {
	[WHO_USER] = N_("user"),
	[WHO_TECHNICIAN] = N_("technician"),
	[WHO_ADMINISTRATOR] = N_("administrator"),
	[WHO_NETWORK] = N_("network administrator"),
	[WHO_SUPPORT] = N_("support"),
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
page_choice(struct page *page, const char *label)
{
	struct block *block = add(page, BLOCK_CHOICE);

	block->label = label;
	block->index = page->choice_count++;
}

void
page_switch(struct page *page, const char *label, const char *text)
{
	struct block *block = add(page, BLOCK_SWITCH);

	block->label = label;
	block->text = text ? text : "";
	block->index = page->choice_count++;
	page->switches = true;
}

void
page_field(struct page *page, enum field field, const char *label)
{
	struct block *block = add(page, BLOCK_FIELD);

	block->label = label;
	block->index = field;
	page->fields[page->field_count++] = field;
}

void
page_meter(struct page *page, int64_t percent)
{
	struct block *block = add(page, BLOCK_METER);

	block->index = percent < 0 ? 0 : percent > 100 ? 100 : (size_t)percent;
}

void
page_button(struct page *page, const char *action, const char *label, enum carries carries)
{
	if (page->button_count < PAGE_BUTTONS)
		page->buttons[page->button_count++] = (struct button){action, label, carries};
}

// The usual button, or one named after an action that this program does not know.
void
page_action(struct page *page, const char *action)
{
	for (size_t i = 0; i < sizeof known_actions / sizeof *known_actions; i++)
		if (str_eq(known_actions[i].action, action)) {
			page_button(page, known_actions[i].action, tr(known_actions[i].label),
				known_actions[i].carries);
			return;
		}
	page_button(page, action, action, CARRY_NOTHING);
}

void
page_focus(struct page *page, const char *action)
{
	for (size_t i = 0; i < page->button_count; i++)
		if (str_eq(page->buttons[i].action, action))
			page->first_button = i;
}

const char *
page_fill(struct page *page, const char *format, const char *text)
{
	return words_fill(page->arena, format, &text, 1);
}

void
page_said(struct page *page, const struct screen *screen)
{
	char *said = words_say(page->arena, screen->say, screen->args.items, screen->args.count);

	page_text(page, TONE_NORMAL, said ? said : screen->text);
}

const char *
page_fault_title(const struct screen *screen)
{
	const struct fault *fault = fault_find(screen->fault);

	return fault ? tr(fault->title) : screen->title;
}

// Who can mend it, by the catalogue, or as an agent with a newer catalogue names him.
static const char *
who_name(const struct screen *screen, const struct fault *fault)
{
	if (fault)
		return tr(who_names[fault->who]);
	for (size_t i = 0; screen->who && i < sizeof who_names / sizeof *who_names; i++)
		if (str_eq(who_names[i], screen->who))
			return tr(who_names[i]);
	return screen->who;
}

void
page_fault(struct page *page, const struct screen *screen)
{
	const struct fault *fault = fault_find(screen->fault);
	const char *cause = fault ? tr(fault->cause) : screen->cause;
	const char *fix = fault ? tr(fault->fix) : screen->fix;

	if (cause)
		page_text(page, TONE_NORMAL, page_fill(page, tr("Cause: %s"), cause));
	if (fix)
		page_text(page, TONE_STRONG, page_fill(page, tr("Fix: %s"), fix));
	page_fact(page, tr("Who can fix"), who_name(screen, fault));
}

void
page_elapsed(struct page *page, const struct view *view)
{
	page_fact(page, tr("Elapsed time"), page_duration(page->arena, view->elapsed));
	page->blocks[page->count - 1].quiet = true;
}

void
page_assignment(struct page *page, const struct screen *screen)
{
	page_fact(page, tr("Organization"),
		screen->organization ? screen->organization : tr("not found"));
	page_fact(page, tr("Profile"), screen->profile ? screen->profile : tr("not found"));
	page_fact(page, tr("Assigned user"), screen->user ? screen->user : tr("not assigned"));
}

const char *
page_duration(struct arena *arena, int64_t seconds)
{
	int hours = (int)(seconds / 3600), minutes = (int)(seconds / 60 % 60);
	int rest = (int)(seconds % 60);

	if (seconds < 0 || seconds / 3600 > 1000000)
		return tr("not known");
	if (seconds < 60)
		return arena_printf(arena, tr("%d s"), rest);
	if (seconds < 3600)
		return arena_printf(arena, tr("%d min %d s"), minutes, rest);
	return arena_printf(arena, tr("%d h %d min %d s"), hours, minutes, rest);
}

char
page_accelerator(const char *label)
{
	for (const char *open = strchr(label, '['); open; open = strchr(open + 1, '['))
		if (isalpha((unsigned char)open[1]) && open[2] == ']')
			return (char)tolower((unsigned char)open[1]);
	return 0;
}

// A button that the page has under this action's name, with what it carries there.
static const struct button *
button_of(const struct button *buttons, size_t count, const char *action)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(buttons[i].action, action))
			return &buttons[i];
	return NULL;
}

// What the agent offers goes before what the page would offer by itself.
static void
use_offered_actions(struct page *page, const struct texts *actions)
{
	struct button own[PAGE_BUTTONS];
	size_t count = page->button_count, first = page->first_button;
	const char *focus = first < count ? page->buttons[first].action : NULL;

	if (!actions->count)
		return;
	memcpy(own, page->buttons, sizeof own);
	page->button_count = page->first_button = 0;
	for (size_t i = 0; i < actions->count; i++) {
		const struct button *same = button_of(own, count, actions->items[i]);
		if (same)
			page_button(page, same->action, same->label, same->carries);
		else
			page_action(page, actions->items[i]);
	}
	const struct button *details = button_of(own, count, ACTION_DETAILS);
	if (details)
		page_button(page, details->action, details->label, details->carries);
	if (focus && !str_eq(focus, ACTION_DETAILS))
		page_focus(page, focus);
}

void
page_build(
	struct arena *arena, const struct screen *screen, const struct view *view, struct page *out)
{
	*out = (struct page){.arena = arena,
		.name = screen->name,
		.brand = screen->organization,
		.color = screen->color,
		.logo = screen->logo,
		.title = "",
		.qr = screen->qr};
	builders[screen->kind](out, screen, view);
	use_offered_actions(out, &screen->actions);
}

void
page_build_connecting(struct arena *arena, struct page *out)
{
	*out = (struct page){.arena = arena, .name = "connecting", .title = tr("Just a moment…")};
	page_text(out, TONE_NORMAL, tr("Connecting to the setup service…"));
	page_gap(out);
	page_text(out, TONE_NORMAL,
		tr("This page goes on by itself. If it stays for more than a few minutes, switch "
		   "the device off and on again: the setup continues where it was."));
}
