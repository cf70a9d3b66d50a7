// SPDX-License-Identifier: Apache-2.0
// The Enrollment Status Page: phases and rows with live counts, reasons and times (behaviour
// X20-X36, O16).
#include "base/str.h"
#include "domain/fault.h"
#include "oobe/pages.h"
#include "oobe/words.h"

static const struct {
	const char *key, *name;
} names[] = {
	{"devicePreparation", N_("Device preparation")},
	{"deviceSetup", N_("Device setup")},
	{"accountSetup", N_("Account setup")},
	{"securing", N_("Securing your hardware")},
	{"joining", N_("Joining your organization's network")},
	{"registering", N_("Registering your device for mobile management")},
	{"preparing", N_("Preparing your device for mobile management")},
	{"policies", N_("Security policies")},
	{"certificates", N_("Certificates")},
	{"networks", N_("Network connections")},
	{"apps", N_("Apps")},
	{"accountJoining", N_("Joining your organization's network")},
	{"accountPolicies", N_("Security policies")},
	{"accountCertificates", N_("Certificates")},
	{"accountNetworks", N_("Network connections")},
	{"accountApps", N_("Apps")},
};

static const char *const phase_texts[] = {
	[PHASE_PENDING] = N_("Waiting"),
	[PHASE_WORKING] = N_("Working on it…"),
	[PHASE_DONE] = N_("Complete"),
	[PHASE_ERROR] = N_("Error"),
};

static const char *const row_texts[] = {
	[ROW_WAITING] = N_("Waiting"),
	[ROW_IDENTIFYING] = N_("Identifying"),
	[ROW_WORKING] = N_("In progress"),
	[ROW_COMPLETE] = N_("Complete"),
	[ROW_ERROR] = N_("Error"),
	[ROW_SKIPPED] = N_("Not needed"),
};

struct esp {
	struct page *page;
	const struct view *view;
	bool failed; // a row before this one
};

const char *
page_row_name(const char *key, const char *name)
{
	for (size_t i = 0; key && i < sizeof names / sizeof *names; i++)
		if (str_eq(names[i].key, key))
			return tr(names[i].name);
	return name ? name : key ? key : tr("Step");
}

// "Apps (2 of 7)"; the count is hidden while it is not known (behaviour X33).
static const char *
row_label(struct arena *arena, const struct row *row)
{
	const char *name = page_row_name(row->key, row->name);

	if (row->total <= 0 || row->state == ROW_IDENTIFYING)
		return name;
	return arena_printf(
		arena, tr("%s (%lld of %lld)"), name, (long long)row->done, (long long)row->total);
}

static enum mark
row_mark(enum row_state state, bool failed)
{
	return state == ROW_COMPLETE		  ? MARK_DONE
		: state == ROW_ERROR		  ? MARK_ERROR
		: state == ROW_WORKING && !failed ? MARK_NOW
						  : MARK_NONE;
}

// Why the row is not done: a sentence, a fault, or a technical detail; and since when.
static void
add_reason(struct esp *esp, const struct row *row)
{
	struct arena *arena = esp->page->arena;
	const struct fault *fault = fault_find(row->fault);
	const char *said = words_say(arena, row->say, row->args.items, row->args.count);
	enum tone tone = row->state == ROW_ERROR ? TONE_BAD : TONE_NORMAL;

	if (fault)
		said = tr(fault->title);
	if (!said)
		said = row->detail;
	if (!said)
		return;
	bool over = row->state == ROW_COMPLETE || row->state == ROW_ERROR;
	bool timed = row->since >= 0 && !over;
	const char *parts[] = {
		said, timed ? page_duration(arena, row->since + esp->view->passed) : ""};
	if (timed)
		said = words_fill(arena, tr("%s (for %s)"), parts, 2);
	page_row(esp->page,
		&(struct block){
			.indent = 4, .label = said, .text = "", .tone = tone, .quiet = timed});
	if (fault && row->detail)
		page_row(esp->page,
			&(struct block){
				.indent = 4, .label = row->detail, .text = "", .tone = tone});
}

