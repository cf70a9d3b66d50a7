// SPDX-License-Identifier: Apache-2.0
// One action for many managed devices, and the requests for more than one person may ask for alone
// (threats row 20).
#include "base/str.h"
#include "cli/managed.h"
#include "cli/names.h"
#include "cli/request.h"
#include "cli/resource.h"

enum { BODY_MAX = 1 << 20 };

static const struct column request_columns[] = {{"Id", "id"}, {"Action", "action"},
	{"Value", "value"}, {"State", "state"}, {"Devices", "devices"}, {"Asked by", "requestedBy"},
	{"Decided by", "decidedBy"}, {"Created", "createdDateTime"}, {"Expires", "expiresDateTime"},
	{0}};
static const struct request_kind requests = {"/ferry/v1/actionRequests", request_columns};

static const struct action {
	const char *name; // of the command line
	const char *graph;
} actions[] = {{"wipe", "wipe"}, {"fresh-start", "cleanWindowsDevice"}, {"retire", "retire"},
	{"reset", "autopilotReset"}, {"delete", "delete"}};

static bool
find_action(const char *name, const struct action **out, struct error *e)
{
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (str_eq(actions[i].name, name)) {
			*out = &actions[i];
			return true;
		}
	return error_set(
		e, ERR_INVALID, "the action is one of: wipe, fresh-start, retire, reset, delete");
}

// An option that would be passed over is a mistake.
static bool
check_options(struct cli *cli, const struct action *action, struct error *e)
{
	bool wipe = str_eq(action->name, "wipe");
	bool keep = cli_switch(cli, "keep-user-data"), rejoin = cli_switch(cli, "rejoin");

	if (keep && !wipe && !str_eq(action->name, "fresh-start"))
		return error_set(e, ERR_INVALID, "--keep-user-data is for wipe and fresh-start");
	if ((rejoin || cli_switch(cli, "protected")) && !wipe)
		return error_set(e, ERR_INVALID, "--rejoin and --protected are for wipe");
	return !(keep && rejoin) ||
		error_set(e, ERR_INVALID, "--rejoin is for a wipe that keeps nothing");
}

// A typing mistake leaves nothing half done.
static bool
find_all(struct cli *cli, const char **names, size_t count, const struct json **out,
	struct losses *losses, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		if (!managed_find(cli, names[i], &out[i], e))
			return false;
		losses_add(losses, cli->arena, "%s (%s)", json_str(out[i], "deviceName"),
			json_str(out[i], "serialNumber"));
	}
	return true;
}

static bool
write_body(struct cli *cli, const struct action *action, const struct json **devices, size_t count,
	const char **out, struct error *e)
{
	struct buf body;

	buf_init(&body, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "actionName", action->graph);
	jsonw_bool(&w, "keepUserData", cli_switch(cli, "keep-user-data"));
	jsonw_bool(&w, "useProtectedWipe", cli_switch(cli, "protected"));
	jsonw_bool(&w, "ferryRejoin", cli_switch(cli, "rejoin"));
	jsonw_array(&w, "deviceIds");
	for (size_t i = 0; i < count; i++)
		jsonw_str(&w, NULL, json_str(devices[i], "id"));
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	*out = buf_text(&body);
	return buf_ok(&body, e);
}

static void
print_list(struct cli *cli, const struct json *answer, const char *member, const char *what)
{
	const struct json *list = json_get(answer, member);

	for (const struct json *id = list ? list->first : NULL; id; id = id->next)
		fprintf(stderr, "%s: %s\n", output_text(cli->arena, id), what);
}

// What was not done is said of each device, and is a failure.
static bool
print_outcome(struct cli *cli, const struct json *answer, struct error *e)
{
	static const char *const members[][2] = {{"failedDeviceIds", "refused"},
		{"notFoundDeviceIds", "not managed any more"},
		{"notSupportedDeviceIds", "cannot be done to this device"}};
	const struct json *done = json_get(answer, "successfulDeviceIds");
	size_t left = 0;

	fprintf(stderr, "asked of %zu devices; ferry device actions SERIAL shows how it goes on\n",
		done ? done->count : 0);
	for (size_t i = 0; i < 3; i++) {
		const struct json *list = json_get(answer, members[i][0]);
		left += list ? list->count : 0;
		print_list(cli, answer, members[i][0], members[i][1]);
	}
	return !left || error_set(e, ERR_CONFLICT, "%zu devices are left as they are", left);
}

bool
action_create(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *answer, *request;
	const struct action *action;
	const char **names, *body;
	size_t count;

	if (!find_action(cli->operands[0], &action, e) || !check_options(cli, action, e) ||
		!names_read(cli, 1, &names, &count, e))
		return false;
	const struct json **devices = arena_array(cli->arena, count, sizeof *devices);
	if (!find_all(cli, names, count, devices, losses, e) ||
		!write_body(cli, action, devices, count, &body, e) ||
		!confirm(cli, arena_printf(cli->arena, "%s %zu devices", action->name, count),
			losses, e) ||
		!api_send(cli, "POST", DM "/managedDevices/executeAction", body, &answer, e))
		return false;
	if (cli->plan)
		return true;
	request = json_get(answer, "@ferry.request");
	if (!request)
		return print_outcome(cli, answer, e);
	fprintf(stderr, "another administrator has to agree: ferry action approve %s\n",
		output_text(cli->arena, json_get(request, "id")));
	return output_object(cli, request_columns, request, e);
}

// --- deciding ---

bool
action_list(struct cli *cli, struct error *e)
{
	return request_list(cli, &requests, e);
}

bool
action_show(struct cli *cli, struct error *e)
{
	return request_show(cli, &requests, e);
}

bool
action_approve(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *request;

	if (!request_get(cli, &requests, &request, e))
		return false;
	const struct json *list = json_get(request, "managedDevices");
	for (const struct json *d = list ? list->first : NULL; d; d = d->next)
		losses_add(losses, cli->arena, "%s (%s)",
			output_text(cli->arena, json_get(d, "deviceName")),
			output_text(cli->arena, json_get(d, "serialNumber")));
	return confirm(cli,
		       arena_printf(cli->arena, "%s %lld devices for %s",
			       output_text(cli->arena, json_get(request, "action")),
			       (long long)json_int(request, "devices", 0),
			       output_text(cli->arena, json_get(request, "requestedBy"))),
		       losses, e) &&
		request_decide(cli, &requests, "approve", &request, e) &&
		(cli->plan || print_outcome(cli, request, e));
}

bool
action_refuse(struct cli *cli, struct error *e)
{
	return request_decide(cli, &requests, "refuse", NULL, e);
}
