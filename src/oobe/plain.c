// SPDX-License-Identifier: Apache-2.0
#include "oobe/plain.h"

#include "base/str.h"
#include "oobe/words.h"
#include "oobe/wrap.h"
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <termios.h>

struct plain {
	struct app *app;
	struct arena arenas[2]; // lines printed last, and those of now
	unsigned live;
	struct lines shown;
	struct page page;   // in arenas[live]
	const char *asking; // the action whose fields are asked for, or NULL: a command
	size_t asked;	    // which field of the page
	bool input_ended;
	size_t in_len;
	char in[1024];
	struct termios echo;
	bool echo_off;
};

static void
set_echo(struct plain *plain, bool on)
{
	if (on == !plain->echo_off || !isatty(STDIN_FILENO))
		return;
	if (!on && tcgetattr(STDIN_FILENO, &plain->echo) < 0)
		return;
	struct termios set = plain->echo;
	if (!on)
		set.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &set);
	plain->echo_off = !on;
}

// The command, and the button's label where it is not the same word: "next (Weiter)".
static void
print_command(const struct button *button)
{
	const char *command = button->action + (*button->action == ':');

	if (str_eq(words_language(), "en")) {
		printf("%s", command);
		return;
	}
	printf("%s (", command);
	for (const char *at = button->label; *at; at++)
		if (*at != '[' && *at != ']')
			putchar(*at);
	putchar(')');
}

static void
print_commands(const struct page *page)
{
	const char *comma = "";

	if (!page->button_count && !page->choice_count && !page->winkey)
		return;
	printf("%s ", tr("Commands:"));
	if (page->choice_count) {
		printf("%s", page->switches ? tr("a number switches") : tr("a number chooses"));
		comma = ", ";
	}
	for (size_t i = 0; i < page->button_count; i++) {
		printf("%s", comma);
		print_command(&page->buttons[i]);
		comma = ", ";
	}
	if (page->winkey)
		printf("%s%s", comma, tr("winkey (5 times: the technician's menu)"));
	putchar('\n');
}

static void
lay_out(struct plain *plain, struct arena *arena, struct lines *out)
{
	struct entry entry = ui_entry(arena, &plain->app->ui, &plain->page);
	size_t number = 0;

	// Numbers instead of a cursor.
	for (size_t i = 0; i < plain->page.count; i++) {
		struct block *b = &plain->page.blocks[i];
		if (b->kind == BLOCK_CHOICE || b->kind == BLOCK_SWITCH)
			b->label = arena_printf(arena, "%zu. %s", ++number, b->label);
	}
	entry.field = -1;
	entry.choosing = false;
	layout_page(arena, &plain->page, &entry, 0, out);
}

// A new page is printed whole, a changed one only where it changed.
static void
show(struct plain *plain)
{
	struct arena *arena = &plain->arenas[!plain->live];
	struct lines lines;
	bool connected = app_showing(plain->app);
	const char *title = plain->page.title;

	arena_reset(arena);
	app_page(plain->app, arena, &plain->page);
	lay_out(plain, arena, &lines);
	bool fresh = plain->app->new_page,
	     whole = fresh || !connected || !str_eq(title, plain->page.title) ||
		lines.count != plain->shown.count;
	if (whole)
		printf("\n== %s ==\n", plain->page.title);
	// What only tells the time is not worth interrupting a screen reader.
	for (size_t i = 0; i < lines.count; i++)
		if (whole ||
			(!lines.items[i].quiet &&
				!str_eq(lines.items[i].text, plain->shown.items[i].text)))
			printf("%s\n", lines.items[i].text);
	if (whole && plain->page.qr)
		printf("%s %s\n", tr("QR code:"), plain->page.qr);
	if (whole)
		print_commands(&plain->page);
	plain->shown = lines;
	plain->live = !plain->live;
	plain->app->changed = plain->app->new_page = false;
	// The page went while somebody typed.
	if (fresh || plain->asked >= plain->page.field_count) {
		plain->asking = NULL;
		set_echo(plain, true);
	}
}

// Ask for the next field, or for a command when there is none.
static void
prompt(struct plain *plain)
{
	const struct page *page = &plain->page;
	const char *label = NULL;

	for (size_t i = 0, fields = 0; i < page->count && !label; i++)
		if (page->blocks[i].kind == BLOCK_FIELD && fields++ == plain->asked)
			label = page->blocks[i].label;
	enum field field = label ? page->fields[plain->asked] : FIELD_USER;
	set_echo(plain, !label || field != FIELD_PASSWORD);
	if (label && field == FIELD_PASSWORD)
		printf(tr("%s (it is not shown):\n"), label);
	else if (label && *plain->app->ui.fields[field])
		printf(tr("%s (an empty line keeps %s):\n"), label, plain->app->ui.fields[field]);
	else if (label)
		printf("%s:\n", label);
}

static void
press(struct plain *plain, const char *name)
{
	struct app *app = plain->app;
	struct action action = {0};

	if (str_eq(name, "details"))
		name = ACTION_DETAILS;
	if (!ui_press(&app->ui, app->screen, &plain->page, name, &action))
		printf(tr("There is no \"%s\" on this page; \"page\" shows what there is.\n"),
			name);
	else if (action.name)
		app_act(app, &action);
	else if (plain->page.field_count)
		printf("%s\n", tr("None of the fields may be empty."));
	else
		app->changed = app->new_page = true;
}

