// SPDX-License-Identifier: Apache-2.0
// ferry-oobe: the out-of-box screens on a terminal. Knows nothing itself: shows what the agent says
// and sends back what the person does (design.md section 1).
#include "base/log.h"
#include "oobe/plain.h"
#include "oobe/start.h"
#include "oobe/term.h"

const char *argp_program_version = "ferry-oobe " FERRY_VERSION;

static struct {
	struct start_options start;
	bool plain;
} options = {.start = START_OPTIONS};

static struct app app;

static const struct argp_option argp_options[] = {
	{"plain", 'p', NULL, 0,
		"Print pages as lines and read commands: for screen readers and pipes", 0},
	{0},
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.start;
		return 0;
	case 'p':
		options.plain = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool
run(struct error *e)
{
	bool ok = options.plain ? plain_run(&app, e) : term_run(&app, e);

	if (ok || e->code != ERR_UNSUPPORTED)
		return ok;
	app_log(&app, "plain lines instead of pages: %s", e->message);
	return plain_run(&app, e);
}

int
main(int argc, char **argv)
{
	static const struct argp_child children[] = {{&start_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {argp_options, parse_option, NULL,
		"Shows the out-of-box setup of this device, as its agent tells it.", children, NULL,
		NULL};
	struct error e = {0};

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	start_face("ferry-oobe", &options.start);
	if (!start_app(&app, &options.start, &e)) {
		log_failure("start", &e);
		return error_exit_code(e.code);
	}
	bool ok = run(&e);
	app_finish(&app);
	if (!ok)
		log_failure("ferry-oobe", &e);
	return ok ? 0 : error_exit_code(e.code);
}
