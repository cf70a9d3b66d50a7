// SPDX-License-Identifier: Apache-2.0
// ferry-oobe-kiosk: the out-of-box screens as a full-screen page of a browser on the same machine.
// Speaks the agent's socket on one side and HTTP on loopback on the other.
#include "base/fs.h"
#include "base/log.h"
#include "kiosk/kiosk.h"
#include "oobe/start.h"
#include <poll.h>
#include <stdlib.h>

const char *argp_program_version = "ferry-oobe-kiosk " FERRY_VERSION;

static struct {
	struct start_options start;
	const char *page;
	uint16_t port;
} options = {.start = START_OPTIONS, .page = "/run/ferry-kiosk/start.html"};

static struct kiosk kiosk;

static const struct argp_option argp_options[] = {
	{"start", 'S', "FILE", 0,
		"Write the page that the browser opens first: it alone has the token (default "
		"/run/ferry-kiosk/start.html)",
		0},
	{"port", 'P', "NUMBER", 0, "Port on 127.0.0.1 (default: any that is free)", 0},
	{0},
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	char *end;
	unsigned long port;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.start;
		return 0;
	case 'S':
		options.page = arg;
		return 0;
	case 'P':
		port = strtoul(arg, &end, 10);
		if (*end || end == arg || port > UINT16_MAX)
			argp_error(state, "%s is no port", arg);
		options.port = (uint16_t)port;
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

	return fs_write(options.page, slice_str(html), 0600, e);
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
	if (!start_app(&kiosk.app, &options.start, e) || !kiosk_init(&kiosk, e))
		return false;
	kiosk_publish(&kiosk);
	bool ok = serve(e);
	while (ok && !app_ended)
		turn();
	struct error ignored;
	if (ok && !fs_remove(options.page, &ignored))
		log_warn("%s", ignored.message);
	http_server_stop(kiosk.server);
	app_finish(&kiosk.app);
	kiosk_finish(&kiosk);
	return ok;
}

int
main(int argc, char **argv)
{
	static const struct argp_child children[] = {{&start_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {argp_options, parse_option, NULL,
		"Shows the out-of-box setup of this device as a page of a browser on it.", children,
		NULL, NULL};
	struct error e = {0};

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	start_face("ferry-oobe-kiosk", &options.start);
	if (run(&e))
		return 0;
	log_failure("ferry-oobe-kiosk", &e);
	return error_exit_code(e.code);
}
