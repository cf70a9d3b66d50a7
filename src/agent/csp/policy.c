// SPDX-License-Identifier: Apache-2.0
// Policy/Config/<Area>/<Name>: each policy is a file of the system that has the effect (names from
// the Policy CSP).
#include "agent/csp/csp.h"
#include "base/fs.h"
#include "base/str.h"
#include <ctype.h>

struct policy {
	const char *name; // Area/Name
	bool user;
	bool (*apply)(struct csp_call *call, struct error *e);
};

static bool
write_file(const char *path, const char *text, struct error *e)
{
	return fs_write(path, slice_str(text), 0644, e);
}

// The notice before sign-in: agetty(8) shows the files of /etc/issue.d.
static bool
apply_logon_message(struct csp_call *call, struct error *e)
{
	return fs_mkdirs("/etc/issue.d", 0755, e) &&
		write_file("/etc/issue.d/60-ferry.issue",
			arena_printf(call->arena, "%s\n", call->data), e);
}

// Minutes without input after which a shell ends: TMOUT of bash(1).
static bool
apply_idle_limit(struct csp_call *call, struct error *e)
{
	uint64_t minutes;

	if (!str_to_u64(call->data, 999, &minutes))
		return error_set(
			e, ERR_INVALID, "MaxInactivityTimeDeviceLock must be 0 to 999 minutes");
	return fs_mkdirs("/etc/profile.d", 0755, e) &&
		write_file("/etc/profile.d/60-ferry-idle.sh",
			arena_printf(call->arena, "TMOUT=%llu\nreadonly TMOUT\nexport TMOUT\n",
				(unsigned long long)minutes * 60),
			e);
}

static bool
plain_text(const char *text, const char *extra)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(extra, *text))
			return false;
	return true;
}

static bool
apply_time_zone(struct csp_call *call, struct error *e)
{
	char *zone = arena_printf(call->arena, "/usr/share/zoneinfo/%s", call->data);

	if (!plain_text(call->data, "/_+-") || !fs_exists(zone))
		return error_set(e, ERR_INVALID, "unknown time zone \"%.60s\"", call->data);
	if (symlink(zone, "/etc/localtime.new") < 0 ||
		rename("/etc/localtime.new", "/etc/localtime") < 0)
		return error_errno(e, "/etc/localtime");
	return write_file("/etc/timezone", arena_printf(call->arena, "%s\n", call->data), e);
}

// The default printer of one user: PRINTER is what lp(1) and lpr(1) read.
static bool
apply_printer(struct csp_call *call, struct error *e)
{
	const char *user = call->agent->journal.user ? call->agent->journal.user : "";
	char *name = arena_strndup(call->arena, user, strcspn(user, "@"));

	if (!*name || !plain_text(name, "._-") || !plain_text(call->data, "._-"))
		return error_set(e, ERR_INVALID, "no such user or printer name");
	return fs_mkdirs("/etc/profile.d", 0755, e) &&
		write_file(arena_printf(call->arena, "/etc/profile.d/61-ferry-%s.sh", name),
			arena_printf(call->arena,
				"case ${USER%%%%@*} in %s) PRINTER=%s; export PRINTER ;; esac\n",
				name, call->data),
			e);
}

// 0 lets a local administrator reset the device at its lock screen; off is the default (A5).
static bool
apply_local_reset(struct csp_call *call, struct error *e)
{
	struct journal *journal = &call->agent->journal;

	if (!str_eq(call->data, "0") && !str_eq(call->data, "1"))
		return error_set(
			e, ERR_INVALID, "DisableAutomaticReDeploymentCredentials must be 0 or 1");
	journal->local_reset = str_eq(call->data, "0");
	return journal_save(journal, e);
}

static const struct policy policies[] = {
	{"CredentialProviders/DisableAutomaticReDeploymentCredentials", false, apply_local_reset},
	{"LocalPoliciesSecurityOptions/InteractiveLogon_MessageTextForUsersAttemptingToLogOn",
		false, apply_logon_message},
	{"DeviceLock/MaxInactivityTimeDeviceLock", false, apply_idle_limit},
	{"TimeLanguageSettings/ConfigureTimeZone", false, apply_time_zone},
	{"Education/DefaultPrinterName", true, apply_printer},
};

int
csp_policy(struct csp_call *call)
{
	const char *name = call->path + strlen("Vendor/MSFT/Policy/Config/");

	if (call->type != SYNCML_REPLACE && call->type != SYNCML_ADD)
		return 405;
	if (!call->data)
		return 400;
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
		if (!str_eq(name, policies[i].name) || policies[i].user != call->user)
			continue;
		return policies[i].apply(call, &call->why) ? 200
							   : csp_failed(call, "policy_failed");
	}
	error_fault(&call->why, ERR_NOT_FOUND, "policy_failed",
		"this device does not know the policy %.120s", name);
	return 404;
}