static const char *
named_by(const struct page *page, const char *command)
{
	char letter = (char)tolower((unsigned char)*command);

	for (size_t i = 0; letter && !command[1] && i < page->button_count; i++)
		if (page_accelerator(page->buttons[i].label) == letter)
			return page->buttons[i].action;
	return command;
}

static bool
asks(const struct page *page, const char *action)
{
	for (size_t i = 0; i < page->button_count; i++)
		if (str_eq(page->buttons[i].action, action))
			return page->buttons[i].carries & CARRY_FIELDS;
	return false;
}

static void
choose(struct plain *plain, size_t index)
{
	struct ui *ui = &plain->app->ui;

	if (plain->page.switches && index < SCREEN_SWITCHES)
		ui->on ^= UINT32_C(1) << index;
	ui->choice = index;
	ui_forget_password(ui);
	plain->app->changed = true;
}

static void
obey(struct plain *plain, const char *command)
{
	struct app *app = plain->app;
	uint64_t number;

	if (!*command) {
		if (!plain->page.button_count)
			return;
		command = plain->page.buttons[plain->page.first_button].action;
	}
	command = named_by(&plain->page, command);
	if (str_to_u64(command, plain->page.choice_count, &number) && number) {
		choose(plain, (size_t)number - 1);
	} else if (str_ieq(command, "winkey") || str_ieq(command, "F12")) {
		app_act(app, &(struct action){.name = "winkey"});
	} else if (str_eq(command, "page") || str_eq(command, "help")) {
		app->changed = app->new_page = true;
	} else if (asks(&plain->page, command)) {
		for (size_t i = 0; i < plain->page.button_count; i++)
			if (str_eq(plain->page.buttons[i].action, command))
				plain->asking = plain->page.buttons[i].action;
		plain->asked = 0;
		prompt(plain);
	} else {
		press(plain, command);
	}
}

static void
set_field(struct plain *plain, enum field field, const char *text)
{
	if (strlen(text) >= FIELD_BYTES)
		printf("%s\n", tr("That is too long."));
	else if (*text)
		memcpy(plain->app->ui.fields[field], text, strlen(text) + 1);
}

// A line for a field; after the last one the action goes.
static void
take_field(struct plain *plain, const char *line)
{
	set_field(plain, plain->page.fields[plain->asked], line);
	plain->asked++;
	prompt(plain);
	if (plain->asked < plain->page.field_count)
		return;
	const char *action = plain->asking;
	plain->asking = NULL;
	press(plain, action);
}

static void
take_line(struct plain *plain, char *line)
{
	size_t len = strlen(line);
	bool secret = plain->asking && plain->page.fields[plain->asked] == FIELD_PASSWORD;

	if (!secret)
		while (len && isspace((unsigned char)line[len - 1]))
			line[--len] = '\0';
	else if (len && line[len - 1] == '\r')
		line[--len] = '\0';
	if (plain->asking)
		take_field(plain, line);
	else
		obey(plain, line + strspn(line, " \t"));
}

static void
fill(struct plain *plain)
{
	ssize_t n =
		read(STDIN_FILENO, plain->in + plain->in_len, sizeof plain->in - 1 - plain->in_len);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		plain->input_ended = true;
	else
		plain->in_len += (size_t)n;
}

// One line at a time: each command meets the page that the one before led to.
static bool
obey_next(struct plain *plain)
{
	char *end = memchr(plain->in, '\n', plain->in_len);

	if (!app_showing(plain->app) || app_busy(plain->app))
		return false;
	if (!end && plain->in_len == sizeof plain->in - 1)
		end = plain->in + plain->in_len - 1; // nobody types that much: drop the rest of it
	if (!end)
		return false;
	*end = '\0';
	size_t used = (size_t)(end - plain->in) + 1;
	take_line(plain, plain->in);
	memmove(plain->in, plain->in + used, plain->in_len - used);
	plain->in_len -= used;
	explicit_bzero(plain->in + plain->in_len, used);
	return true;
}

static bool
wants_input(const struct plain *plain)
{
	return !plain->input_ended && app_showing(plain->app) && !app_busy(plain->app) &&
		plain->in_len < sizeof plain->in - 1;
}

static bool
turn(struct plain *plain)
{
	struct app *app = plain->app;
	struct pollfd fds[] = {{.fd = wants_input(plain) ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = app->link.fd, .events = (short)(POLLIN | (app->link.out_len ? POLLOUT : 0))},
		{.fd = STDOUT_FILENO, .events = 0}};
	int ready = poll(fds, 3, app_wait_ms(app, false));

	if (app_ended || (ready > 0 && (fds[2].revents & (POLLERR | POLLNVAL))))
		return false;
	app_pump(app, ready > 0 ? fds[1].revents : 0);
	if (app->changed)
		show(plain);
	if (ready > 0 && fds[0].revents)
		fill(plain);
	while (obey_next(plain))
		if (app->changed)
			show(plain);
	return fflush(stdout) == 0;
}

bool
plain_run(struct app *app, struct error *e)
{
	struct plain plain = {.app = app};

	(void)e;
	arena_init(&plain.arenas[0], 64 * ARENA_SMALL);
	arena_init(&plain.arenas[1], 64 * ARENA_SMALL);
	show(&plain);
	fflush(stdout);
	while (!app_ended && turn(&plain))
		;
	set_echo(&plain, true);
	explicit_bzero(plain.in, sizeof plain.in);
	arena_finish(&plain.arenas[0]);
	arena_finish(&plain.arenas[1]);
	return true;
}
