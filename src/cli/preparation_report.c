// SPDX-License-Identifier: Apache-2.0
// The report of device preparation for one device (behaviour Z13), and devices that are associated
// with it (Z15).
#include "base/str.h"
#include "cli/api.h"
#include "cli/input.h"
#include "cli/resource.h"
#include "codec/base64.h"
#include "domain/registration.h"

enum { FILE_MAX = 4 << 20, BODY_MAX = 64 << 10 };

static const struct column item_columns[] = {{"Item", "displayName"}, {"Kind", "itemKind"},
	{"Status", "status"}, {"Exit", "exitCode"}, {"Details", "details"}, {"Fault", "ferryFault"},
	{"Last report", "lastReportedDateTime"}, {0}};

// The newest deployment of the device; every item in the order in which it is set up.
bool
preparation_status(struct cli *cli, struct error *e)
{
	const char *path = arena_printf(cli->arena, DM "/devicePreparationDeployments?$filter=%s",
		url_encode(cli->arena,
			arena_printf(cli->arena, "serialNumber eq %s",
				api_quote(cli->arena, cli->operands[0]))));
	struct json_list deployments, items;

	if (!api_list(cli, path, &deployments, e))
		return false;
	if (!deployments.count)
		return error_set(e, ERR_NOT_FOUND,
			"no deployment of \"%.64s\" follows a device preparation policy",
			cli->operands[0]);
	const struct json *d = deployments.items[0];
	if (!api_list(cli,
		    arena_printf(cli->arena, DM "/devicePreparationDeployments/%s/items",
			    json_str(d, "id")),
		    &items, e))
		return false;
	if (cli->format == OUTPUT_TABLE)
		printf("%s by policy \"%s\" (version %s): %s; policies %s, scripts %s, apps %s\n",
			output_text(cli->arena, json_get(d, "deviceName")),
			output_text(cli->arena, json_get(d, "policyName")),
			output_text(cli->arena, json_get(d, "policyVersion")),
			output_text(cli->arena, json_get(d, "deploymentStatus")),
			output_text(cli->arena, json_get(d, "policyInstallationStatus")),
			output_text(cli->arena, json_get(d, "scriptInstallationStatus")),
			output_text(cli->arena, json_get(d, "appInstallationStatus")));
	return output_list(cli, item_columns, &items, e);
}

// --- associations ---

static bool
send_one(struct cli *cli, const struct registration_line *line, const char *policy_id,
	const struct json **out, struct error *e)
{
	struct buf body;

	buf_init(&body, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	if (line->hash.len)
		jsonw_b64(&w, "hardwareHash", line->hash);
	jsonw_str(&w, "serialNumber", line->serial);
	jsonw_str(&w, "manufacturer", line->manufacturer);
	jsonw_str(&w, "model", line->model);
	if (policy_id)
		jsonw_str(&w, "policyId", policy_id);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", resource_association.path, buf_text(&body), out, e);
}

// The device's own export (one device a file), or a list as for registration.
static bool
send_file(struct cli *cli, struct slice text, const char *policy_id, struct json_list *made,
	struct error *e)
{
	const struct csv_options options = {.max_field = 16 << 10};
	struct csv_reader *reader = arena_new(cli->arena, struct csv_reader);
	struct registration_form form;
	const struct csv_row *row;
	size_t room = 0;

	csv_init(reader, cli->arena, &options);
	csv_feed(reader, text);
	csv_finish(reader);
	if (csv_next(reader, &row) != CSV_ROW)
		return error_fault(e, ERR_INVALID, "import_header_unknown", "the file is empty");
	if (!registration_header(row, false, &form, e))
		return false;
	bool more = form.first_is_data || csv_next(reader, &row) == CSV_ROW;
	for (; more; more = csv_next(reader, &row) == CSV_ROW) {
		struct registration_line line;
		const struct json *one;
		registration_read(cli->arena, &form, row, &line);
		if (line.error.code != ERR_NONE) {
			*e = line.error;
			return error_wrap(e, "line %zu", line.line);
		}
		if (!send_one(cli, &line, policy_id, &one, e))
			return error_wrap(e, "line %zu", line.line);
		made->items = arena_more(
			cli->arena, made->items, made->count, &room, sizeof *made->items);
		made->items[made->count++] = one;
	}
	return true;
}

bool
preparation_associate(struct cli *cli, struct error *e)
{
	const char *policy = cli_option(cli, "policy"), *policy_id = NULL;
	const struct json *found;
	struct json_list made = {0};
	struct slice text;

	if (policy) {
		if (!resource_find(cli, &resource_preparation, policy, &found, e))
			return false;
		policy_id = json_str(found, "id");
	}
	return input_read(cli->arena, cli->operands[0], FILE_MAX, &text, e) &&
		send_file(cli, text, policy_id, &made, e) &&
		(cli->plan || output_list(cli, resource_association.columns, &made, e));
}
