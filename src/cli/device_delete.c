// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/resource.h"

#define NO_ID "00000000-0000-0000-0000-000000000000"

static bool
is_there(const char *id)
{
	return !str_empty(id) && !str_eq(id, NO_ID);
}

// behaviour D4: registration, directory and management are facets of one record.
static bool
ask_first(struct cli *cli, const struct json *device, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const char *managed = json_str(device, "managedDeviceId");
	const char *directory = json_str(device, "azureActiveDirectoryDeviceId");
	const char *user = json_str(device, "userPrincipalName");

	if (is_there(managed))
		losses_add(losses, cli->arena, "it is under management (%s)", managed);
	if (is_there(directory))
		losses_add(losses, cli->arena, "it is in the directory (%s)", directory);
	if (!str_empty(user))
		losses_add(losses, cli->arena, "it is assigned to %s", user);
	return confirm(cli,
		arena_printf(cli->arena, "delete the registration of %s (%s)",
			device ? json_str(device, "serialNumber") : cli->operands[0],
			device ? json_str(device, "id") : "as it calls itself"),
		losses, e);
}

// What went with the registration, and what stays for somebody else to remove.
static bool
print_deleted(struct cli *cli, const struct json *answer, struct error *e)
{
	static const struct column columns[] = {{"Serial", "serialNumber"},
		{"Id", "registrationId"}, {"Directory device", "directoryDeviceId"},
		{"Managed device", "managedDeviceId"}, {"Certificates", "certificates"},
		{"Deployments", "deployments"}, {0}};
	const struct json *list = json_get(answer, "value"), *device = list ? list->first : NULL;
	const char *fault = json_str(device, "fault");

	if (!device)
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service did not say what became of the device");
	if (fault)
		return error_fault(e,
			str_eq(fault, "serial_ambiguous") ? ERR_CONFLICT : ERR_NOT_FOUND, fault,
			"no one device has the id or serial number %s", cli->operands[0]);
	const struct json *stays = json_get(device, "stays");
	for (const struct json *s = stays ? stays->first : NULL; s; s = s->next)
		fprintf(stderr, "stays in Active Directory: %s\n",
			output_text(cli->arena, json_get(s, "dn")));
	fprintf(stderr, "deleted:\n");
	return output_object(cli, columns, device, e);
}

bool
device_delete(struct cli *cli, struct error *e)
{
	const struct json *device = NULL, *answer;
	struct buf body;

	// The service knows more ids than those of registrations, and decides.
	if (!api_device(cli, cli->operands[0], &device, e)) {
		if (e->code != ERR_NOT_FOUND || cli->plan)
			return false;
		device = NULL;
	}
	buf_init(&body, cli->arena, 8 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "devices");
	jsonw_str(&w, NULL, cli->operands[0]);
	jsonw_end_array(&w);
	jsonw_bool(&w, "dryRun", false);
	jsonw_end_object(&w);
	if (!buf_ok(&body, e) || !ask_first(cli, device, e) ||
		!api_send(cli, "POST", "/ferry/v1/deregistrations", buf_text(&body), &answer, e))
		return false;
	return cli->plan || print_deleted(cli, answer, e);
}
