// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"
#include "agent/gate.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include <stddef.h>

static const struct conf_row settings[] = {
	{"service", "url", offsetof(struct agent_config, url)},
	{"service", "ca", offsetof(struct agent_config, ca)},
	{"device", "state", offsetof(struct agent_config, state_dir)},
	{"device", "socket", offsetof(struct agent_config, socket)},
	{"device", "tcti", offsetof(struct agent_config, tcti)},
	{"device", "sysfs", offsetof(struct agent_config, sysfs)},
	{"device", "keytab", offsetof(struct agent_config, keytab)},
	{"device", "krb5_conf", offsetof(struct agent_config, krb5_conf)},
	{"device", "sssd_conf", offsetof(struct agent_config, sssd_conf)},
	{"device", "power_off", offsetof(struct agent_config, power_off)},
	{"device", "reboot", offsetof(struct agent_config, reboot)},
	{"device", "gate_dir", offsetof(struct agent_config, gate_dir)},
	{"device", "gate_self", offsetof(struct agent_config, gate_self)},
	{"device", "released", offsetof(struct agent_config, released)},
	{"device", "lock", offsetof(struct agent_config, lock)},
	{"device", "homes", offsetof(struct agent_config, homes)},
	{"device", "domain_wait", offsetof(struct agent_config, domain_wait), 0, 86400},
	{"device", "vpn_dir", offsetof(struct agent_config, vpn_dir)},
	{"device", "vpn_up", offsetof(struct agent_config, vpn_up)},
	{"device", "vpn_down", offsetof(struct agent_config, vpn_down)},
	{"device", "vpn_wait", offsetof(struct agent_config, vpn_wait), 0, 3600},
	{"device", "offline_profile", offsetof(struct agent_config, offline_profile)},
	{"oobe", "language", offsetof(struct agent_config, language)},
	{"oobe", "keyboard", offsetof(struct agent_config, keyboard)},
};

bool
agent_config_read(struct arena *arena, const char *file, struct agent_config *out, struct error *e)
{
	struct agent_config config = {
		.state_dir = "/var/lib/ferry-agent",
		.socket = "/run/ferry/oobe.sock",
		.sysfs = "/sys",
		.keytab = "/etc/krb5.keytab",
		.krb5_conf = "/etc/krb5.conf",
		.sssd_conf = "/etc/sssd/sssd.conf",
		.power_off = "systemctl poweroff",
		.reboot = "systemctl reboot",
		.gate_dir = GATE_DIR,
		.gate_self = GATE_SELF,
		.released = "systemctl --no-block start ferry-released.target",
		.lock = "loginctl lock-sessions",
		.homes = "/home",
		.domain_wait = 600,
		.vpn_dir = "/etc/wireguard",
		.vpn_up = "wg-quick up %s",
		.vpn_down = "wg-quick down %s",
		.vpn_wait = 20,
		.offline_profile = "/etc/ferry/AutopilotConfigurationFile.json",
	};
	const struct conf conf = {
		.rows = settings, .count = sizeof settings / sizeof *settings, .target = &config};

	if (!conf_read(arena, &conf, file, e))
		return false;
	if (!config.url || !config.ca)
		return error_set(e, ERR_INVALID, "%s: [service] url and ca are needed", file);
	*out = config;
	return true;
}

char *
agent_path(const struct agent *agent, struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", agent->config.state_dir, name);
}

void
agent_save_page(const struct agent *agent)
{
	autoarena(arena, ARENA_SMALL);
	struct error e;

	if (!esp_page_write(&agent->esp_page, agent_path(agent, &arena, "esp.json"),
		    clock_monotonic_ms(), &e))
		log_failure("status page", &e);
}
