// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/registration.h"

enum { MODULUS = 256 };

static struct arena arena;

static struct hwhash
board(const char *serial, uint8_t tpm)
{
	static uint8_t modulus[256][MODULUS];
	struct hwhash hash = {.serial = serial,
		.manufacturer = "Contoso",
		.product = "Wing 7",
		.board_product = "0X1Y2Z",
		.nics = {{.medium = 14, .mac = {2, 0, 0, 0, 0, 1}}},
		.nic_count = 1,
		.disk_serials = {"DISK-1"},
		.disk_serial_count = 1};

	memset(modulus[tpm], tpm, MODULUS);
	if (tpm)
		hash.ek_modulus = slice_of(modulus[tpm], MODULUS);
	memcpy(hash.uuid, "11111111-2222-3333-4444-555555555555", UUID_TEXT);
	return hash;
}

static const char *
text_of(struct hwhash hash)
{
	const char *text;
	struct error e;

	if (!hwhash_to_text(&arena, &hash, &text, &e))
		fail_msg("%s", e.message);
	return text;
}

// As a device is seen again: through the text that it exports.
static struct hwhash
seen(struct hwhash hash)
{
	struct hwhash out = {0};
	struct slice bytes;
	struct error e;

	if (!hwhash_from_text(&arena, slice_str(text_of(hash)), &bytes, &e) ||
		!hwhash_decode(&arena, bytes, &out, &e))
		fail_msg("%s", e.message);
	return out;
}

static bool
header(const char *line, bool strict, struct registration_form *form, struct error *e)
{
	struct csv_options options = {.strict = strict};
	struct csv_reader *reader = arena_new(&arena, struct csv_reader);
	const struct csv_row *row;

	csv_init(reader, &arena, &options);
	csv_feed(reader, slice_str(line));
	csv_finish(reader);
	assert_int_equal(csv_next(reader, &row), CSV_ROW);
	return registration_header(row, strict, form, e);
}

// The fault of a line below a header; NULL: it is good.
static const char *
judge(const char *head, bool strict, const char *line, struct registration_line *out)
{
	struct csv_options options = {.strict = strict};
	struct csv_reader *reader = arena_new(&arena, struct csv_reader);
	struct registration_form form;
	const struct csv_row *row;
	struct error e;

	if (!header(head, strict, &form, &e))
		fail_msg("%s", e.message);
	csv_init(reader, &arena, &options);
	csv_feed(reader, slice_str(line));
	csv_finish(reader);
	assert_int_equal(csv_next(reader, &row), CSV_ROW);
	registration_read(&arena, &form, row, out);
	return out->error.code ? out->error.fault : NULL;
}

#define INTUNE "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User"

static void
a_strict_header_is_intunes_letter_by_letter(void **state)
{
	static const char *const bad[] = {"Device Serial Number,Windows Product ID",
		"Device serial number,Windows Product ID,Hardware Hash",
		"Windows Product ID,Device Serial Number,Hardware Hash", INTUNE ",Notes",
		" Device Serial Number,Windows Product ID,Hardware Hash",
		"Device Serial Number,Windows Product ID,Hardware Hash,OrderID", "a"};
	struct registration_form form;
	struct error e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (header(bad[i], true, &form, &e))
			fail_msg("taken: %s", bad[i]);
		assert_string_equal(e.fault, "import_header_unknown");
	}
	assert_true(header(INTUNE, true, &form, &e));
	assert_true(
		header("Device Serial Number,Windows Product ID,Hardware Hash", true, &form, &e));
}

