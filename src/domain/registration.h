// SPDX-License-Identifier: Apache-2.0
// What a line of a registration file means and why it cannot be used, which serial numbers are
// none, and whether two hashes are of one device (behaviour R1-R11, R30-R32).
#pragma once

#include "codec/csv.h"
#include "wire/hwhash/hwhash.h"

enum registration_column {
	REGISTRATION_SERIAL,
	REGISTRATION_PRODUCT_ID,
	REGISTRATION_HASH,
	REGISTRATION_TAG,
	REGISTRATION_USER,
	REGISTRATION_MANUFACTURER,
	REGISTRATION_MODEL,
	REGISTRATION_ORDER,
	REGISTRATION_COLUMNS
};

enum {
	REGISTRATION_CELL_MAX = 512,
	REGISTRATION_STRICT_ROWS = 500,
	REGISTRATION_PART_ROWS = 20000, // of a file that is imported in parts
};

// Which column is which.
struct registration_form {
	bool strict;
	bool first_is_data;		   // the file has no header: its first line is a device
	int columns[REGISTRATION_COLUMNS]; // field of each, -1: absent
};

// One line. Texts are never NULL; memory of the arena, or of the row.
struct registration_line {
	size_t line;
	const char *serial, *manufacturer, *model, *sku_number, *system_family;
	const char *product_key, *group_tag, *user, *purchase_order;
	const char *ek_id;  // hexadecimal SHA-256 of the EK modulus, or NULL
	struct slice hash;  // decoded, without the zeros at its end
	bool placeholder;   // the serial number identifies nothing
	struct error error; // ERR_NONE: can be registered; else with a named cause
};

// Find the columns in the first line of a file. Strict: Intune's header, letter by letter (R1), the
// last two columns may be missing. Otherwise in any order and case, with the names that older and
// partners' files use (clients-and-conventions.md section 2.4), and a first line that holds a hash
// is data. ERR_INVALID with fault "import_header_unknown".
bool registration_header(const struct csv_row *row, bool strict, struct registration_form *out,
	struct error *e) MUST_CHECK;

// Read a row. Never fails: what is wrong with the line is in out->error.
void registration_read(struct arena *arena, const struct registration_form *form,
	const struct csv_row *row, struct registration_line *out);

// The same for a hash that comes alone (`text`: base64), with the serial number that was said
// beside it ("" when none).
bool registration_decode(struct arena *arena, struct slice text, const char *serial,
	struct registration_line *out, struct error *e) MUST_CHECK;

// A serial number that makers leave in when they forget to write one: identifies nothing.
bool registration_placeholder(const char *serial);

// As a serial number is compared: upper case; one that identifies nothing is told apart by the TPM.
const char *registration_key(struct arena *arena, const char *serial, const char *ek_id);

// How two hashes relate (R10, R31).
enum registration_match {
	MATCH_OTHER, // another device
	MATCH_SAME,  // the same; disks, memory and network adapters may have changed
	MATCH_MOVED, // the TPM is the registered one, but the board says it is another device
	MATCH_BOARD, // maker and serial number or UUID agree, the TPM does not: TPM or board
		     // replaced
};

struct registration_verdict {
	enum registration_match match;
	int score;	     // 0 to 100: how much of what identifies a device agrees
	const char *changed; // in words, of the arena; "" when nothing did
};

struct registration_verdict registration_compare(
	struct arena *arena, const struct hwhash *known, const struct hwhash *seen);

// Graph's name of an import error ("ZtdDeviceAlreadyAssigned") and its number, of a named cause.
const char *registration_graph_error(const char *fault, int64_t *code);
