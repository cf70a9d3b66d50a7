// SPDX-License-Identifier: Apache-2.0
#include "oobe/ui.h"

#include "base/str.h"
#include "codec/json.h"
#include "oobe/wrap.h"

enum stop { STOP_CHOICES, STOP_FIELD, STOP_BUTTON, STOP_NOTHING };

// The stops of the focus, in order: the choices together, each field, each button.
static size_t
stop_count(const struct page *page)
{
	return (page->choice_count ? 1 : 0) + page->field_count + page->button_count;
}

static enum stop
stop_at(const struct page *page, size_t focus, size_t *index)
{
	if (page->choice_count) {
		*index = 0;
		if (!focus--)
			return STOP_CHOICES;
	}
	*index = focus;
	if (focus < page->field_count)
		return STOP_FIELD;
	*index = focus - page->field_count;
	return *index < page->button_count ? STOP_BUTTON : STOP_NOTHING;
}

static size_t
first_button_stop(const struct page *page)
{
	return (page->choice_count ? 1 : 0) + page->field_count;
}

int
ui_button(const struct ui *ui, const struct page *page)
{
	size_t index;

	return stop_at(page, ui->focus, &index) == STOP_BUTTON ? (int)index : -1;
}

void
ui_forget_password(struct ui *ui)
{
	explicit_bzero(ui->fields[FIELD_PASSWORD], FIELD_BYTES);
	explicit_bzero(ui->fields[FIELD_CODE], FIELD_BYTES);
}

static size_t
first_focus(const struct ui *ui, const struct page *page)
{
	if (page->choice_count)
		return page->optional ? first_button_stop(page) + page->first_button : 0;
	for (size_t i = 0; i < page->field_count; i++)
		if (!*ui->fields[page->fields[i]])
			return i;
	return page->field_count ? page->field_count - 1 : page->first_button;
}

// Where the choice with the identifier that was chosen before is now.
static size_t
same_choice(const struct ui *ui, const struct screen *before, const struct screen *now)
{
	if (ui->choice < before->choice_count)
		for (size_t i = 0; i < now->choice_count; i++)
			if (str_eq(before->choices[ui->choice].id, now->choices[i].id))
				return i;
	return now->selected;
}

static uint32_t
switched_on(const struct screen *screen)
{
	uint32_t on = 0;

	for (size_t i = 0; i < screen->choice_count && i < SCREEN_SWITCHES; i++)
		on |= (uint32_t)screen->choices[i].on << i;
	return on;
}

static void
prefill(struct ui *ui, const char *user)
{
	if (user && strlen(user) < FIELD_BYTES)
		memcpy(ui->fields[FIELD_USER], user, strlen(user) + 1);
}

void
ui_adopt(struct ui *ui, const struct screen *before, const struct screen *now,
	const struct page *page)
{
	// A list of networks that changes while somebody types the key of one is no reason to
	// type it again.
	if (now->kind != SCREEN_NETWORK || now->fault)
		ui_forget_password(ui);
	if (before && before->kind == now->kind && str_eq(before->name, now->name) &&
		str_eq(before->step ? before->step : "", now->step ? now->step : "")) {
		ui->choice = same_choice(ui, before, now);
		if (page->field_count && now->kind != SCREEN_NETWORK) {
			if (!*ui->fields[FIELD_USER])
				prefill(ui, now->user);
			ui->focus = first_focus(ui, page);
		}
		if (stop_count(page) && ui->focus >= stop_count(page))
			ui->focus = stop_count(page) - 1;
		return;
	}
	explicit_bzero(ui->fields, sizeof ui->fields);
	*ui = (struct ui){.qr_json = ui->qr_json, .no_details = ui->no_details};
	ui->choice = now->selected;
	ui->on = switched_on(now);
	if (page->field_count)
		prefill(ui, now->user);
	ui->focus = first_focus(ui, page);
}

struct entry
ui_entry(struct arena *arena, const struct ui *ui, const struct page *page)
{
	size_t index, stars = 0;
	enum stop stop = stop_at(page, ui->focus, &index);
	int field = stop == STOP_FIELD ? (int)page->fields[index] : -1;

	for (const char *at = ui->fields[FIELD_PASSWORD]; *at; at++)
		stars += ((unsigned char)*at & 0xc0) != 0x80;
	char *mask = arena_alloc(arena, stars + 1);
	memset(mask, '*', stars);
	return (struct entry){.choice = ui->choice,
		.on = ui->on,
		.choosing = stop == STOP_CHOICES,
		.fields = {[FIELD_USER] = ui->fields[FIELD_USER],
			[FIELD_PASSWORD] = mask,
			[FIELD_CODE] = ui->fields[FIELD_CODE]},
		.field = field};
}

