// SPDX-License-Identifier: Apache-2.0
// The Enrollment Status Page: phases and rows with live counts and reasons (behaviour X20-X35).
#include "base/str.h"
#include "oobe/pages.h"

#include <inttypes.h>

static const char *const phase_texts[] = {
	[PHASE_PENDING] = "Waiting",
	[PHASE_WORKING] = "Working on it…",
	[PHASE_DONE] = "Complete",
	[PHASE_ERROR] = "Error",
};

static const char *const row_texts[] = {
	[ROW_WAITING] = "Waiting",
	[ROW_IDENTIFYING] = "Identifying",
	[ROW_WORKING] = "In progress",
	[ROW_COMPLETE] = "Complete",
	[ROW_ERROR] = "Error",
	[ROW_SKIPPED] = "Not needed",
};

// "Apps (2 of 7)"; the count is hidden while it is not known (behaviour X33).
static const char *
row_label(struct arena *arena, const struct row *row)
{
	if (row->total <= 0 || row->state == ROW_IDENTIFYING)
		return row->name;
	return arena_printf(
		arena, "%s (%" PRId64 " of %" PRId64 ")", row->name, row->done, row->total);
}

static void
add_row(struct page *page, const struct row *row, bool failed_before)
{
	bool over = row->state == ROW_COMPLETE || row->state == ROW_ERROR;
	struct block block = {.indent = 2,
		.label = row_label(page->arena, row),
		.text = failed_before && !over ? "Previous step failed" : row_texts[row->state]};

	if (row->state == ROW_COMPLETE)
		block.mark = MARK_DONE;
	else if (row->state == ROW_WORKING && !failed_before)
		block.mark = MARK_NOW;
	else if (row->state == ROW_ERROR) {
		block.mark = MARK_ERROR;
		block.tone = TONE_BAD;
	}
	page_row(page, &block);
	if (row->detail)
		page_row(page,
			&(struct block){
				.indent = 4, .label = row->detail, .text = "", .tone = block.tone});
}

static void
add_phase(struct page *page, const struct phase *phase, bool details, bool *failed)
{
	bool before = *failed;
	struct block block = {.label = phase->name,
		.tone = phase->state == PHASE_ERROR ? TONE_BAD : TONE_STRONG,
		.text = phase_texts[phase->state]};

	if (before && phase->state != PHASE_DONE && phase->state != PHASE_ERROR)
		block.text = "Previous step failed";
	else if (phase->state == PHASE_DONE)
		block.mark = MARK_DONE;
	else if (phase->state == PHASE_ERROR)
		block.mark = MARK_ERROR;
	page_row(page, &block);
	for (size_t i = 0; i < phase->row_count; i++) {
		// Hidden details still show what went wrong.
		if (details || phase->rows[i].state == ROW_ERROR)
			add_row(page, &phase->rows[i], *failed);
		*failed = *failed || phase->rows[i].state == ROW_ERROR;
	}
	*failed = *failed || phase->state == PHASE_ERROR;
}

void
page_esp(struct page *page, const struct screen *screen, const struct view *view)
{
	bool failed = false;

	page->title = str_eq(screen->flow, "technician") ? "Preparing this device for its user"
							 : "Setting up your device for work";
	page_text(page, TONE_NORMAL, "This may take a while and your device may restart.");
	page_text(page, TONE_NORMAL, screen->message);
	page_gap(page);
	for (size_t i = 0; i < screen->phase_count; i++)
		add_phase(page, &screen->phases[i], !view->no_details, &failed);
	page_gap(page);
	page_fact(page, "Elapsed time", page_duration(page->arena, view->elapsed));
	page->ticking = !failed && screen->elapsed >= 0;
	page_button(page, ACTION_DETAILS, view->no_details ? "Show [d]etails" : "Hide [d]etails",
		CARRY_NOTHING);
}
