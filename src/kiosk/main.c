// SPDX-License-Identifier: Apache-2.0
// ferry-oobe-kiosk: the out-of-box screens as a full-screen page of a browser on the same machine.
// Speaks the agent's socket on one side and HTTP on loopback on the other.
#include "base/fs.h"
#include "base/log.h"
#include "kiosk/kiosk.h"
#include "oobe/words.h"
#include <argp.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

const char *argp_program_version = "ferry-oobe-kiosk " FERRY_VERSION;

static struct {
	const char *socket, *log, *start, *language;
	uint16_t port;
	bool no_clock;
} options = {.socket = "/run/ferry/oobe.sock", .start = "/run/ferry-kiosk/start.html"};

static struct kiosk kiosk;

enum { OPTION_NO_CLOCK = 0x100 };

static const struct argp_option argp_options[] = {
	{"socket", 's', "PATH", 0, "The agent's socket (default /run/ferry/oobe.sock)", 0},
	{"start", 'S', "FILE", 0,
		"Write the page that the browser opens first: it alone has the token (default "
		"/run/ferry-kiosk/start.html)",
		0},
	{"port", 'P', "NUMBER", 0, "Port on 127.0.0.1 (default: any that is free)", 0},
	{"language", 'L', "TAG", 0,
		"Begin in this language: en, de or ja (default: the environment's)", 0},
	{"log", 'l', "FILE", 0, "Append what happened to FILE; never what was typed", 0},
	{"no-clock", OPTION_NO_CLOCK, NULL, 0,
		"Let elapsed times stand still between messages (for tests)", 0},
	{0},
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	char *end;
	unsigned long port;

	switch (key) {
	case 's':
		options.socket = arg;
		return 0;
	case 'S':
		options.start = arg;
		return 0;
	case 'P':
		port = strtoul(arg, &end, 10);
		if (*end || end == arg || port > UINT16_MAX)
			argp_error(state, "%s is no port", arg);
		options.port = (uint16_t)port;
		return 0;
	case 'L':
		options.language = arg;
		return 0;
	case 'l':
		options.log = arg;
		return 0;
	case OPTION_NO_CLOCK:
		options.no_clock = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

// The token is in the fragment, which no browser sends, and this file is for its owner only; in no
// command line, where everybody could read it.
static bool
write_start(struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	char *html = arena_printf(&arena,
		"<!doctype html><meta charset=utf-8><title>Ferry</title>"
		"<meta http-equiv=refresh content=\"0;url=http://%s/#%s\">\n",
		kiosk.host, kiosk.token);

	return fs_write(options.start, slice_str(html), 0600, e);
}

static bool
serve(struct error *e)
{
	struct http_server_config config = {.plain = true,
		.port = options.port,
		.threads = 2,
		.max_body = 8192,
		.max_connections = 16,
		.drain_ms = 200,
		.handler = kiosk_serve,
		.context = &kiosk};

	// Nobody is answered before the host's name is known.
	pthread_mutex_lock(&kiosk.lock);
	bool ok = http_server_start(&config, &kiosk.server, e);
	if (ok)
		snprintf(kiosk.host, sizeof kiosk.host, "127.0.0.1:%u",
			http_server_port(kiosk.server));
	pthread_mutex_unlock(&kiosk.lock);
	return ok && write_start(e);
}

static void
turn(void)
{
	struct app *app = &kiosk.app;
	uint64_t count;

	pthread_mutex_lock(&kiosk.lock);
	struct pollfd fds[] = {{.fd = kiosk.wake, .events = POLLIN},
		{.fd = app->link.fd,
			.events = (short)(POLLIN | (app->link.out_len ? POLLOUT : 0))}};
	int wait = app_wait_ms(app, kiosk.page.ticking);
	pthread_mutex_unlock(&kiosk.lock);
	int ready = poll(fds, 2, wait);
	if (ready > 0 && fds[0].revents & POLLIN && read(kiosk.wake, &count, sizeof count) < 0)
		return;
	pthread_mutex_lock(&kiosk.lock);
	bool same = app->link.fd == fds[1].fd;
	app_pump(app, ready > 0 && same ? fds[1].revents : 0);
	kiosk_publish(&kiosk);
	pthread_mutex_unlock(&kiosk.lock);
}

static bool
run(struct error *e)
{
	if (!app_init(&kiosk.app, options.socket, options.log, !options.no_clock, e) ||
		!kiosk_init(&kiosk, e))
		return false;
	kiosk_publish(&kiosk);
	bool ok = serve(e);
	while (ok && !app_ended)
		turn();
	struct error ignored;
	if (ok && !fs_remove(options.start, &ignored))
		log_warn("%s", ignored.message);
	http_server_stop(kiosk.server);
	app_finish(&kiosk.app);
	kiosk_finish(&kiosk);
	return ok;
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse_option, NULL,
		"Shows the out-of-box setup of this device as a page of a browser on it.", NULL,
		NULL, NULL};
	struct error e = {0};

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	log_init("ferry-oobe-kiosk", LOG_LEVEL_INFO);
	setlocale(LC_ALL, "");
	words_choose(setlocale(LC_MESSAGES, NULL));
	words_choose(options.language);
	// A crash must not leave a typed password on the disk.
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	app_catch_signals();
	if (run(&e))
		return 0;
	log_failure("ferry-oobe-kiosk", &e);
	return error_exit_code(e.code);
}
