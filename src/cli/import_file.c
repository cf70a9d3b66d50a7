// SPDX-License-Identifier: Apache-2.0
#include "cli/import_file.h"

#include "base/str.h"
#include "codec/base64.h"
#include "wire/hwhash/hwhash.h"

// Names that real files have (behaviour R1, the partner's form, and the old name of the group tag).
static const struct {
	const char *name;
	enum import_column column;
	bool intune; // in the file that Intune takes
} headers[] = {
	{"Device Serial Number", IMPORT_SERIAL, true},
	{"Windows Product ID", IMPORT_PRODUCT_ID, true},
	{"Hardware Hash", IMPORT_HASH, true},
	{"Group Tag", IMPORT_TAG, true},
	{"Assigned User", IMPORT_USER, true},
	{"OrderID", IMPORT_TAG, false},
	{"Order ID", IMPORT_TAG, false},
	{"Manufacturer name", IMPORT_MANUFACTURER, false},
	{"Device model", IMPORT_MODEL, false},
};
enum { HEADERS = sizeof headers / sizeof *headers, CELL_MAX = 512 };

bool
import_open(
	struct arena *arena, const char *path, bool strict, struct import_file *f, struct error *e)
{
	struct csv_options options = {.strict = strict};

	f->file = fopen(path, "re");
	if (!f->file)
		return error_errno(e, "%s", path);
	f->path = path;
	f->strict = strict;
	f->header_read = false;
	csv_init(&f->reader, arena, &options);
	return true;
}

void
import_close(struct import_file *f)
{
	if (f->file)
		fclose(f->file);
	f->file = NULL;
}

static bool
next_row(struct import_file *f, const struct csv_row **row, bool *more, struct error *e)
{
	for (;;) {
		enum csv_result result = csv_next(&f->reader, row);
		*more = result == CSV_ROW;
		if (result != CSV_MORE)
			return true;
		size_t got = fread(f->chunk, 1, sizeof f->chunk, f->file);
		if (got)
			csv_feed(&f->reader, slice_of(f->chunk, got));
		else if (ferror(f->file))
			return error_errno(e, "%s", f->path);
		else
			csv_finish(&f->reader);
	}
}

// Without the blanks that hands and spreadsheets leave around.
static char *
trimmed(struct arena *arena, const char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t", text[len - 1]))
		len--;
	return arena_strndup(arena, text, len);
}

static bool
read_header(struct arena *arena, struct import_file *f, const struct csv_row *row, struct error *e)
{
	for (size_t c = 0; c < IMPORT_COLUMNS; c++)
		f->columns[c] = -1;
	for (size_t i = 0; i < row->count; i++) {
		const char *name = row->fields[i];
		for (size_t h = 0; h < HEADERS; h++)
			if (f->strict ? headers[h].intune && str_eq(name, headers[h].name)
				      : str_ieq(trimmed(arena, name), headers[h].name))
				f->columns[headers[h].column] = (int)i;
	}
	if (f->columns[IMPORT_HASH] < 0 || (f->strict && f->columns[IMPORT_SERIAL] < 0)) {
		error_set(e, ERR_INVALID, "%s:%zu: the first line is no header with \"%s\"",
			f->path, row->line,
			f->columns[IMPORT_HASH] < 0 ? "Hardware Hash" : "Device Serial Number");
		return error_hint(e,
			"begin the file with: Device Serial Number,Windows Product ID,Hardware "
			"Hash,"
			"Group Tag,Assigned User");
	}
	f->header_read = true;
	return true;
}

static const char *
field(struct arena *arena, const struct import_file *f, const struct csv_row *row,
	enum import_column column)
{
	if (f->columns[column] < 0)
		return "";
	return trimmed(arena, csv_field(row, (size_t)f->columns[column]));
}

static bool
differs(const char *cell, const char *in_hash)
{
	return !str_empty(cell) && !str_ieq(cell, in_hash);
}

// What the service checks too, but here with the line's number, and before anything is sent.
static bool
check_hash(struct arena *arena, const struct import_file *f, const struct csv_row *row,
	struct import_entry *entry, struct error *e)
{
	const char *text = field(arena, f, row, IMPORT_HASH);
	struct hwhash hash;
	struct slice bytes;
	struct error why;

	if (str_empty(text))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid", "there is no hardware hash");
	if (!hwhash_from_text(arena, slice_str(text), &bytes, &why) ||
		!hwhash_decode(arena, bytes, &hash, &why))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid", "%s", why.message);
	if (str_empty(hash.serial) || str_empty(hash.manufacturer))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"the hardware hash names no manufacturer or serial number");
	if (differs(entry->serial, hash.serial))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"the hash is of serial number %.40s, the column says %.40s", hash.serial,
			entry->serial);
	if (differs(field(arena, f, row, IMPORT_MANUFACTURER), hash.manufacturer))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"the hash is of a device by %.60s, the column says another maker",
			hash.manufacturer);
	entry->serial = hash.serial;
	entry->hash = base64_encode(arena, bytes);
	return true;
}

static bool
check_cells(const struct import_entry *entry, struct error *e)
{
	if (strlen(entry->product_id) > CELL_MAX || strlen(entry->tag) > CELL_MAX ||
		strlen(entry->user) > CELL_MAX)
		return error_set(e, ERR_LIMIT, "a cell has more than %d bytes", CELL_MAX);
	return true;
}

bool
import_next(struct arena *arena, struct import_file *f, struct import_entry *entry, bool *more,
	struct error *e)
{
	const struct csv_row *row;

	if (!next_row(f, &row, more, e))
		return false;
	if (*more && !f->header_read) {
		if (row->error.code) {
			*e = row->error;
			return error_wrap(e, "%s", f->path);
		}
		if (!read_header(arena, f, row, e) || !next_row(f, &row, more, e))
			return false;
	}
	if (!*more)
		return f->header_read ||
			error_set(e, ERR_INVALID, "%s: the file is empty", f->path);
	*entry = (struct import_entry){.line = row->line, .serial = ""};
	entry->serial = field(arena, f, row, IMPORT_SERIAL);
	entry->product_id = field(arena, f, row, IMPORT_PRODUCT_ID);
	entry->tag = field(arena, f, row, IMPORT_TAG);
	entry->user = field(arena, f, row, IMPORT_USER);
	entry->error = row->error;
	if (row->error.code || !check_cells(entry, &entry->error) ||
		!check_hash(arena, f, row, entry, &entry->error))
		entry->hash = NULL;
	return true;
}