static void
add_items(struct esp *esp, const struct row *row)
{
	for (size_t i = 0; i < row->item_count; i++) {
		const struct item *item = &row->items[i];
		page_row(esp->page,
			&(struct block){.indent = 4,
				.label = item->detail ? arena_printf(esp->page->arena, "%s: %s",
								item->name, item->detail)
						      : item->name,
				.mark = row_mark(item->state, false),
				.tone = item->state == ROW_ERROR ? TONE_BAD : TONE_NORMAL,
				.text = tr(row_texts[item->state])});
	}
}

// What the agent marks as failed because an earlier row did, has not failed itself (behaviour X33).
static bool
was_not_tried(const struct esp *esp, const struct row *row)
{
	return esp->failed && row->state == ROW_ERROR &&
		str_eq(row->detail, "Previous step failed");
}

static void
add_row(struct esp *esp, const struct row *row)
{
	struct row waiting = *row;

	if (was_not_tried(esp, row)) {
		waiting.state = ROW_WAITING;
		row = &waiting;
	}
	bool over = row->state == ROW_COMPLETE || row->state == ROW_ERROR;

	page_row(esp->page,
		&(struct block){.indent = 2,
			.label = row_label(esp->page->arena, row),
			.mark = row_mark(row->state, esp->failed),
			.tone = row->state == ROW_ERROR ? TONE_BAD : TONE_NORMAL,
			.text = esp->failed && !over ? tr("Previous step failed")
						     : tr(row_texts[row->state])});
	if (!esp->failed || over)
		add_reason(esp, row);
	if (row->state == ROW_WORKING || row->state == ROW_ERROR)
		add_items(esp, row);
}

static void
add_phase(struct esp *esp, const struct phase *phase)
{
	struct block block = {.label = page_row_name(phase->key, phase->name),
		.tone = phase->state == PHASE_ERROR ? TONE_BAD : TONE_STRONG,
		.text = tr(phase_texts[phase->state])};

	if (esp->failed && phase->state != PHASE_DONE && phase->state != PHASE_ERROR)
		block.text = tr("Previous step failed");
	else if (phase->state == PHASE_DONE)
		block.mark = MARK_DONE;
	else if (phase->state == PHASE_ERROR)
		block.mark = MARK_ERROR;
	page_row(esp->page, &block);
	for (size_t i = 0; i < phase->row_count; i++) {
		// Hidden details still show what went wrong.
		if (!esp->view->no_details ||
			(phase->rows[i].state == ROW_ERROR && !was_not_tried(esp, &phase->rows[i])))
			add_row(esp, &phase->rows[i]);
		esp->failed = esp->failed || phase->rows[i].state == ROW_ERROR;
	}
	esp->failed = esp->failed || phase->state == PHASE_ERROR;
}

// The clock of the phase runs for as long as it may; the person sees how long.
static void
add_times(struct esp *esp, const struct screen *screen)
{
	int64_t left = screen->remaining - esp->view->passed;

	page_elapsed(esp->page, esp->view);
	if (screen->remaining < 0)
		return;
	page_fact(esp->page, tr("Time left"), page_duration(esp->page->arena, left > 0 ? left : 0));
	esp->page->blocks[esp->page->count - 1].quiet = true;
}

void
page_esp(struct page *page, const struct screen *screen, const struct view *view)
{
	struct esp esp = {.page = page, .view = view};

	page->title = str_eq(screen->flow, "technician") ? tr("Preparing this device for its user")
							 : tr("Setting up your device for work");
	page_text(page, TONE_NORMAL, tr("This may take a while and your device may restart."));
	page_text(page, TONE_NORMAL, screen->message);
	page_gap(page);
	for (size_t i = 0; i < screen->phase_count; i++)
		add_phase(&esp, &screen->phases[i]);
	page_gap(page);
	add_times(&esp, screen);
	page->ticking = !esp.failed && screen->elapsed >= 0;
	page_button(page, ACTION_DETAILS,
		view->no_details ? tr("Show det[a]ils") : tr("Hide det[a]ils"), CARRY_NOTHING);
}
