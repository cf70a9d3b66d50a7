// SPDX-License-Identifier: Apache-2.0
// ferry-gate: what pam_exec(8) asks before anybody is let in (threats-and-faults.md row 8, I7).
#include "agent/gate.h"
#include "agent/login.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/fault.h"
#include <argp.h>
#include <fcntl.h>
#include <linux/vt.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { LINE_BYTES = 4096 };

static struct options {
	const char *dir, *self;
	bool check_password;
	int vt; // 0, VT_LOCKSWITCH or VT_UNLOCKSWITCH
} options = {.dir = GATE_DIR, .self = GATE_SELF};

static const struct argp_option argp_options[] = {
	{"dir", 'd', "DIR", 0, "Folder of the release (default " GATE_DIR ")", 0},
	{"self", 's', "FILE", 0,
		"Who this device is since it was switched on (default " GATE_SELF ")", 0},
	{"lock-consoles", 'l', NULL, 0, "Keep people from switching to another console, then end",
		0},
	{"unlock-consoles", 'u', NULL, 0, "The contrary", 0},
	{"check-password", 'p', NULL, 0,
		"Ask the service about PAM_USER and the password on standard input", 0},
	{0},
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	(void)state;
	switch (key) {
	case 'd':
		options.dir = arg;
		return 0;
	case 's':
		options.self = arg;
		return 0;
	case 'p':
		options.check_password = true;
		return 0;
	case 'l':
		options.vt = VT_LOCKSWITCH;
		return 0;
	case 'u':
		options.vt = VT_UNLOCKSWITCH;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

// Services of PAM that let nobody in: jobs that were planted by root, and root's own change of user
// while it installs a package.
static bool
is_no_session(const char *service, const char *asker)
{
	static const char *const services[] = {"cron", "atd", "runuser", "runuser-l"};

	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (str_eq(service, services[i]))
			return true;
	return (str_eq(service, "su") || str_eq(service, "su-l")) && str_eq(asker, "root") &&
		getuid() == 0;
}

static bool
switch_consoles(struct error *e)
{
	autoclose fd = open("/dev/tty0", O_RDWR | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 && ioctl(fd, (unsigned long)options.vt, 1) == 0
		? true
		: error_errno(e, "/dev/tty0");
}

// What pam_exec shows to whoever is not let in.
static void
explain(const struct error *e)
{
	const struct fault *fault = fault_of(e, "session_not_released");

	printf("%s\n%s (%s)\n", fault->title, fault->fix, e->message);
}

// One line to the agent, one back. What the person typed is in neither log nor arena.
static bool
exchange(struct arena *arena, const char *question, struct slice *answer, struct error *e)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = LOGIN_SOCKET};
	autoclose fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *line = arena_alloc(arena, LINE_BYTES);
	size_t len = 0;

	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) < 0 ||
		write(fd, question, strlen(question)) < 0)
		return error_errno(e, "the device's agent");
	for (ssize_t n; len < LINE_BYTES && (n = read(fd, line + len, LINE_BYTES - len)) > 0;)
		len += (size_t)n;
	*answer = slice_of(line, len);
	return true;
}

static bool
check_password(struct arena *arena, struct error *e)
{
	char password[LOGIN_TYPED] = "";
	struct buf question;
	struct slice answer;

	if (read(STDIN_FILENO, password, sizeof password - 1) < 0)
		return error_errno(e, "standard input");
	password[strcspn(password, "\n")] = '\0';
	buf_init(&question, arena, LINE_BYTES);
	struct jsonw w = jsonw_on(&question);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "user", getenv("PAM_USER"));
	jsonw_str(&w, "password", password);
	jsonw_end_object(&w);
	buf_putc(&question, '\n');
	bool asked = buf_ok(&question, e) && exchange(arena, buf_text(&question), &answer, e);
	secret_wipe(password, sizeof password);
	secret_wipe(question.data, question.len);
	if (!asked)
		return false;
	const struct json *json = json_parse(arena, answer, NULL, e);
	if (json_bool(json, "ok", false))
		return true;
	const char *title = json_str(json, "title");
	return error_set(e, ERR_UNAUTHENTICATED, "%s", title ? title : "no answer");
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse_option, NULL,
		"Whether people may sign in to this device: ends with 0 when its deployment "
		"service "
		"has released it, else with 1 and the reason on standard output.",
		NULL, NULL, NULL};
	autoarena(arena, ARENA_REQUEST);
	struct release release;
	struct error e = {0};

	argp_program_version = "ferry-gate " FERRY_VERSION;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (options.vt) {
		if (switch_consoles(&e))
			return 0;
		fprintf(stderr, "ferry-gate: %s\n", e.message);
		return 1;
	}
	if (options.check_password) {
		if (check_password(&arena, &e))
			return 0;
		printf("%s\n", e.message);
		return 1;
	}
	if (is_no_session(getenv("PAM_SERVICE"), getenv("PAM_RUSER")))
		return 0;
	if (gate_check(&arena, options.dir, options.self, &release, &e))
		return 0;
	explain(&e);
	return 1;
}
