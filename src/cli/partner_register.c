// SPDX-License-Identifier: Apache-2.0
// A partner registers a customer's devices without their hashes (behaviour R7, R11): by
// manufacturer, model and serial number, or by the product key id.
#include "base/str.h"
#include "cli/input.h"
#include "cli/output.h"
#include "codec/csv.h"

enum { FILE_MAX = 16 << 20, CELL_MAX = 1024, BODY_MAX = 1 << 20, PART = 500 };

struct box {
	const char *manufacturer, *model, *serial, *product_key;
};

struct boxes {
	struct box *items;
	size_t count, room;
};

static void
add(struct cli *cli, struct boxes *boxes, const struct box *box)
{
	boxes->items = arena_more(
		cli->arena, boxes->items, boxes->count, &boxes->room, sizeof *boxes->items);
	boxes->items[boxes->count++] = *box;
}

// "manufacturer,model,serial number", or the product key id alone; no header.
static bool
read_row(struct cli *cli, const struct csv_row *row, struct boxes *out, struct error *e)
{
	if (row->error.code) {
		*e = row->error;
		return error_wrap(e, "line %zu", row->line);
	}
	if (row->count != 1 && row->count != 3)
		return error_set(e, ERR_INVALID,
			"line %zu: manufacturer, model and serial number, or a product key id",
			row->line);
	const char *first = arena_strdup(cli->arena, row->fields[0]);
	struct box box = {.product_key = first};
	if (row->count == 3)
		box = (struct box){.manufacturer = first,
			.model = arena_strdup(cli->arena, row->fields[1]),
			.serial = arena_strdup(cli->arena, row->fields[2])};
	add(cli, out, &box);
	return true;
}

static bool
read_file(struct cli *cli, const char *file, struct boxes *out, struct error *e)
{
	const struct csv_options options = {.max_field = CELL_MAX};
	struct csv_reader *reader = arena_new(cli->arena, struct csv_reader);
	const struct csv_row *row;
	struct slice bytes;

	if (!input_read(cli->arena, file, FILE_MAX, &bytes, e))
		return false;
	csv_init(reader, cli->arena, &options);
	csv_feed(reader, bytes);
	csv_finish(reader);
	while (csv_next(reader, &row) == CSV_ROW)
		if (!read_row(cli, row, out, e))
			return error_wrap(e, "%s", file);
	return out->count || error_set(e, ERR_INVALID, "%s names no device", file);
}

static bool
read_boxes(struct cli *cli, struct boxes *out, struct error *e)
{
	struct box one = {.serial = cli_option(cli, "serial"),
		.manufacturer = cli_option(cli, "manufacturer"),
		.model = cli_option(cli, "model"),
		.product_key = cli_option(cli, "product-key")};

	if (cli->operand_count == 2)
		return read_file(cli, cli->operands[1], out, e);
	if (!one.product_key && (!one.serial || !one.manufacturer || !one.model))
		return error_set(e, ERR_INVALID,
			"name a file, or --serial, --manufacturer and --model, or --product-key");
	add(cli, out, &one);
	return true;
}

static void
put(struct jsonw *w, const char *name, const char *value)
{
	if (!str_empty(value))
		jsonw_str(w, name, value);
}

static bool
send_part(struct cli *cli, const struct box *boxes, size_t count, const struct json **out,
	struct error *e)
{
	struct buf body;

	buf_init(&body, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "tenant", cli->operands[0]);
	jsonw_array(&w, "devices");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		put(&w, "serialNumber", boxes[i].serial);
		put(&w, "manufacturer", boxes[i].manufacturer);
		put(&w, "model", boxes[i].model);
		put(&w, "productKey", boxes[i].product_key);
		put(&w, "groupTag", cli_option(cli, "group-tag"));
		put(&w, "purchaseOrderIdentifier", cli_option(cli, "purchase-order"));
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", "/ferry/v1/partner/registrations", buf_text(&body), out, e);
}

static void
take(struct cli *cli, const struct json *answer, struct json_list *list, size_t *room)
{
	const struct json *value = json_get(answer, "value");

	for (const struct json *v = value ? value->first : NULL; v; v = v->next) {
		list->items =
			arena_more(cli->arena, list->items, list->count, room, sizeof *list->items);
		list->items[list->count++] = v;
		if (!str_eq(json_str(v, "deviceImportStatus"), "complete"))
			cli->exit_code = 1;
	}
}

// Each device for itself: the list says what became of which, and the command ends with 1 when one
// was refused.
bool
partner_register(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Serial", "serialNumber"},
		{"Registration", "deviceRegistrationId"}, {"Status", "deviceImportStatus"},
		{"Error", "deviceErrorName"}, {"Fix", "fix"}, {0}};
	struct json_list list = {0};
	struct boxes boxes = {0};
	const struct json *answer;
	size_t room = 0;

	if (!read_boxes(cli, &boxes, e))
		return false;
	for (size_t i = 0; i < boxes.count; i += PART) {
		size_t count = boxes.count - i < PART ? boxes.count - i : PART;
		if (!send_part(cli, &boxes.items[i], count, &answer, e))
			return false;
		if (!cli->plan)
			take(cli, answer, &list, &room);
	}
	return cli->plan || output_list(cli, columns, &list, e);
}
