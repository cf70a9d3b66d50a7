// SPDX-License-Identifier: Apache-2.0
// What is done to a managed device from afar (behaviour A1 to A12).
#include "base/str.h"
#include "cli/managed.h"
#include "cli/resource.h"

// What a verb asks for.
struct remote {
	const char *action;    // of the API
	const char *what;      // "wipe": what the question says
	const char *losses[4]; // what goes, for the question; none: nothing does
};

static const struct column columns[] = {{"Action", "action"}, {"Value", "value"},
	{"State", "state"}, {"Asked by", "requestedBy"}, {"Asked", "requestedDateTime"},
	{"Sent", "sentDateTime"}, {"Ended", "finishedDateTime"}, {"Fault", "fault"},
	{"Reason", "reason"}, {"Fix", "fix"}, {"Id", "id"}, {0}};

bool
managed_find(struct cli *cli, const char *wanted, const struct json **out, struct error *e)
{
	struct json_list list;
	const char *path = arena_printf(cli->arena, DM "/managedDevices?$filter=%s",
		url_encode(cli->arena,
			arena_printf(
				cli->arena, "serialNumber eq %s", api_quote(cli->arena, wanted))));

	if (!api_list(cli, path, &list, e))
		return false;
	if (list.count != 1)
		return resource_find(cli, &resource_managed, wanted, out, e);
	*out = list.items[0];
	return true;
}

static bool
send(struct cli *cli, const struct remote *r, const char *body, struct error *e)
{
	const struct json *device;
	struct losses *losses = arena_new(cli->arena, struct losses);

	if (!managed_find(cli, cli->operands[0], &device, e))
		return false;
	for (size_t i = 0; i < 4 && r->losses[i]; i++)
		losses_add(losses, cli->arena, "%s", r->losses[i]);
	if (r->losses[0] &&
		!confirm(cli,
			arena_printf(cli->arena, "%s %s (%s)", r->what,
				json_str(device, "deviceName"), json_str(device, "serialNumber")),
			losses, e))
		return false;
	if (!api_send_maybe(cli, "POST",
		    arena_printf(cli->arena, DM "/managedDevices/%s/%s", json_str(device, "id"),
			    r->action),
		    body, &device, e))
		return false;
	if (!cli->plan)
		fprintf(stderr, "%s: asked for; ferry device actions %s shows how it goes on\n",
			r->what, cli->operands[0]);
	return true;
}

static bool
flagged(struct cli *cli, struct jsonw *w, const char *option, const char *member)
{
	bool given = cli_switch(cli, option);

	jsonw_bool(w, member, given);
	return given;
}

bool
device_wipe(struct cli *cli, struct error *e)
{
	struct buf body;

	buf_init(&body, cli->arena, 1024);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	bool keeps = flagged(cli, &w, "keep-user-data", "keepUserData");
	flagged(cli, &w, "protected", "useProtectedWipe");
	bool rejoin = flagged(cli, &w, "rejoin", "ferryRejoin");
	jsonw_end_object(&w);
	if (keeps && rejoin)
		return error_set(e, ERR_INVALID, "--rejoin is for a wipe that keeps nothing");
	const struct remote all = {"wipe", "wipe",
		{"everything on the device: apps, settings, the files of its people",
			"its management, certificates and join",
			rejoin ? "its registration stays, and it may be deployed again at once"
			       : "its registration stays"}};
	const struct remote some = {"wipe", "wipe",
		{"apps and settings; the files of its people, its join and management stay"}};

	return send(cli, keeps ? &some : &all, buf_text(&body), e);
}

bool
device_fresh_start(struct cli *cli, struct error *e)
{
	bool keeps = cli_switch(cli, "keep-user-data");
	const struct remote remote = {"cleanWindowsDevice", "give a fresh start to",
		{keeps ? "apps and settings; the files of its people, its join and management stay"
		       : "everything on the device, its management, certificates and join"}};

	return send(
		cli, &remote, keeps ? "{\"keepUserData\":true}" : "{\"keepUserData\":false}", e);
}

bool
device_retire(struct cli *cli, struct error *e)
{
	static const struct remote remote = {"retire", "retire",
		{"what the organization put on the device; the files of its people stay",
			"its management, certificates and join; its registration stays"}};

	return send(cli, &remote, NULL, e);
}

bool
device_reset(struct cli *cli, struct error *e)
{
	static const struct remote remote = {"wipe", "reset for the next user",
		{"users with their files, apps and settings; enrolment, join, networks and "
		 "certificates stay"}};

	return send(cli, &remote, "{\"keepEnrollmentData\":true,\"keepUserData\":false}", e);
}

bool
device_rename(struct cli *cli, struct error *e)
{
	static const struct remote remote = {"setDeviceName", "rename", {NULL}};
	struct buf body;

	buf_init(&body, cli->arena, 1024);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "deviceName", cli->operands[1]);
	jsonw_end_object(&w);
	return send(cli, &remote, buf_text(&body), e);
}

bool
device_sync(struct cli *cli, struct error *e)
{
	static const struct remote remote = {"syncDevice", "sync", {NULL}};

	return send(cli, &remote, NULL, e);
}

bool
device_restart(struct cli *cli, struct error *e)
{
	static const struct remote remote = {"rebootNow", "restart", {NULL}};

	return send(cli, &remote, NULL, e);
}

bool
device_shut_down(struct cli *cli, struct error *e)
{
	static const struct remote remote = {"shutDown", "shut down", {NULL}};

	return send(cli, &remote, NULL, e);
}

bool
device_lock(struct cli *cli, struct error *e)
{
	static const struct remote remote = {"remoteLock", "lock", {NULL}};

	return send(cli, &remote, NULL, e);
}

// Also of a device that is not managed any more.
bool
device_actions(struct cli *cli, struct error *e)
{
	struct json_list list;

	return api_list(cli,
		       arena_printf(cli->arena, "/ferry/v1/devices/%s/actions",
			       url_encode(cli->arena, cli->operands[0])),
		       &list, e) &&
		output_list(cli, columns, &list, e);
}

bool
device_cancel_action(struct cli *cli, struct error *e)
{
	const struct json *none;

	return api_send_maybe(cli, "POST",
		arena_printf(cli->arena, "/ferry/v1/deviceActions/%s/cancel",
			url_encode(cli->arena, cli->operands[0])),
		NULL, &none, e);
}