// The identifiers of the switches that are on, joined by commas; what does not fit stays off.
static const char *
switches_value(struct ui *ui, const struct screen *screen)
{
	size_t len = 0;

	ui->value[0] = '\0';
	for (size_t i = 0; i < screen->choice_count && i < SCREEN_SWITCHES; i++) {
		const char *id = screen->choices[i].id;
		size_t more = strlen(id) + (len ? 1 : 0);
		if (!(ui->on >> i & 1) || len + more >= sizeof ui->value)
			continue;
		snprintf(ui->value + len, sizeof ui->value - len, "%s%s", len ? "," : "", id);
		len += more;
	}
	return ui->value;
}

// The fields of the page into the action; false, with the focus there, when one is empty.
static bool
take_fields(struct ui *ui, const struct page *page, struct action *action)
{
	const char *texts[FIELDS] = {0};

	for (size_t i = 0; i < page->field_count; i++) {
		enum field field = page->fields[i];
		if (!*ui->fields[field]) {
			ui->focus = (page->choice_count ? 1 : 0) + i;
			return false;
		}
		texts[field] = ui->fields[field];
	}
	action->user = texts[FIELD_USER];
	action->password = texts[FIELD_PASSWORD];
	action->code = texts[FIELD_CODE];
	return true;
}

// Fill the action of a button with what it carries; nothing when something is missing.
static bool
push(struct ui *ui, const struct screen *screen, const struct page *page,
	const struct button *button, struct action *out)
{
	if (str_eq(button->action, ACTION_DETAILS)) {
		ui->no_details = !ui->no_details;
		return true;
	}
	struct action action = {.name = button->action};
	if (button->carries & CARRY_CHOICE && ui->choice < screen->choice_count)
		action.value = screen->choices[ui->choice].id;
	if (button->carries & CARRY_SWITCHES)
		action.value = switches_value(ui, screen);
	if (button->carries & CARRY_FIELDS && !take_fields(ui, page, &action))
		return true;
	*out = action;
	return true;
}

bool
ui_press(struct ui *ui, const struct screen *screen, const struct page *page, const char *action,
	struct action *out)
{
	for (size_t i = 0; i < page->button_count; i++)
		if (str_eq(page->buttons[i].action, action))
			return push(ui, screen, page, &page->buttons[i], out);
	return false;
}

static bool
move_focus(struct ui *ui, const struct page *page, bool forward)
{
	size_t count = stop_count(page);

	if (count < 2)
		return false;
	ui->focus = (ui->focus + (forward ? 1 : count - 1)) % count;
	return true;
}

static bool
move_choice(struct ui *ui, const struct page *page, enum key key)
{
	size_t last = page->choice_count - 1, now = ui->choice;

	if (key == KEY_NAME_UP && now > 0)
		ui->choice = now - 1;
	else if (key == KEY_NAME_DOWN && now < last)
		ui->choice = now + 1;
	else if (key == KEY_NAME_PAGE_UP)
		ui->choice = now > 10 ? now - 10 : 0;
	else if (key == KEY_NAME_PAGE_DOWN)
		ui->choice = now + 10 < last ? now + 10 : last;
	else if (key == KEY_NAME_HOME)
		ui->choice = 0;
	else if (key == KEY_NAME_END)
		ui->choice = last;
	if (ui->choice != now)
		ui_forget_password(ui);
	return ui->choice != now;
}

static bool
scroll(struct ui *ui, enum key key)
{
	size_t before = ui->scroll, far = key == KEY_NAME_UP || key == KEY_NAME_DOWN ? 1 : 8;

	if (key == KEY_NAME_UP || key == KEY_NAME_PAGE_UP)
		ui->scroll = before > far ? before - far : 0;
	else if (key == KEY_NAME_DOWN || key == KEY_NAME_PAGE_DOWN)
		ui->scroll = before + far; // the face clamps it to what there is
	else if (key == KEY_NAME_HOME)
		ui->scroll = 0;
	else
		ui->scroll = SIZE_MAX / 2;
	return ui->scroll != before;
}

static bool
type(char *field, struct keypress key)
{
	size_t len = strlen(field);
	char bytes[4];

	if (key.key == KEY_NAME_CLEAR) {
		explicit_bzero(field, FIELD_BYTES);
		return true;
	}
	if (key.key == KEY_NAME_BACKSPACE) {
		while (len && ((unsigned char)field[len - 1] & 0xc0) == 0x80)
			field[--len] = '\0';
		if (len)
			field[--len] = '\0';
		return true;
	}
	size_t more = key.ch >= 0x20 && key.ch != 0x7f ? utf8_encode(key.ch, bytes) : 0;
	if (!more || len + more >= FIELD_BYTES)
		return false;
	memcpy(field + len, bytes, more);
	field[len + more] = '\0';
	return true;
}