static void
a_tolerant_header_needs_the_hash_and_knows_old_names(void **state)
{
	struct registration_form form;
	struct error e;

	(void)state;
	assert_false(header("Device Serial Number,Group Tag", false, &form, &e));
	assert_false(header("x", false, &form, &e));
	assert_true(header(
		"Assigned User, hardware hash ,OrderID,PurchaseOrderId,x", false, &form, &e));
	assert_int_equal(form.columns[REGISTRATION_HASH], 1);
	assert_int_equal(form.columns[REGISTRATION_TAG], 2);
	assert_int_equal(form.columns[REGISTRATION_USER], 0);
	assert_int_equal(form.columns[REGISTRATION_ORDER], 3);
	assert_int_equal(form.columns[REGISTRATION_SERIAL], -1);
	// A second column of the same name does not replace the first.
	assert_true(header("Hash,Hardware Hash", false, &form, &e));
	assert_int_equal(form.columns[REGISTRATION_HASH], 0);
	const char *data = arena_printf(&arena, "CN-1,,%s,tag,", text_of(board("CN-1", 1)));
	assert_true(header(data, false, &form, &e) && form.first_is_data);
	assert_int_equal(form.columns[REGISTRATION_TAG], 3);
}

static void
bad_lines_have_a_named_cause(void **state)
{
	const char *good = text_of(board("CN-1", 1));
	struct registration_line line;
	const struct {
		const char *line, *fault;
	} rows[] = {
		{"CN-1,,,,", "ztd_hash_invalid"},
		{"CN-1,,AAAA,,", "ztd_hash_invalid"},
		{arena_printf(&arena, "CN-2,,%s,,", good), "ztd_hash_invalid"},
		{arena_printf(&arena, "CN-1,,%.300s,,", good), "ztd_hash_invalid"},
		{arena_printf(&arena, "CN-1,,%s,,nobody", good), "import_cell_invalid"},
		{arena_printf(&arena, "CN-1,,%s,a\x01z,", good), "import_cell_invalid"},
		{arena_printf(&arena, "CN-1,,%s,%0600d,", good, 0), "import_cell_invalid"},
		{arena_printf(&arena, "CN-1,,%s,\"tag,", good), "import_line_malformed"},
		{arena_printf(&arena, "Default string,,%s,,", text_of(board("Default string", 0))),
			"import_serial_placeholder"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!str_eq(judge(INTUNE, false, rows[i].line, &line), rows[i].fault))
			fail_msg("row %zu: %s", i, line.error.message);
	assert_string_equal(judge(INTUNE, true, arena_printf(&arena, ",,%s,,", good), &line),
		"import_cell_invalid"); // R2
	const char *maker = arena_printf(&arena, "%s,Fabrikam", good);
	assert_string_equal(
		judge("Hardware Hash,Manufacturer name", false, maker, &line), "ztd_hash_invalid");
}

static void
what_the_hash_says_wins_over_the_columns(void **state)
{
	struct registration_line line;
	const char *text = arena_printf(
		&arena, " cn-1 ,PKID,%s , tag ,ada@contoso.example", text_of(board("CN-1", 1)));

	(void)state;
	assert_null(judge(INTUNE, false, text, &line));
	assert_string_equal(line.serial, "CN-1");
	assert_string_equal(line.manufacturer, "Contoso");
	assert_string_equal(line.model, "Wing 7");
	assert_string_equal(line.product_key, "PKID");
	assert_string_equal(line.group_tag, "tag");
	assert_string_equal(line.user, "ada@contoso.example");
	assert_int_equal(strlen(line.ek_id), 64);
	assert_true(line.hash.len < HWHASH_BYTES && !line.placeholder);
}

static void
serial_numbers_that_identify_nothing_are_known(void **state)
{
	static const char *const none[] = {"", " ", "To be filled by O.E.M.",
		"TO BE FILLED BY O.E.M.", "Default string", "System Serial Number", "None", "N/A",
		"Not Specified", "0", "00000000", "FFFFFFFF", "xxxxxx", "0123456789", "----"};
	static const char *const real[] = {"0001", "5CG1234XYZ", "PF0N1234", "1000000", "NONE1"};

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (!registration_placeholder(none[i]))
			fail_msg("\"%s\"", none[i]);
	for (size_t i = 0; i < sizeof real / sizeof *real; i++)
		if (registration_placeholder(real[i]))
			fail_msg("\"%s\"", real[i]);
	assert_string_equal(registration_key(&arena, "pf0n", "0011223344556677"), "PF0N");
	assert_string_equal(
		registration_key(&arena, "None", "00112233445566778899"), "NONE/0011223344556677");
	assert_string_equal(registration_key(&arena, "None", NULL), "NONE");
}

struct change {
	struct hwhash seen;
	enum registration_match match;
	int least, most;
};

// R10, R30, R31.
static void
matching_forgives_disks_and_cards_but_no_board_or_tpm(void **state)
{
	struct hwhash known = seen(board("CN-1", 1)), disk = board("CN-1", 1),
		      card = board("CN-1", 1), moved = board("CN-9", 1), bare = board("CN-1", 0),
		      stranger = board("CN-9", 2);
	struct change rows[] = {{board("CN-1", 1), MATCH_SAME, 100, 100},
		{disk, MATCH_SAME, 98, 98}, {card, MATCH_SAME, 92, 92},
		{board("CN-1", 2), MATCH_BOARD, 30, 55}, {moved, MATCH_MOVED, 45, 60},
		{bare, MATCH_SAME, 30, 55}, {stranger, MATCH_OTHER, 0, 0}};

	(void)state;
	rows[1].seen.disk_serials[0] = "DISK-2";
	rows[2].seen.nics[0].mac[5] = 9;
	memcpy(rows[4].seen.uuid, "99999999-2222-3333-4444-555555555555", UUID_TEXT);
	rows[6].seen.board_product = "OTHER";
	rows[6].seen.disk_serials[0] = "DISK-2";
	rows[6].seen.nics[0].mac[5] = 9;
	memcpy(rows[6].seen.uuid, "99999999-2222-3333-4444-555555555555", UUID_TEXT);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct hwhash now = seen(rows[i].seen);
		struct registration_verdict v = registration_compare(&arena, &known, &now);
		if (v.match != rows[i].match || v.score < rows[i].least || v.score > rows[i].most)
			fail_msg("row %zu: match %d, score %d, changed %s", i, v.match, v.score,
				v.changed);
	}
	struct hwhash one = seen(board("Default string", 1)),
		      two = seen(board("Default string", 2));
	one.uuid[0] = two.uuid[0] = '\0';
	assert_int_equal(registration_compare(&arena, &one, &two).match, MATCH_OTHER);
}

