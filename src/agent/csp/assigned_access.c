// SPDX-License-Identifier: Apache-2.0
// AssignedAccess/Configuration: a kiosk, whose local account signs in by itself on the first
// console (behaviour SD5). What the kiosk runs is an app of its own.
#include "agent/command.h"
#include "agent/csp/csp.h"
#include "base/fs.h"
#include "base/str.h"
#include "codec/xml.h"

#define NS_ACCESS "http://schemas.microsoft.com/AssignedAccess/2017/config"
#define KIOSK_USER "kioskUser0" // as Windows calls it

enum { TOOL_TIMEOUT_S = 60 };

static bool
wants_auto_logon(struct csp_call *call, bool *out, struct error *e)
{
	const struct xml *root = xml_parse(call->arena, slice_str(call->data), NULL, e);

	if (!root)
		return false;
	const struct xml *configs = xml_child(root, NS_ACCESS, "Configs");
	const struct xml *config = xml_child(configs, NS_ACCESS, "Config");
	*out = xml_child(config, NS_ACCESS, "AutoLogonAccount") != NULL;
	return config || error_set(e, ERR_INVALID, "the configuration has no Config");
}

static bool
make_account(struct csp_call *call, struct error *e)
{
	static const char *const known[] = {"id", "-u", KIOSK_USER, NULL};
	static const char *const add[] = {
		"useradd", "--create-home", "--shell", "/bin/bash", KIOSK_USER, NULL};
	const char *output;
	struct error ignored;

	return command_run(call->arena, known, TOOL_TIMEOUT_S, &output, &ignored) ||
		command_run(call->arena, add, TOOL_TIMEOUT_S, &output, e);
}

static bool
apply(struct csp_call *call, struct error *e)
{
	struct journal *journal = &call->agent->journal;
	bool kiosk;

	if (!wants_auto_logon(call, &kiosk, e))
		return false;
	if (kiosk &&
		(!make_account(call, e) || !fs_mkdirs(KIOSK_FOLDER, 0755, e) ||
			!fs_write(KIOSK_FILE,
				slice_str("[Service]\nExecStart=\nExecStart=-/sbin/agetty "
					  "--autologin " KIOSK_USER " --noclear %I $TERM\n"),
				0644, e)))
		return false;
	if (!kiosk && !fs_remove(KIOSK_FILE, e))
		return false;
	journal->kiosk = kiosk;
	return journal_step(journal, kiosk ? "kiosk" : "no_kiosk", e);
}

int
csp_assigned_access(struct csp_call *call)
{
	if (!str_ends(call->path, "/Configuration"))
		return 404;
	if ((call->type != SYNCML_ADD && call->type != SYNCML_REPLACE) || !call->data)
		return 405;
	return apply(call, &call->why) ? 200 : csp_failed(call, "policy_failed");
}