static bool
accelerate(struct ui *ui, const struct screen *screen, const struct page *page, uint32_t ch,
	struct action *out)
{
	char wanted = ch < 0x80 ? (char)((ch >= 'A' && ch <= 'Z') ? ch + 32 : ch) : 0;

	for (size_t i = 0; wanted && i < page->button_count; i++)
		if (page_accelerator(page->buttons[i].label) == wanted) {
			ui->focus = first_button_stop(page) + i;
			return push(ui, screen, page, &page->buttons[i], out);
		}
	return false;
}

// Enter: a button is pressed, the choices press the first button, a field leads to the next stop,
// or signs in after the last.
static bool
enter(struct ui *ui, const struct screen *screen, const struct page *page, struct action *out)
{
	size_t index;
	enum stop stop = stop_at(page, ui->focus, &index);

	if (stop == STOP_NOTHING || !page->button_count)
		return false;
	if (stop == STOP_FIELD && index + 1 < page->field_count)
		return move_focus(ui, page, true);
	if (stop == STOP_BUTTON)
		return push(ui, screen, page, &page->buttons[index], out);
	size_t pressed = page->optional ? 0 : page->first_button;
	return push(ui, screen, page, &page->buttons[pressed], out);
}

static bool
move(struct ui *ui, const struct page *page, enum key key)
{
	size_t index;
	enum stop stop = stop_at(page, ui->focus, &index);
	bool forward = key == KEY_NAME_TAB || key == KEY_NAME_DOWN || key == KEY_NAME_RIGHT;

	if (key == KEY_NAME_TAB || key == KEY_NAME_BACKTAB)
		return move_focus(ui, page, forward);
	if (key == KEY_NAME_LEFT || key == KEY_NAME_RIGHT)
		return stop != STOP_FIELD && move_focus(ui, page, forward);
	if (page->choice_count) { // wherever the focus is: there is nothing else to move in
		bool back = stop != STOP_CHOICES;
		ui->focus = 0;
		return move_choice(ui, page, key) || back;
	}
	if (page->field_count && (key == KEY_NAME_UP || key == KEY_NAME_DOWN))
		return move_focus(ui, page, forward);
	return scroll(ui, key);
}

bool
ui_key(struct ui *ui, const struct screen *screen, const struct page *page, struct keypress key,
	struct action *out)
{
	size_t index;
	enum stop stop = stop_at(page, ui->focus, &index);
	bool typing = stop == STOP_FIELD;

	*out = (struct action){0};
	switch (key.key) {
	case KEY_NAME_WINDOWS:
		out->name = "winkey";
		return true;
	case KEY_NAME_QR_LARGE:
		ui->qr_large = page->qr && !ui->qr_large;
		return true;
	case KEY_NAME_QR_FORM:
		ui->qr_json = !ui->qr_json;
		return true;
	case KEY_NAME_ENTER:
		return enter(ui, screen, page, out);
	case KEY_NAME_CHAR:
		if (typing)
			return type(ui->fields[page->fields[index]], key);
		if (key.ch == ' ' && stop == STOP_CHOICES && page->switches) {
			ui->on ^= ui->choice < SCREEN_SWITCHES ? UINT32_C(1) << ui->choice : 0;
			return true;
		}
		return key.ch == ' ' ? enter(ui, screen, page, out)
				     : accelerate(ui, screen, page, key.ch, out);
	case KEY_NAME_BACKSPACE:
	case KEY_NAME_CLEAR:
		return typing && type(ui->fields[page->fields[index]], key);
	default:
		return move(ui, page, key.key);
	}
}

bool
action_write(const struct action *action, char *out, size_t size, size_t *len, struct error *e)
{
	// A buffer that never grows leaves no copy of the password in an arena.
	autoarena(none, ARENA_SMALL);
	struct buf b = {.arena = &none, .data = out, .cap = size, .max = size - 1};
	struct jsonw w = jsonw_on(&b);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "action", action->name);
	if (action->value)
		jsonw_str(&w, "value", action->value);
	if (action->user)
		jsonw_str(&w, "user", action->user);
	if (action->password)
		jsonw_str(&w, "password", action->password);
	if (action->code)
		jsonw_str(&w, "code", action->code);
	jsonw_end_object(&w);
	buf_putc(&b, '\n');
	if (!buf_ok(&b, e)) {
		explicit_bzero(out, size);
		return false;
	}
	*len = b.len;
	return true;
}
