// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
device_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Serial", "serialNumber"},
		{"Manufacturer", "manufacturer"}, {"Model", "model"}, {"Group tag", "groupTag"},
		{"User", "userPrincipalName"}, {"Profile", "deploymentProfileAssignmentStatus"},
		{"State", "ferryState"}, {"Enrolment", "enrollmentState"}, {"Id", "id"}, {0}};
	const char *serial = cli_option(cli, "serial");
	struct json_list list;
	const struct json *one;

	if (serial) {
		list = (struct json_list){.items = &one, .count = 1};
		return api_device(cli, serial, &one, e) && output_list(cli, columns, &list, e);
	}
	return api_list(cli, DM "/windowsAutopilotDeviceIdentities", &list, e) &&
		output_list(cli, columns, &list, e);
}
