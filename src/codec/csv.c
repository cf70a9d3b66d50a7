// SPDX-License-Identifier: Apache-2.0
// Two machines in a row: bytes of any encoding to UTF-8 bytes, and UTF-8 bytes to rows.
#include "codec/csv.h"

#include "base/str.h"

enum { DEFAULT_FIELD = 64 << 10, NO_HIGH = 0, BAD_BYTE = 0xff };
enum encoding { UNKNOWN, UTF8, UTF16LE, UTF16BE };
enum state { FIELD_START, PLAIN, QUOTED, QUOTE_SEEN, BAD };

void
csv_feed(struct csv_reader *r, struct slice chunk)
{
	r->in = chunk;
	r->pos = 0;
}

void
csv_finish(struct csv_reader *r)
{
	r->finished = true;
}

// Decoding ------------------------------------------------------------------------------------

static void
queue(struct csv_reader *r, const void *bytes, size_t len)
{
	memcpy(r->pending + r->pending_len, bytes, len);
	r->pending_len += len;
}

// A surrogate without its partner, or half a unit: a byte that is not UTF-8 makes the row bad.
static void
queue_bad(struct csv_reader *r)
{
	uint8_t bad = BAD_BYTE;

	queue(r, &bad, 1);
}

static void
decode_unit(struct csv_reader *r, uint32_t unit)
{
	char out[4];

	if (unit >= 0xdc00 && unit <= 0xdfff && r->high) {
		uint32_t cp = 0x10000 + ((r->high - 0xd800) << 10) + (unit - 0xdc00);
		r->high = NO_HIGH;
		queue(r, out, utf8_encode(cp, out));
		return;
	}
	if (r->high)
		queue_bad(r);
	r->high = NO_HIGH;
	if (unit >= 0xd800 && unit <= 0xdbff)
		r->high = unit;
	else if (unit >= 0xdc00 && unit <= 0xdfff)
		queue_bad(r);
	else
		queue(r, out, utf8_encode(unit, out));
}

static void
decode_byte(struct csv_reader *r, uint8_t byte)
{
	if (r->encoding == UTF8) {
		queue(r, &byte, 1);
	} else if (!r->have_unit) {
		r->unit = byte;
		r->have_unit = true;
	} else {
		r->have_unit = false;
		decode_unit(r,
			r->encoding == UTF16LE ? (uint32_t)byte << 8 | r->unit
					       : (uint32_t)r->unit << 8 | byte);
	}
}

static void bad_row(struct csv_reader *r, enum error_code code, const char *what);

static void
choose_encoding(struct csv_reader *r, unsigned encoding, size_t bom)
{
	r->encoding = encoding;
	if (bom && r->options.strict)
		bad_row(r, ERR_INVALID, "the file is Unicode; save it as plain ANSI text");
	for (size_t i = bom; i < r->head_len; i++)
		decode_byte(r, r->head[i]);
	r->head_len = 0;
}

// Collect the first bytes until it is known whether they are a BOM.
static void
detect(struct csv_reader *r, bool end)
{
	const uint8_t *h = r->head;
	size_t n = r->head_len;

	if (n >= 2 && h[0] == 0xff && h[1] == 0xfe)
		choose_encoding(r, UTF16LE, 2);
	else if (n >= 2 && h[0] == 0xfe && h[1] == 0xff)
		choose_encoding(r, UTF16BE, 2);
	else if (n == 3 && memcmp(h, "\xef\xbb\xbf", 3) == 0)
		choose_encoding(r, UTF8, 3);
	else if (end || n == 3 || (h[0] != 0xef && h[0] != 0xff && h[0] != 0xfe))
		choose_encoding(r, UTF8, 0);
}

// The next UTF-8 byte; false when there is none yet.
static bool
next_byte(struct csv_reader *r, uint8_t *byte)
{
	while (r->pending_pos == r->pending_len) {
		r->pending_pos = r->pending_len = 0;
		if (r->pos < r->in.len) {
			uint8_t raw = r->in.data[r->pos++];
			if (r->encoding != UNKNOWN) {
				decode_byte(r, raw);
			} else {
				r->head[r->head_len++] = raw;
				detect(r, false);
			}
		} else if (r->finished && r->encoding == UNKNOWN && r->head_len) {
			detect(r, true);
		} else if (r->finished && (r->high || r->have_unit)) {
			r->high = NO_HIGH;
			r->have_unit = false;
			queue_bad(r);
		} else {
			return false;
		}
	}
	*byte = (uint8_t)r->pending[r->pending_pos++];
	return true;
}

// Rows ----------------------------------------------------------------------------------------

static void
bad_row(struct csv_reader *r, enum error_code code, const char *what)
{
	if (r->row->column)
		return;
	r->row->column = r->count + 1;
	error_set(&r->row->error, code, "line %zu, column %zu: %s", r->line, r->row->column, what);
	r->state = BAD;
}

static void
end_field(struct csv_reader *r)
{
	struct slice field =
		slice_of(r->text.data + r->starts[r->count], r->text.len - r->starts[r->count]);

	if (field.len && !utf8_valid(field)) {
		bad_row(r, ERR_INVALID,
			memchr(field.data, 0, field.len) ? "the text contains NUL"
							 : "the text is not UTF-8");
		return;
	}
	r->any_text = r->any_text || field.len;
	buf_putc(&r->text, '\0');
	r->count++;
	r->state = FIELD_START;
	if (r->count < CSV_COLUMNS)
		r->starts[r->count] = r->text.len;
}

