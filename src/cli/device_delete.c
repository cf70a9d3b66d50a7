// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/resource.h"

#define DEREGISTRATIONS "/ferry/v1/deregistrations"

static const char *
request(struct cli *cli, const char *device, bool dry_run)
{
	struct buf body;

	buf_init(&body, cli->arena, 8 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "devices");
	jsonw_str(&w, NULL, device);
	jsonw_end_array(&w);
	jsonw_bool(&w, "dryRun", dry_run);
	jsonw_end_object(&w);
	return buf_text(&body);
}

static bool
read_answer(struct cli *cli, const struct json *answer, const struct json **out, struct error *e)
{
	const struct json *list = json_get(answer, "value"), *device = list ? list->first : NULL;
	const char *fault = json_str(device, "fault");

	if (!device)
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service did not say what became of the device");
	*out = device;
	return !fault ||
		error_fault(e, str_eq(fault, "serial_ambiguous") ? ERR_CONFLICT : ERR_NOT_FOUND,
			fault, "no one device has the id or serial number %s", cli->operands[0]);
}

static void
note_losses(struct cli *cli, const struct json *device, struct losses *losses)
{
	static const struct {
		const char *member, *text;
	} table[] = {{"directoryDeviceId", "its device in the directory,"},
		{"managedDeviceId", "its management,"},
		{"certificates", "certificates that are revoked:"},
		{"deployments", "deployments and their timelines:"}};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *value = output_text(cli->arena, json_get(device, table[i].member));
		if (*value && !str_eq(value, "0"))
			losses_add(losses, cli->arena, "%s %s", table[i].text, value);
	}
}

static void
tell_what_stays(const struct json *device)
{
	const struct json *stays = json_get(device, "stays");

	for (const struct json *s = stays ? stays->first : NULL; s; s = s->next)
		fprintf(stderr, "stays in Active Directory: %s\n", json_str(s, "dn"));
}

// behaviour D4: registration, directory and management are facets of one record. The service says
// what would go, in the words in which it does it.
bool
device_delete(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Serial", "serialNumber"},
		{"Id", "registrationId"}, {"Directory device", "directoryDeviceId"},
		{"Managed device", "managedDeviceId"}, {"Certificates", "certificates"},
		{"Deployments", "deployments"}, {0}};
	struct losses *losses = arena_new(cli->arena, struct losses);
	const char *wanted = cli->operands[0];
	const struct json *answer, *device;

	if (!api_ask(cli, DEREGISTRATIONS, request(cli, wanted, true), &answer, e) ||
		!read_answer(cli, answer, &device, e))
		return false;
	note_losses(cli, device, losses);
	tell_what_stays(device);
	if (!confirm(cli,
		    arena_printf(cli->arena, "delete the registration of %s (%s)",
			    output_text(cli->arena, json_get(device, "serialNumber")),
			    output_text(cli->arena, json_get(device, "registrationId"))),
		    losses, e) ||
		!api_send(cli, "POST", DEREGISTRATIONS, request(cli, wanted, false), &answer, e))
		return false;
	if (cli->plan)
		return true;
	fprintf(stderr, "deleted:\n");
	return read_answer(cli, answer, &device, e) && output_object(cli, columns, device, e);
}