static void
graph_has_names_and_numbers_for_import_errors(void **state)
{
	int64_t code;

	(void)state;
	assert_string_equal(registration_graph_error(NULL, &code), "");
	assert_string_equal(registration_graph_error("ztd_already_assigned", &code),
		"ZtdDeviceAlreadyAssigned");
	assert_int_equal(code, 806);
	assert_string_equal(registration_graph_error("ztd_assigned_to_other_tenant", &code),
		"ZtdDeviceAssignedToOtherTenant");
	assert_int_equal(code, 808);
	assert_string_equal(
		registration_graph_error("ztd_hash_invalid", &code), "InvalidZtdHardwareHash");
	assert_string_equal(registration_graph_error("disk_full", &code), "StorageError"); // R25
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_strict_header_is_intunes_letter_by_letter),
		cmocka_unit_test(a_tolerant_header_needs_the_hash_and_knows_old_names),
		cmocka_unit_test(bad_lines_have_a_named_cause),
		cmocka_unit_test(what_the_hash_says_wins_over_the_columns),
		cmocka_unit_test(serial_numbers_that_identify_nothing_are_known),
		cmocka_unit_test(matching_forgives_disks_and_cards_but_no_board_or_tpm),
		cmocka_unit_test(graph_has_names_and_numbers_for_import_errors),
	};

	arena_init(&arena, ARENA_REQUEST);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