static void
add_byte(struct csv_reader *r, uint8_t byte)
{
	if (r->count == CSV_COLUMNS)
		bad_row(r, ERR_LIMIT, "too many columns");
	else if (r->text.len - r->starts[r->count] >= r->options.max_field)
		bad_row(r, ERR_LIMIT, "the field is too long");
	else if (r->options.strict && (byte >= 0x80 || byte == '"'))
		bad_row(r, ERR_INVALID,
			byte == '"' ? "quotes are not allowed" : "the text is not plain ASCII");
	else
		buf_putc(&r->text, (char)byte);
}

// Take the ordinary bytes that lie ahead in one go: a hardware hash has four thousand of them. What
// means something, or is refused, is left to on_byte().
static void
take_run(struct csv_reader *r)
{
	size_t room = r->options.max_field - (r->text.len - r->starts[r->count]);
	size_t left = r->in.len - r->pos, len = 0;
	const uint8_t *at = r->in.data + r->pos;

	if (left > room)
		left = room;
	while (len < left && at[len] != ',' && at[len] != '"' && at[len] != '\n' &&
		at[len] != '\r' && at[len] < 0x80)
		len++;
	buf_put(&r->text, at, len);
	r->pos += len;
}

static void
on_separator(struct csv_reader *r)
{
	if (r->count == CSV_COLUMNS)
		bad_row(r, ERR_LIMIT, "too many columns");
	else
		end_field(r);
}

// One byte inside a row: never the line break that ends it.
static void
on_byte(struct csv_reader *r, uint8_t byte)
{
	switch (r->state) {
	case BAD:
		break;
	case QUOTED:
		if (byte == '"')
			r->state = QUOTE_SEEN;
		else
			add_byte(r, byte);
		break;
	case QUOTE_SEEN:
		if (byte == '"') {
			r->state = QUOTED;
			add_byte(r, byte);
		} else if (byte == ',') {
			on_separator(r);
		} else if (byte != ' ' && byte != '\t') {
			bad_row(r, ERR_INVALID, "text after a closing quote");
		}
		break;
	default:
		if (byte == ',') {
			on_separator(r);
		} else if (byte == '"' && r->state == FIELD_START && !r->options.strict &&
			r->count < CSV_COLUMNS) {
			r->state = QUOTED;
		} else {
			r->state = PLAIN;
			add_byte(r, byte);
		}
	}
}

static void
check_columns(struct csv_reader *r)
{
	if (!r->rows)
		r->header_columns = r->row->column ? CSV_COLUMNS : r->count;
	else if (r->options.strict && r->count > r->header_columns) {
		r->count = r->header_columns;
		bad_row(r, ERR_INVALID, "more columns than the header has");
	}
}

// The row is complete; true when there is something to deliver.
static bool
end_row(struct csv_reader *r)
{
	if (r->state == QUOTED)
		bad_row(r, ERR_INVALID, "the quote is not closed");
	if (r->state != BAD && r->count < CSV_COLUMNS)
		end_field(r);
	if (!r->any_text && !r->row->column)
		return false;
	check_columns(r);
	if (r->text.overflow)
		bad_row(r, ERR_LIMIT, "the row is too long");
	r->row->count = r->count;
	for (size_t i = 0; i < r->count; i++)
		r->row->fields[i] = r->text.data + r->starts[i];
	r->rows++;
	r->delivered = true;
	return true;
}

static void
begin_row(struct csv_reader *r)
{
	r->line += r->breaks;
	r->breaks = 0;
	r->text.len = 0;
	r->text.overflow = false;
	r->count = 0;
	r->starts[0] = 0;
	r->state = FIELD_START;
	r->any_text = false;
	r->delivered = false;
	*r->row = (struct csv_row){.line = r->line};
}

void
csv_init(struct csv_reader *r, struct arena *arena, const struct csv_options *options)
{
	*r = (struct csv_reader){.line = 1};
	if (options)
		r->options = *options;
	if (!r->options.max_field)
		r->options.max_field = DEFAULT_FIELD;
	r->row = arena_new(arena, struct csv_row);
	buf_init(&r->text, arena, CSV_COLUMNS * (r->options.max_field + 1));
	buf_putc(&r->text, '\0'); // so that the text has an address from the beginning
	begin_row(r);
}

// A line break byte: true when it ended a row that is to be delivered.
static bool
on_line_break(struct csv_reader *r, uint8_t byte)
{
	bool second = byte == '\n' && r->after_cr,
	     inside = r->state == QUOTED && r->options.line_breaks;

	r->after_cr = byte == '\r';
	if (inside)
		add_byte(r, byte);
	if (second)
		return false;
	r->breaks++;
	if (inside)
		return false;
	if (end_row(r))
		return true;
	begin_row(r);
	return false;
}

enum csv_result
csv_next(struct csv_reader *r, const struct csv_row **row)
{
	uint8_t byte;

	if (r->delivered)
		begin_row(r);
	*row = r->row;
	while (next_byte(r, &byte)) {
		if (byte == '\n' || byte == '\r') {
			if (on_line_break(r, byte))
				return CSV_ROW;
			continue;
		}
		r->after_cr = false;
		on_byte(r, byte);
		if (r->encoding == UTF8 && r->pending_pos == r->pending_len &&
			(r->state == PLAIN || r->state == QUOTED) && r->count < CSV_COLUMNS)
			take_run(r);
	}
	if (!r->finished)
		return CSV_MORE;
	if (!r->ended) {
		r->ended = true;
		if (end_row(r))
			return CSV_ROW;
	}
	return CSV_END;
}

const char *
csv_field(const struct csv_row *row, size_t i)
{
	return i < row->count ? row->fields[i] : "";
}
