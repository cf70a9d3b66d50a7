// SPDX-License-Identifier: Apache-2.0
// RemoteWipe, CleanPC, Reboot, RemoteLock, DMClient/Unenroll, Accounts/Domain/ComputerName: what an
// administrator makes this device do (mdm-wire.md section 9.5). What ends something is accepted
// here (202) and done when the session is over, so that the service has heard of it.
#include "agent/act.h"
#include "agent/command.h"
#include "agent/csp/csp.h"
#include "base/fs.h"
#include "base/str.h"
#include "domain/naming.h"
#include <errno.h>
#include <unistd.h>

enum { LOCK_TIMEOUT_S = 30 };

static int
accept(struct csp_call *call, enum act act)
{
	return act_accept(call->agent, act, &call->why) ? 202 : csp_failed(call, "disk_error");
}

// --- acts ---

static int
begin_reset(struct csp_call *call)
{
	if (!call->agent->journal.joined)
		return accept(call, ACT_RESET);
	error_fault(&call->why, ERR_UNSUPPORTED, "reset_hybrid",
		"this device is joined to the domain %s", call->agent->journal.domain);
	return 405;
}

static int
begin_wipe(struct csp_call *call)
{
	return accept(call, ACT_WIPE);
}

static int
begin_renewal(struct csp_call *call)
{
	return accept(call, ACT_RENEW);
}

static int
begin_fresh_start(struct csp_call *call)
{
	return accept(call, ACT_FRESH_START);
}

static int
begin_retirement(struct csp_call *call)
{
	// The name of the server that is meant (wap-provisioningdoc: PROVIDER-ID).
	return str_eq(call->data, "Ferry") ? accept(call, ACT_RETIRE) : 404;
}

// --- what is over with the session ---

static int
restart(struct csp_call *call)
{
	call->agent->restart_wanted = true;
	return 200;
}

static int
shut_down(struct csp_call *call)
{
	call->agent->shutdown_wanted = true;
	return 200;
}

static int
lock(struct csp_call *call)
{
	const char *const argv[] = {"sh", "-c", call->agent->config.lock, NULL};
	const char *output;

	return command_run(call->arena, argv, LOCK_TIMEOUT_S, &output, &call->why)
		? 200
		: csp_failed(call, "action_failed_on_device");
}

static const struct {
	const char *path;
	int (*run)(struct csp_call *call);
} execs[] = {
	{"Vendor/MSFT/RemoteWipe/doWipe", begin_wipe},
	{"Vendor/MSFT/RemoteWipe/doWipeProtected", begin_wipe},
	{"Vendor/MSFT/RemoteWipe/doWipePersistUserData", begin_renewal},
	{"Vendor/MSFT/RemoteWipe/AutomaticRedeployment/doAutomaticRedeployment", begin_reset},
	{"Vendor/MSFT/CleanPC/CleanPCWithoutRetainingUserData", begin_fresh_start},
	{"Vendor/MSFT/CleanPC/CleanPCRetainingUserData", begin_renewal},
	{"Vendor/MSFT/DMClient/Unenroll", begin_retirement},
	{"Vendor/MSFT/Reboot/RebootNow", restart},
	{"Vendor/MSFT/RemoteLock/Lock", lock},
	{"Vendor/Ferry/Power/ShutDown", shut_down},
};

int
csp_remote(struct csp_call *call)
{
	for (size_t i = 0; i < sizeof execs / sizeof *execs; i++)
		if (str_eq(call->path, execs[i].path))
			return call->user		    ? 404
				: call->type == SYNCML_EXEC ? execs[i].run(call)
							    : 405;
	return 404;
}

// --- the name ---

static bool
rename_device(struct csp_call *call, struct error *e)
{
	struct agent *agent = call->agent;
	const char *name = str_lower(call->arena, call->data);

	if (!naming_valid(call->data, e) ||
		!fs_write("/etc/hostname", slice_str(arena_printf(call->arena, "%s\n", name)), 0644,
			e))
		return false;
	if (sethostname(name, strlen(name)) < 0 && errno != EPERM)
		return error_errno(e, "%s", name);
	agent->journal.computer_name = arena_strdup(agent->arena, call->data);
	return journal_step(&agent->journal, "renamed", e);
}

// Accounts/Domain/ComputerName: of a device that is in no domain (behaviour P23).
int
csp_computer_name(struct csp_call *call)
{
	if (!str_ends(call->path, "/ComputerName"))
		return 404;
	if ((call->type != SYNCML_ADD && call->type != SYNCML_REPLACE) || !call->data)
		return 405;
	if (call->agent->journal.joined) {
		error_fault(&call->why, ERR_UNSUPPORTED, "rename_hybrid",
			"the name is that of the account in %s", call->agent->journal.domain);
		return 405;
	}
	return rename_device(call, &call->why) ? 200 : csp_failed(call, "device_name_invalid");
}
