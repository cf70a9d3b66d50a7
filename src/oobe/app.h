// SPDX-License-Identifier: Apache-2.0
// What both faces share: the current screen, the connection it came from, and the actions that go
// back.
#pragma once

#include "oobe/socket.h"
#include "oobe/ui.h"
#include <signal.h>

enum { APP_BUSY_MS = 5000 };

struct app {
	struct link link;
	struct ui ui;
	struct arena arenas[2]; // of the current screen and the next one
	unsigned live;
	struct screen *screen; // NULL before the first
	struct slice line;     // as it came
	int64_t received_ms;   // when
	int64_t busy_until_ms; // an action is on its way
	int log_fd;
	bool fresh;    // this connection has said what to show
	bool clock;    // elapsed times run between messages
	bool changed;  // draw again
	bool new_page; // another page than before: keys typed ahead do not count
};

extern volatile sig_atomic_t app_ended; // SIGTERM, SIGHUP or SIGINT came

// log_path NULL: no log.
bool app_init(struct app *app, const char *socket_path, const char *log_path, bool clock,
	struct error *e) MUST_CHECK;
void app_finish(struct app *app);

// One line in the log, with the time; never anything a person typed.
void app_log(const struct app *app, const char *fmt, ...) PRINTF_LIKE(2, 3);

// True while the agent is there and has said what to show.
bool app_showing(const struct app *app);

// The page of now.
void app_page(const struct app *app, struct arena *arena, struct page *out);

// Connect if needed, then read and send what can be; `revents` from poll(2) on the link.
void app_pump(struct app *app, short revents);

// Send an action; a second one before the agent has answered is dropped (except the Windows key).
// The typed password is wiped when it was part of it.
void app_act(struct app *app, const struct action *action);

bool app_busy(const struct app *app);

// Milliseconds that poll(2) may wait until something has to be done by itself.
int app_wait_ms(const struct app *app, bool ticking);
