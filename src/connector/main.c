// SPDX-License-Identifier: Apache-2.0
// ferry-connector: makes computer accounts in one Active Directory domain for devices that proved
// their TPM; reaches out to the service and is never reached.
#include "base/log.h"
#include "base/str.h"
#include "connector/loop.h"
#include "connector/self_test.h"
#include "connector/service.h"
#include "pki/hash.h"
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <sys/prctl.h>

enum { MAX_TOKEN = 200 };

static struct {
	const char *file;
	bool enroll, self_test, check, json;
} options;

static const struct argp_option argp_options[] = {
	{"config", 'c', "FILE", 0, "Read this configuration (connector.conf(5))", 0},
	{"enroll", 'e', NULL, 0,
		"Read a one-time token from standard input, become a connector of the service, "
		"then end",
		0},
	{"self-test", 't', NULL, 0,
		"Check service, clock, DNS, domain controller and delegation, then end", 0},
	{"json", 'j', NULL, 0, "Print the self-test as JSON", 0},
	{"check-config", 'C', NULL, 0, "Check the configuration, then end", 0},
	{0},
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'c':
		options.file = arg;
		return 0;
	case 'e':
		options.enroll = true;
		return 0;
	case 't':
		options.self_test = true;
		return 0;
	case 'j':
		options.json = true;
		return 0;
	case 'C':
		options.check = true;
		return 0;
	case ARGP_KEY_END:
		if (!options.file)
			argp_error(state, "--config is needed");
		if (options.enroll + options.self_test + options.check > 1)
			argp_error(state,
				"--enroll, --self-test and --check-config exclude each "
				"other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

// One line, from standard input only: command lines can be read by everybody on the host.
static bool
read_token(char token[MAX_TOKEN], struct error *e)
{
	size_t len = 0;
	ssize_t n;

	while (len < MAX_TOKEN - 1 && !memchr(token, '\n', len)) {
		n = read(STDIN_FILENO, token + len, MAX_TOKEN - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(e, "standard input");
		if (n == 0)
			break;
		len += (size_t)n;
	}
	while (len > 0 && isspace((unsigned char)token[len - 1]))
		len--;
	token[len] = '\0';
	if (len == 0 || len == MAX_TOKEN - 1 || strpbrk(token, " \t\r\n"))
		return error_set(e, ERR_INVALID, "one token is expected on standard input");
	return true;
}

static bool
enroll(struct arena *arena, const struct connector_config *config, struct error *e)
{
	autoidentity identity = {0};
	char token[MAX_TOKEN] = "";
	autoclose claim = -1;

	// One that runs would write its old identity over the new one.
	if (!state_claim(config->state_dir, &claim, e) || !read_token(token, e))
		return false;
	bool ok = service_enroll(arena, config, token, &identity, e);
	secret_wipe(token, sizeof token);
	if (!ok || !identity_save(config->state_dir, &identity, e))
		return false;
	printf("enrolled as %s (%s) for %s\n", identity.name, identity.connector_id,
		identity.domain);
	return true;
}

static bool
run(struct arena *arena, int *status, struct error *e)
{
	struct connector_config config;

	if (!config_load(arena, options.file, &config, e))
		return false;
	if (options.check)
		return true;
	if (options.enroll)
		return enroll(arena, &config, e);
	if (options.self_test) {
		*status = self_test(arena, &config, options.json, stdout);
		return true;
	}
	return loop_run(arena, &config, e);
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse_option, NULL,
		"The Ferry connector for Active Directory.", NULL, NULL, NULL};
	autoarena(arena, ARENA_REQUEST);
	struct error e = {0};
	int status = 0;

	argp_program_version = "ferry-connector " FERRY_VERSION;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	log_init("ferry-connector", LOG_LEVEL_INFO);
	// Machine passwords pass through: no core dump, and no debugger of the same user.
	prctl(PR_SET_DUMPABLE, 0);
	if (!run(&arena, &status, &e)) {
		log_failure("ferry-connector", &e);
		return error_exit_code(e.code);
	}
	return status;
}
