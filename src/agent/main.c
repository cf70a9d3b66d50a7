// SPDX-License-Identifier: Apache-2.0
// ferry-agentd: the device's program. It owns the TPM and the journal; the screen is another
// program (design.md section 1).
#include "agent/diagnostics.h"
#include "agent/face.h"
#include "agent/flow.h"
#include "agent/hardware.h"
#include "agent/preflight.h"
#include "agent/steps/steps.h"
#include "agent/windows_key.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include <argp.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum command { RUN, STATUS, PREFLIGHT, EXPORT_HASH, CHECK_CONFIG };

static struct options {
	const char *config, *output;
	enum command command;
	bool json;
} options = {.config = "/etc/ferry/agent.conf"};

static const struct argp_option argp_options[] = {
	{"config", 'c', "FILE", 0, "Read this configuration (default /etc/ferry/agent.conf)", 0},
	{"export-hash", 'x', NULL, 0, "Print a registration CSV for this device, then end", 0},
	{"output", 'o', "FILE", 0, "Write the CSV to FILE", 0},
	{"json", 'j', NULL, 0, "status and preflight as JSON", 0},
	{"check-config", 'C', NULL, 0, "Check the configuration, then end", 0},
	{0},
};

static bool
parse_command(const char *word)
{
	if (str_eq(word, "status"))
		options.command = STATUS;
	else if (str_eq(word, "preflight"))
		options.command = PREFLIGHT;
	else
		return false;
	return true;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'c':
		options.config = arg;
		return 0;
	case 'x':
		options.command = EXPORT_HASH;
		return 0;
	case 'o':
		options.output = arg;
		return 0;
	case 'j':
		options.json = true;
		return 0;
	case 'C':
		options.command = CHECK_CONFIG;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 0 || !parse_command(arg))
			argp_error(state, "unknown command \"%s\"", arg ? arg : "");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool
open_journal(struct agent *agent, struct error *e)
{
	if (!fs_mkdirs(agent->config.state_dir, 0700, e))
		return false;
	esp_page_read(agent->arena, agent_path(agent, agent->arena, "esp.json"), &agent->esp_page);
	return journal_open(
		agent->arena, agent_path(agent, agent->arena, "journal.json"), &agent->journal, e);
}

static bool
print_status(struct agent *agent, struct error *e)
{
	struct buf out;

	if (!open_journal(agent, e))
		return false;
	buf_init(&out, agent->arena, 64 << 10);
	if (options.json)
		status_json(&agent->journal, &out);
	else
		status_text(&agent->journal, &out);
	puts(buf_text(&out));
	return true;
}

// Everything before Provision, tried from here. 1 when something is red.
static bool
print_preflight(struct agent *agent, int *exit_code, struct error *e)
{
	struct way_report report = {.arena = agent->arena};
	struct error unknown = {0};
	struct buf out;

	if (!step_hardware(agent, e))
		return false;
	if (!step_profile(agent, &unknown))
		log_info("profile: %s", unknown.message);
	preflight_run(agent, &report);
	*exit_code = way_worst(&report, NULL)->light == WAY_RED ? 1 : 0;
	if (!options.json) {
		way_print(&report, isatty(STDOUT_FILENO), stdout);
		return fflush(stdout) == 0 || error_errno(e, "standard output");
	}
	buf_init(&out, agent->arena, 1 << 20);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "blocked", *exit_code);
	way_write(&report, "checks", &w);
	jsonw_end_object(&w);
	return puts(buf_text(&out)) >= 0 || error_errno(e, "standard output");
}

static bool
export_hash(struct agent *agent, struct error *e)
{
	struct tpm_device_identity identity;
	struct hwhash hash;
	struct slice csv;

	if (!tpm_device_open(agent->config.tcti, &agent->tpm, e) ||
		!tpm_device_identity(agent->arena, agent->tpm, &identity, e) ||
		!hardware_collect(agent->arena, agent->config.sysfs, &identity, &hash, e) ||
		!hardware_csv(agent->arena, &hash, &csv, e))
		return false;
	if (options.output)
		return fs_write(options.output, csv, 0644, e);
	return fwrite(csv.data, 1, csv.len, stdout) == csv.len || error_errno(e, "standard output");
}

// One agent a device: the TPM has one owner, the journal one writer.
static bool
lock_state(struct agent *agent, int *fd, struct error *e)
{
	*fd = open(agent_path(agent, agent->arena, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return error_errno(e, "lock");
	if (flock(*fd, LOCK_EX | LOCK_NB) < 0)
		return error_set(e, ERR_CONFLICT, "another ferry-agentd is running");
	return true;
}

static bool
serve(struct agent *agent, struct error *e)
{
	int lock = -1;

	if (!open_journal(agent, e) || !lock_state(agent, &lock, e) ||
		!face_open(agent->config.socket, &agent->face, e))
		return false;
	log_tee(agent_path(agent, agent->arena, "agent.log"));
	windows_key_watch(agent->face);
	sd_notify(0, "READY=1");
	log_info("flow %s, screen socket %s", flow_name(agent->journal.flow), agent->config.socket);
	bool ok = flow_run(agent, e);
	face_close(agent->face);
	tpm_device_close(agent->tpm);
	close(lock);
	return ok;
}

static bool
run(struct agent *agent, int *exit_code, struct error *e)
{
	if (!agent_config_read(agent->arena, options.config, &agent->config, e))
		return false;
	switch (options.command) {
	case STATUS:
		return print_status(agent, e);
	case PREFLIGHT:
		return print_preflight(agent, exit_code, e);
	case EXPORT_HASH:
		return export_hash(agent, e);
	case CHECK_CONFIG:
		return true;
	case RUN:
		break;
	}
	return serve(agent, e);
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse_option, "[status|preflight]",
		"The device's side of a deployment; without a command: run it.", NULL, NULL, NULL};
	static struct agent agent;
	autoarena(arena, (size_t)64 << 20);
	autoarena(step, (size_t)64 << 20);
	struct error e = {0};
	int exit_code = 0;

	argp_program_version = "ferry-agentd " FERRY_VERSION;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	log_init("ferry-agentd", LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	agent.arena = &arena;
	agent.step = &step;
	if (!run(&agent, &exit_code, &e)) {
		log_failure("ferry-agentd", &e);
		return error_exit_code(e.code);
	}
	return exit_code;
}
