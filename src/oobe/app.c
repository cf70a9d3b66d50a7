// SPDX-License-Identifier: Apache-2.0
#include "oobe/app.h"

#include "base/clock.h"
#include "base/str.h"
#include "oobe/words.h"
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>

volatile sig_atomic_t app_ended;

bool
app_init(
	struct app *app, const char *socket_path, const char *log_path, bool clock, struct error *e)
{
	memset(app, 0, sizeof *app);
	app->log_fd = -1;
	app->clock = clock;
	app->changed = true;
	arena_init(&app->arenas[0], 8 * ARENA_SMALL);
	arena_init(&app->arenas[1], 8 * ARENA_SMALL);
	if (!link_init(&app->link, socket_path, e))
		return false;
	if (log_path) {
		app->log_fd = open(
			log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (app->log_fd < 0)
			return error_errno(e, "%s", log_path);
	}
	return true;
}

void
app_finish(struct app *app)
{
	ui_forget_password(&app->ui);
	link_close(&app->link, 0);
	arena_finish(&app->arenas[0]);
	arena_finish(&app->arenas[1]);
	if (app->log_fd >= 0)
		close(app->log_fd);
}

void
app_log(const struct app *app, const char *fmt, ...)
{
	autoarena(arena, ARENA_SMALL);
	va_list args;
	char text[512];

	if (app->log_fd < 0)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	char *line = arena_printf(&arena, "%s %s\n", clock_rfc3339(&arena, clock_now()), text);
	// A log that cannot be written must not stop the setup.
	ssize_t written = write(app->log_fd, line, strlen(line));
	(void)written;
}

bool
app_showing(const struct app *app)
{
	return app->link.fd >= 0 && app->fresh;
}

// The language page speaks the language that is chosen on it at this moment.
static void
choose_language(const struct app *app)
{
	const struct screen *screen = app->screen;

	words_choose(screen->language);
	if (screen->kind == SCREEN_LANGUAGE && app->ui.choice < screen->choice_count)
		words_choose(screen->choices[app->ui.choice].id);
}

void
app_page(const struct app *app, struct arena *arena, struct page *out)
{
	struct view view = {.elapsed = -1, .no_details = app->ui.no_details};

	if (!app_showing(app)) {
		page_build_connecting(arena, out);
		return;
	}
	choose_language(app);
	view.elapsed = app->screen->elapsed;
	view.choice = app->ui.choice;
	page_build(arena, app->screen, &view, out);
	if (out->ticking && app->clock) {
		view.passed = (clock_monotonic_ms() - app->received_ms) / 1000;
		view.elapsed += view.elapsed >= 0 ? view.passed : 0;
		page_build(arena, app->screen, &view, out);
	}
	out->ticking = out->ticking && app->clock;
}

static void
adopt(struct app *app, const struct screen *screen, struct slice line)
{
	autoarena(arena, 16 * ARENA_SMALL);
	const struct screen *before = app->screen;
	struct page page;

	app->new_page = app->new_page || !app->fresh || before->kind != screen->kind;
	app->received_ms = clock_monotonic_ms();
	app->busy_until_ms = 0;
	app->changed = app->fresh = true;
	app->screen = arena_memdup(&app->arenas[!app->live], screen, sizeof *screen);
	app->line = line;
	if (!before || before->kind != screen->kind)
		app->ui.choice = screen->selected; // some pages depend on what is chosen
	app_page(app, &arena, &page);
	ui_adopt(&app->ui, before, app->screen, &page);
	arena_reset(&app->arenas[app->live]);
	app->live = !app->live;
}

static void
take_line(struct app *app, struct slice line)
{
	struct arena *next = &app->arenas[!app->live];
	struct error e = {0};
	struct screen screen;

	if (app->screen && slice_eq(line, app->line)) {
		// The same again: what is typed stays.
		app->busy_until_ms = 0;
		app->changed = app->fresh = true;
		return;
	}
	struct slice copy = slice_of(arena_memdup(next, line.data, line.len), line.len);
	if (screen_parse(next, copy, &screen, &e)) {
		adopt(app, &screen, copy);
		if (screen.kind == SCREEN_UNKNOWN)
			app_log(app, "unknown screen \"%.64s\"", screen.name);
		return;
	}
	arena_reset(next);
	app_log(app, "line of %zu bytes ignored: %s", line.len, e.message);
}

static void
lost(struct app *app)
{
	app_log(app, "the setup service went away");
	ui_forget_password(&app->ui);
	app->busy_until_ms = 0;
	app->fresh = false;
	app->changed = true;
}

void
app_pump(struct app *app, short revents)
{
	int64_t now = clock_monotonic_ms();
	struct error e = {0};
	struct slice line;
	enum link_event event;

	if (app->link.fd < 0) {
		if (link_open(&app->link, now, &e))
			app_log(app, "connected");
		return;
	}
	if ((revents & POLLOUT) && !link_flush(&app->link, now)) {
		lost(app);
		return;
	}
	if (!(revents & (POLLIN | POLLHUP | POLLERR)))
		return;
	if (!link_fill(&app->link, now)) {
		lost(app);
		return;
	}
	while ((event = link_next(&app->link, &line)) != LINK_NOTHING) {
		if (event == LINK_TOO_LONG)
			app_log(app, "line ignored: longer than %d bytes", SCREEN_LINE_MAX);
		else if (line.len)
			take_line(app, line);
	}
}

bool
app_busy(const struct app *app)
{
	return clock_monotonic_ms() < app->busy_until_ms;
}

// What the functions that handled a password have left below: copies in registers are spilled
// there.
__attribute__((noinline)) static void
wipe_stack(void)
{
	char below[16 * 1024];

	explicit_bzero(below, sizeof below);
}

void
app_act(struct app *app, const struct action *action)
{
	char line[4096];
	size_t len;
	struct error e = {0};
	bool winkey = str_eq(action->name, "winkey");

	if (!action->name || (!winkey && app_busy(app)))
		return;
	int64_t now = clock_monotonic_ms();
	bool sent = action_write(action, line, sizeof line, &len, &e) &&
		link_send(&app->link, slice_of(line, len), now, &e);
	explicit_bzero(line, sizeof line);
	if (action->password || action->code) {
		ui_forget_password(&app->ui);
		wipe_stack();
	}
	if (sent)
		app_log(app, "action %.64s", action->name);
	else
		app_log(app, "action %.64s not sent: %s", action->name, e.message);
	if (app->link.fd < 0)
		lost(app);
	if (sent && !winkey)
		app->busy_until_ms = now + APP_BUSY_MS;
	app->changed = true;
}

int
app_wait_ms(const struct app *app, bool ticking)
{
	int64_t now = clock_monotonic_ms(), until = now + 60000;

	if (app->link.fd < 0 && app->link.retry_at < until)
		until = app->link.retry_at;
	if (app->busy_until_ms > now && app->busy_until_ms < until)
		until = app->busy_until_ms;
	if (ticking) {
		int64_t second = now + 1000 - (now - app->received_ms) % 1000;
		until = second < until ? second : until;
	}
	return until > now ? (int)(until - now) : 0;
}
