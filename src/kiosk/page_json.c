// SPDX-License-Identifier: Apache-2.0
#include "kiosk/page_json.h"

#include "base/str.h"
#include "oobe/qr.h"
#include "oobe/words.h"
#include <ctype.h>

static const char *const themes[THEMES] = {"blue", "green", "red"};
static const char *const tones[TONES] = {"normal", "strong", "bad", "warn"};
static const char *const marks[] = {
	[MARK_NONE] = NULL,
	[MARK_DONE] = "done",
	[MARK_ERROR] = "error",
	[MARK_NOW] = "now",
	[MARK_WARN] = "warn",
};
static const char *const kinds[] = {
	[BLOCK_TEXT] = "text",
	[BLOCK_FACT] = "fact",
	[BLOCK_ROW] = "row",
	[BLOCK_CHOICE] = "choice",
	[BLOCK_SWITCH] = "switch",
	[BLOCK_FIELD] = "field",
	[BLOCK_METER] = "meter",
};
static const char *const fields[FIELDS] = {"user", "password", "code"};

// The label as a button shows it: "[N]ext" is "Next", "次へ [N]" is "次へ".
static const char *
plain_label(struct arena *arena, const char *label)
{
	const char *open = strchr(label, '[');
	size_t len = strlen(label);

	if (!page_accelerator(label) || !open)
		return label;
	if (open + 3 == label + len && open > label && open[-1] == ' ')
		return arena_strndup(arena, label, (size_t)(open - label - 1));
	return arena_printf(arena, "%.*s%c%s", (int)(open - label), label, open[1], open + 3);
}

static void
write_block(struct jsonw *w, const struct block *b, const struct ui *ui)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "kind", kinds[b->kind]);
	jsonw_str(w, "tone", tones[b->tone]);
	if (marks[b->mark])
		jsonw_str(w, "mark", marks[b->mark]);
	jsonw_int(w, "indent", b->indent);
	jsonw_str(w, "label", b->label);
	jsonw_str(w, "text", b->text);
	jsonw_bool(w, "quiet", b->quiet);
	if (b->kind == BLOCK_FIELD) {
		jsonw_str(w, "field", fields[b->index]);
		if (b->index == FIELD_USER)
			jsonw_str(w, "value", ui->fields[FIELD_USER]);
	} else {
		jsonw_int(w, "index", (int64_t)b->index);
	}
	if (b->kind == BLOCK_SWITCH)
		jsonw_bool(w, "on", b->index < SCREEN_SWITCHES && ui->on >> b->index & 1);
	jsonw_end_object(w);
}

static void
write_buttons(struct jsonw *w, struct arena *arena, const struct page *page)
{
	jsonw_array(w, "buttons");
	for (size_t i = 0; i < page->button_count; i++) {
		const struct button *button = &page->buttons[i];
		char key[2] = {page_accelerator(button->label), '\0'};
		jsonw_object(w, NULL);
		jsonw_str(w, "action", button->action);
		jsonw_str(w, "label", plain_label(arena, button->label));
		jsonw_str(w, "key", key);
		jsonw_bool(w, "primary", i == page->first_button);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

static void
write_qr(struct jsonw *w, struct arena *arena, const char *payload)
{
	struct qr_square qr;
	struct error ignored;

	if (!payload || !qr_square(arena, payload, &qr, &ignored))
		return;
	jsonw_object(w, "qr");
	jsonw_int(w, "size", (int64_t)qr.size);
	jsonw_str(w, "dark", qr.dark);
	jsonw_end_object(w);
}

// Texts that only the browser's page has.
static void
write_words(struct jsonw *w)
{
	jsonw_object(w, "words");
	jsonw_str(w, "lost",
		tr("The screen program does not answer. This page tries again by itself."));
	jsonw_str(w, "showPassword", tr("Show password"));
	jsonw_str(w, "qr", tr("QR code that names this device"));
	jsonw_str(w, "done", tr("Complete"));
	jsonw_str(w, "error", tr("Error"));
	jsonw_str(w, "now", tr("In progress"));
	jsonw_str(w, "warn", tr("Warning"));
	jsonw_str(w, "progress", tr("Progress"));
	jsonw_str(w, "wait", tr("Please wait…"));
	jsonw_str(w, "winkey", tr("Technician: press the Windows key five times"));
	jsonw_str(w, "empty", tr("None of the fields may be empty."));
	jsonw_end_object(w);
}

void
page_json(struct jsonw *w, struct arena *arena, const struct page *page, const struct ui *ui,
	bool busy)
{
	jsonw_str(w, "language", words_language());
	jsonw_str(w, "name", page->name);
	jsonw_str(w, "theme", themes[page->theme]);
	jsonw_str(w, "brand", page->brand ? page->brand : "Ferry");
	jsonw_str(w, "color", page->color);
	jsonw_str(w, "logo", page->logo);
	jsonw_str(w, "title", page->title);
	jsonw_bool(w, "winkey", page->winkey);
	jsonw_bool(w, "busy", busy);
	jsonw_bool(w, "optional", page->optional);
	jsonw_int(w, "choice", page->choice_count ? (int64_t)ui->choice : -1);
	jsonw_array(w, "blocks");
	for (size_t i = 0; i < page->count; i++)
		write_block(w, &page->blocks[i], ui);
	jsonw_end_array(w);
	write_buttons(w, arena, page);
	write_qr(w, arena, page->qr);
	write_words(w);
}
