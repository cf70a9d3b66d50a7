// SPDX-License-Identifier: Apache-2.0
// ferry-oobe: the out-of-box screens on a terminal. Knows nothing itself: shows what the agent says
// and sends back what the person does (design.md section 1).
#include "base/log.h"
#include "oobe/plain.h"
#include "oobe/term.h"
#include "oobe/words.h"
#include <argp.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

const char *argp_program_version = "ferry-oobe " FERRY_VERSION;

static struct {
	const char *socket, *log, *language;
	bool plain, no_clock;
} options = {.socket = "/run/ferry/oobe.sock"};

static struct app app;

enum { OPTION_NO_CLOCK = 0x100 };

static const struct argp_option argp_options[] = {
	{"socket", 's', "PATH", 0, "The agent's socket (default /run/ferry/oobe.sock)", 0},
	{"language", 'L', "TAG", 0,
		"Begin in this language: en, de or ja (default: the environment's)", 0},
	{"plain", 'p', NULL, 0,
		"Print pages as lines and read commands: for screen readers and pipes", 0},
	{"log", 'l', "FILE", 0, "Append what happened to FILE; never what was typed", 0},
	{"no-clock", OPTION_NO_CLOCK, NULL, 0,
		"Let elapsed times stand still between messages (for tests)", 0},
	{0},
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	(void)state;
	switch (key) {
	case 's':
		options.socket = arg;
		return 0;
	case 'l':
		options.log = arg;
		return 0;
	case 'L':
		options.language = arg;
		return 0;
	case 'p':
		options.plain = true;
		return 0;
	case OPTION_NO_CLOCK:
		options.no_clock = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

// Box drawing, check marks and QR codes need UTF-8, whatever the environment says.
static void
set_locale(void)
{
	setlocale(LC_ALL, "");
	words_choose(setlocale(LC_MESSAGES, NULL));
	words_choose(options.language);
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_ALL, "C.UTF-8");
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse_option, NULL,
		"Shows the out-of-box setup of this device, as its agent tells it.", NULL, NULL,
		NULL};
	struct error e = {0};

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	log_init("ferry-oobe", LOG_LEVEL_INFO);
	set_locale();
	// A crash must not leave a typed password on the disk.
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	if (!app_init(&app, options.socket, options.log, !options.no_clock, &e)) {
		log_failure("start", &e);
		return error_exit_code(e.code);
	}
	app_catch_signals();
	bool ok = options.plain ? plain_run(&app, &e) : term_run(&app, &e);
	if (!ok && e.code == ERR_UNSUPPORTED) {
		app_log(&app, "plain lines instead of pages: %s", e.message);
		ok = plain_run(&app, &e);
	}
	app_finish(&app);
	if (!ok)
		log_failure("ferry-oobe", &e);
	return ok ? 0 : error_exit_code(e.code);
}
