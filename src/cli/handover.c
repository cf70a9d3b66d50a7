// SPDX-License-Identifier: Apache-2.0
// Devices that go from one organization to another, and partners who register for this one
// (behaviour R22, R24).
#include "base/str.h"
#include "cli/input.h"
#include "cli/resource.h"
#include "codec/base64.h"
#include "codec/csv.h"
#include "domain/registration.h"

enum { FILE_MAX = 64 << 20, CELL_MAX = 16 << 10, BODY_MAX = 32 << 10 };

#define TRANSFERS "/ferry/v1/transfers"
#define CONSENTS "/ferry/v1/consents"

static const struct column transfer_columns[] = {{"Id", "id"}, {"Serial", "serialNumber"},
	{"Direction", "direction"}, {"Organization", "organization"}, {"State", "state"},
	{"Asked by", "requestedBy"}, {"Decided by", "decidedBy"}, {"Created", "createdDateTime"},
	{0}};
static const struct column consent_columns[] = {{"Id", "id"}, {"Partner", "partner"},
	{"State", "state"}, {"Granted by", "grantedBy"}, {"Granted", "grantedDateTime"},
	{"Revoked by", "revokedBy"}, {"Revoked", "revokedDateTime"}, {0}};

const struct resource resource_consent = {.what = "consent to partner",
	.label = "CONSENT",
	.hint = "partner list",
	.path = CONSENTS,
	.name = "partner",
	.columns = consent_columns};

// --- a file of hashes ---

struct hashes {
	struct registration_line *lines;
	size_t count, room;
};

static bool
take_row(struct cli *cli, struct registration_form *form, const struct csv_row *row,
	struct hashes *out, struct error *e)
{
	struct registration_line line;

	registration_read(cli->arena, form, row, &line);
	if (line.error.code) {
		*e = line.error;
		return error_wrap(e, "line %zu", row->line);
	}
	if (!line.hash.len)
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"line %zu has no hardware hash", row->line);
	out->lines = arena_more(cli->arena, out->lines, out->count, &out->room, sizeof *out->lines);
	out->lines[out->count++] = line;
	return true;
}

static bool
read_hashes(struct cli *cli, struct slice bytes, struct hashes *out, struct error *e)
{
	const struct csv_options options = {.max_field = CELL_MAX};
	struct csv_reader *reader = arena_new(cli->arena, struct csv_reader);
	struct registration_form form;
	const struct csv_row *row;

	*out = (struct hashes){0};
	csv_init(reader, cli->arena, &options);
	csv_feed(reader, bytes);
	csv_finish(reader);
	if (csv_next(reader, &row) != CSV_ROW)
		return error_set(e, ERR_INVALID, "the file is empty");
	if (!registration_header(row, false, &form, e) ||
		(form.first_is_data && !take_row(cli, &form, row, out, e)))
		return false;
	while (csv_next(reader, &row) == CSV_ROW)
		if (!take_row(cli, &form, row, out, e))
			return false;
	return out->count || error_set(e, ERR_INVALID, "the file names no device");
}

// --- transfers ---

static bool
ask_for(struct cli *cli, const struct registration_line *line, struct error *e)
{
	const struct json *answer;
	struct buf body;

	buf_init(&body, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "serialNumber", line->serial);
	jsonw_str(&w, "hardwareHash", base64_encode(cli->arena, line->hash));
	jsonw_end_object(&w);
	return buf_ok(&body, e) && api_send(cli, "POST", TRANSFERS, buf_text(&body), &answer, e);
}

