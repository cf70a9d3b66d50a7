// SPDX-License-Identifier: Apache-2.0
// The end of many registrations at once: what would go, the request that a second administrator
// decides, and the accounts that are left (behaviour D1-D7).
#include "base/str.h"
#include "cli/names.h"
#include "cli/request.h"
#include "cli/resource.h"

enum { BODY_MAX = 8 << 20 };

#define PATH "/ferry/v1/deregistrations"
#define ORPHANS "/ferry/v1/orphanAccounts"

static const struct column request_columns[] = {{"Id", "id"}, {"State", "state"},
	{"Devices", "devices"}, {"Removed", "removed"}, {"Asked by", "requestedBy"},
	{"Decided by", "decidedBy"}, {"Created", "createdDateTime"}, {"Expires", "expiresDateTime"},
	{0}};
static const struct request_kind requests = {PATH, request_columns};
static const struct column device_columns[] = {{"Serial", "serialNumber"}, {"Id", "registrationId"},
	{"Removed", "removed"}, {"Directory device", "directoryDeviceId"},
	{"Managed device", "managedDeviceId"}, {"Certificates", "certificates"},
	{"Deployments", "deployments"}, {0}};
static const struct column orphan_columns[] = {{"Id", "id"}, {"Name", "computerName"},
	{"Domain", "domain"}, {"Distinguished name", "dn"}, {"Serial", "serialNumber"},
	{"Since", "createdDateTime"}, {0}};

// --- asking ---

static bool
write_body(struct cli *cli, const char **names, size_t count, bool dry_run, const char **out,
	struct error *e)
{
	struct buf body;

	buf_init(&body, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "devices");
	for (size_t i = 0; i < count; i++)
		jsonw_str(&w, NULL, names[i]);
	jsonw_end_array(&w);
	jsonw_bool(&w, "dryRun", dry_run);
	jsonw_end_object(&w);
	*out = buf_text(&body);
	return buf_ok(&body, e);
}

static void
note_one(struct cli *cli, const struct json *device, struct losses *losses)
{
	const struct json *stays = json_get(device, "stays");
	const char *serial = json_str(device, "serialNumber");

	losses_add(losses, cli->arena, "%s (%s), certificates %lld, deployments %lld", serial,
		json_str(device, "registrationId"), (long long)json_int(device, "certificates", 0),
		(long long)json_int(device, "deployments", 0));
	for (const struct json *s = stays ? stays->first : NULL; s; s = s->next)
		fprintf(stderr, "%s stays in Active Directory: %s\n", serial, json_str(s, "dn"));
}

// A typing mistake leaves nothing half done: what the service does not find is said, all of it.
static bool
note_losses(struct cli *cli, const struct json *answer, struct losses *losses, struct error *e)
{
	const struct json *list = json_get(answer, "value");
	size_t wrong = 0;

	for (const struct json *d = list ? list->first : NULL; d; d = d->next) {
		const char *fault = json_str(d, "fault");
		if (!fault) {
			note_one(cli, d, losses);
			continue;
		}
		fprintf(stderr, "%s: %s\n", output_text(cli->arena, json_get(d, "serialNumber")),
			str_eq(fault, "serial_ambiguous")
				? "several devices have this serial number"
				: "no such device");
		wrong++;
	}
	return !wrong ||
		error_fault(e, ERR_NOT_FOUND, "device_not_registered",
			"%zu of the devices cannot be told; nothing was changed", wrong);
}

static bool
print_end(struct cli *cli, const struct json *answer, struct error *e)
{
	const struct json *value = json_get(answer, "value");
	struct json_list list = {0};

	if (json_str(answer, "state")) {
		fprintf(stderr,
			"another administrator has to agree: ferry deregistration approve %s\n",
			output_text(cli->arena, json_get(answer, "id")));
		return output_object(cli, request_columns, answer, e);
	}
	list.items = arena_array(cli->arena, (value ? value->count : 0) + 1, sizeof *list.items);
	for (const struct json *d = value ? value->first : NULL; d; d = d->next)
		list.items[list.count++] = d;
	return output_list(cli, device_columns, &list, e);
}

