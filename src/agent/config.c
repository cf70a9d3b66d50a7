// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"
#include "agent/gate.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include <ini.h>
#include <stddef.h>

static const struct {
	const char *section, *name;
	size_t offset;
} settings[] = {
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
	{"device", "domain_wait", offsetof(struct agent_config, domain_wait_text)},
	{"device", "vpn_dir", offsetof(struct agent_config, vpn_dir)},
	{"device", "vpn_up", offsetof(struct agent_config, vpn_up)},
	{"device", "vpn_down", offsetof(struct agent_config, vpn_down)},
	{"device", "vpn_wait", offsetof(struct agent_config, vpn_wait_text)},
	{"device", "offline_profile", offsetof(struct agent_config, offline_profile)},
	{"oobe", "language", offsetof(struct agent_config, language)},
	{"oobe", "keyboard", offsetof(struct agent_config, keyboard)},
};

struct parse_state {
	struct arena *arena;
	struct agent_config *config;
	struct error *e;
};

static int
on_setting(void *user, const char *section, const char *name, const char *value)
{
	struct parse_state *s = user;

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (str_eq(section, settings[i].section) && str_eq(name, settings[i].name)) {
			*(const char **)(void *)((char *)s->config + settings[i].offset) =
				arena_strdup(s->arena, value);
			return 1;
		}
	error_set(s->e, ERR_INVALID, "unknown setting [%s] %s", section, name);
	return 0;
}

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
		.domain_wait_text = "600",
		.vpn_dir = "/etc/wireguard",
		.vpn_up = "wg-quick up %s",
		.vpn_down = "wg-quick down %s",
		.vpn_wait_text = "20",
		.offline_profile = "/etc/ferry/AutopilotConfigurationFile.json",
	};
	struct parse_state state = {.arena = arena, .config = &config, .e = e};

	e->code = ERR_NONE;
	int line = ini_parse(file, on_setting, &state);
	if (line < 0)
		return error_errno(e, "%s", file);
	if (line > 0)
		return e->code ? error_wrap(e, "%s:%d", file, line)
			       : error_set(e, ERR_INVALID, "%s:%d: syntax", file, line);
	uint64_t wait;
	if (!str_to_u64(config.domain_wait_text, 86400, &wait))
		return error_set(e, ERR_INVALID,
			"%s: [device] domain_wait must be a number of seconds", file);
	config.domain_wait = (int64_t)wait;
	if (!str_to_u64(config.vpn_wait_text, 3600, &wait))
		return error_set(
			e, ERR_INVALID, "%s: [device] vpn_wait must be a number of seconds", file);
	config.vpn_wait = (int64_t)wait;
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
