// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/output.h"

// What goes with a registration, or would go, and what stays for somebody else to remove.
bool
device_delete(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Serial", "serialNumber"},
		{"Id", "registrationId"}, {"Directory device", "directoryDeviceId"},
		{"Managed device", "managedDeviceId"}, {"Certificates", "certificates"},
		{"Deployments", "deployments"}, {0}};
	bool dry_run = cli_switch(cli, "dry-run");
	const struct json *answer;
	struct buf body;

	buf_init(&body, cli->arena, 8 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "devices");
	jsonw_str(&w, NULL, cli->operands[0]);
	jsonw_end_array(&w);
	jsonw_bool(&w, "dryRun", dry_run);
	jsonw_end_object(&w);
	if (!buf_ok(&body, e) ||
		!api_send(cli, "POST", "/ferry/v1/deregistrations", buf_text(&body), &answer, e))
		return false;
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
		fprintf(stderr, "stays in Active Directory: %s\n", json_str(s, "dn"));
	fprintf(stderr, dry_run ? "would be deleted:\n" : "deleted:\n");
	return output_object(cli, columns, device, e);
}
