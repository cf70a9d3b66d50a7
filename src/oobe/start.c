// SPDX-License-Identifier: Apache-2.0
#include "oobe/start.h"

#include "base/log.h"
#include "oobe/words.h"
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/resource.h>

enum { OPTION_NO_CLOCK = 0x1000 };

static const struct argp_option argp_options[] = {
	{"socket", 's', "PATH", 0, "The agent's socket (default /run/ferry/oobe.sock)", 0},
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
	struct start_options *options = state->input;

	switch (key) {
	case 's':
		options->socket = arg;
		return 0;
	case 'L':
		options->language = arg;
		return 0;
	case 'l':
		options->log = arg;
		return 0;
	case OPTION_NO_CLOCK:
		options->no_clock = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp start_argp = {argp_options, parse_option, NULL, NULL, NULL, NULL, NULL};

// Box drawing, check marks and QR codes need UTF-8, whatever the environment says.
static void
set_locale(const char *language)
{
	setlocale(LC_ALL, "");
	words_choose(setlocale(LC_MESSAGES, NULL));
	words_choose(language);
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_ALL, "C.UTF-8");
}

static void
on_signal(int number)
{
	(void)number;
	app_ended = 1;
}

static void
set_signals(void)
{
	static const int numbers[] = {SIGTERM, SIGHUP, SIGINT};
	struct sigaction action = {.sa_handler = on_signal};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void
start_face(const char *name, const struct start_options *options)
{
	log_init(name, LOG_LEVEL_INFO);
	set_locale(options->language);
	// A crash must not leave a typed password on the disk.
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	set_signals();
}

bool
start_app(struct app *app, const struct start_options *options, struct error *e)
{
	return app_init(app, options->socket, options->log, !options->no_clock, e);
}