// One that cannot be asked for stops no other.
bool
transfer_request(struct cli *cli, struct error *e)
{
	const char *file = cli->operands[0];
	struct hashes hashes;
	struct slice bytes;
	struct error why, first = {0};
	size_t failed = 0;

	if (!input_read(cli->arena, file, FILE_MAX, &bytes, e) ||
		!read_hashes(cli, bytes, &hashes, e))
		return error_wrap(e, "%s", file);
	for (size_t i = 0; i < hashes.count; i++) {
		if (ask_for(cli, &hashes.lines[i], &why))
			continue;
		fprintf(stderr, "%s: %s\n", output_clean(cli->arena, hashes.lines[i].serial),
			output_error(cli->arena, &why));
		if (!failed++)
			first = why;
	}
	if (failed) {
		*e = first;
		return error_wrap(e, "%zu of %zu devices", failed, hashes.count);
	}
	if (!cli->plan)
		fprintf(stderr, "asked for %zu device%s\n", hashes.count,
			hashes.count == 1 ? "" : "s");
	return true;
}

bool
transfer_list(struct cli *cli, struct error *e)
{
	struct json_list list;

	return api_list(cli, TRANSFERS, &list, e) && output_list(cli, transfer_columns, &list, e);
}

static bool
find_transfer(struct cli *cli, const struct json **out, struct error *e)
{
	struct json_list list;

	if (!api_list(cli, TRANSFERS, &list, e))
		return false;
	for (size_t i = 0; i < list.count; i++)
		if (str_ieq(json_str(list.items[i], "id"), cli->operands[0]) &&
			str_eq(json_str(list.items[i], "direction"), "out")) {
			*out = list.items[i];
			return true;
		}
	return error_fault(e, ERR_NOT_FOUND, "transfer_unknown",
		"no organization has asked for this: %s", cli->operands[0]);
}

static bool
decide(struct cli *cli, const struct json *transfer, const char *action, struct error *e)
{
	return api_send(cli, "POST",
		arena_printf(cli->arena, TRANSFERS "/%s/%s",
			url_encode(cli->arena, json_str(transfer, "id")), action),
		NULL, NULL, e);
}

bool
transfer_approve(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *transfer;

	if (!find_transfer(cli, &transfer, e))
		return false;
	losses_add(losses, cli->arena, "its registration here, with all that goes with it");
	return confirm(cli,
		       arena_printf(cli->arena, "hand %s over to %s",
			       output_text(cli->arena, json_get(transfer, "serialNumber")),
			       output_text(cli->arena, json_get(transfer, "organization"))),
		       losses, e) &&
		decide(cli, transfer, "approve", e);
}

bool
transfer_refuse(struct cli *cli, struct error *e)
{
	const struct json *transfer;

	return find_transfer(cli, &transfer, e) && decide(cli, transfer, "refuse", e);
}

// --- partners ---

bool
partner_list(struct cli *cli, struct error *e)
{
	struct json_list list;

	return api_list(cli, CONSENTS, &list, e) && output_list(cli, consent_columns, &list, e);
}

bool
partner_offer(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Id", "id"}, {"Code", "code"}, {"Expires", "expiresDateTime"}, {0}};
	const struct json *answer;

	return api_send(cli, "POST", "/ferry/v1/partner/consents", NULL, &answer, e) &&
		output_object(cli, columns, answer, e);
}

bool
partner_grant(struct cli *cli, struct error *e)
{
	const struct json *answer;
	struct buf body;

	buf_init(&body, cli->arena, 4096);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "code", cli->operands[0]);
	jsonw_end_object(&w);
	return buf_ok(&body, e) && api_send(cli, "POST", CONSENTS, buf_text(&body), &answer, e) &&
		output_object(cli, consent_columns, answer, e);
}

// What the partner has registered stays.
bool
partner_revoke(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *consent;

	if (!resource_find(cli, &resource_consent, cli->operands[0], &consent, e))
		return false;
	losses_add(losses, cli->arena, "it can register no more devices; those that it has stay");
	return confirm(cli,
		       arena_printf(cli->arena, "revoke the consent to %s",
			       output_text(cli->arena, json_get(consent, "partner"))),
		       losses, e) &&
		api_send(cli, "DELETE", resource_address(cli, &resource_consent, consent, NULL),
			NULL, NULL, e);
}