bool
deregistration_create(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const char **names, *ask, *order;
	const struct json *answer;
	size_t count;

	if (!names_read(cli, 0, &names, &count, e) ||
		!write_body(cli, names, count, true, &ask, e) ||
		!write_body(cli, names, count, false, &order, e) ||
		!api_ask(cli, PATH, ask, &answer, e) || !note_losses(cli, answer, losses, e))
		return false;
	bool second = json_bool(answer, "needsSecondPerson", false);
	const char *what = arena_printf(cli->arena, "%s the registrations of %zu device%s",
		second ? "ask a second administrator to delete" : "delete", count,
		count == 1 ? "" : "s");
	if (!confirm(cli, what, losses, e) || !api_send(cli, "POST", PATH, order, &answer, e))
		return false;
	return cli->plan || print_end(cli, answer, e);
}

// --- deciding ---

bool
deregistration_list(struct cli *cli, struct error *e)
{
	return request_list(cli, &requests, e);
}

bool
deregistration_show(struct cli *cli, struct error *e)
{
	return request_show(cli, &requests, e);
}

bool
deregistration_approve(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *request;

	if (!request_get(cli, &requests, &request, e))
		return false;
	const struct json *keys = json_get(request, "keys");
	for (const struct json *k = keys ? keys->first : NULL; k; k = k->next)
		losses_add(losses, cli->arena, "%s", output_text(cli->arena, k));
	return confirm(cli,
		       arena_printf(cli->arena, "delete the registrations of %lld devices for %s",
			       (long long)json_int(request, "devices", 0),
			       output_text(cli->arena, json_get(request, "requestedBy"))),
		       losses, e) &&
		request_decide(cli, &requests, "approve", NULL, e);
}

bool
deregistration_refuse(struct cli *cli, struct error *e)
{
	return request_decide(cli, &requests, "refuse", NULL, e);
}

// --- what is left ---

bool
orphan_list(struct cli *cli, struct error *e)
{
	struct json_list list;

	return api_list(cli, ORPHANS, &list, e) && output_list(cli, orphan_columns, &list, e);
}

bool
orphan_delete(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Order", "id"}, {"Kind", "kind"}, {"Domain", "domain"}, {0}};
	const struct losses none = {0};
	const struct json *order;

	return confirm(cli,
		       arena_printf(cli->arena, "delete the account %s in Active Directory",
			       output_clean(cli->arena, cli->operands[0])),
		       &none, e) &&
		api_send(cli, "POST",
			arena_printf(cli->arena, "/ferry/v1/accounts/%s/delete",
				url_encode(cli->arena, cli->operands[0])),
			"{}", &order, e) &&
		output_object(cli, columns, order, e);
}

bool
orphan_removed(struct cli *cli, struct error *e)
{
	return api_send(cli, "POST",
		arena_printf(cli->arena, ORPHANS "/%s/removed",
			url_encode(cli->arena, cli->operands[0])),
		NULL, NULL, e);
}

// Also of a registration that has gone: then by its id.
bool
device_events(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"At", "at"}, {"Kind", "kind"}, {"Actor", "actor"}, {"Detail", "detail"}, {0}};
	const char *id = cli->operands[0];
	const struct json *device;
	struct json_list list;

	if (api_device(cli, id, &device, e))
		id = json_str(device, "id");
	else if (e->code != ERR_NOT_FOUND || strlen(id) != 36 || id[8] != '-')
		return false;
	return api_list(cli,
		       arena_printf(cli->arena, "/ferry/v1/registrations/%s/events",
			       url_encode(cli->arena, id ? id : "")),
		       &list, e) &&
		output_list(cli, columns, &list, e);
}
