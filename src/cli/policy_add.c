// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/configuration.h"

bool
policy_add(struct cli *cli, struct error *e)
{
	// The formats of OMA-DM (SyncML 1.2 Meta-Information, section 5.3.3) that a setting can
	// have.
	static const char *const formats[] = {"chr", "int", "bool", "b64", "xml", "bin", "float"};
	const char *uri, *value = cli_option(cli, "value"), *file = cli_option(cli, "file");
	const char *format = cli_option(cli, "format");
	bool known = !format;

	if (!cli_need_option(cli, "uri", &uri, e))
		return false;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		known |= str_eq(format, formats[i]);
	if (!known)
		return error_set(e, ERR_INVALID, "--format %s is not known", format);
	if (!value == !file)
		return error_set(e, ERR_INVALID, "either --value or --file is needed");
	if (file && !configuration_read_text(cli, file, &value, e))
		return false;
	return configuration_add(cli, cli->operands[0], uri, format ? format : "chr", value, e);
}
