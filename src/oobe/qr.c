// SPDX-License-Identifier: Apache-2.0
#include "oobe/qr.h"

#include "base/str.h"
#include <qrencode.h>

CLEANUP_FN(QRcode *, QRcode_free, qrcode_free_p)

// Modules outside of the symbol are the quiet zone: light.
static bool
is_dark(const QRcode *code, int row, int column)
{
	if (row < 0 || column < 0 || row >= code->width || column >= code->width)
		return false;
	return code->data[row * code->width + column] & 1;
}

static const char *
line_of(struct arena *arena, const QRcode *code, int row, int quiet)
{
	size_t columns = (size_t)(code->width + 2 * quiet);
	char *line = arena_alloc(arena, columns * 3 + 1), *at = line;

	for (int column = -quiet; column < code->width + quiet; column++) {
		bool top = is_dark(code, row, column), bottom = is_dark(code, row + 1, column);
		const char *cell = top ? (bottom ? " " : "▄") : (bottom ? "▀" : "█");
		size_t len = strlen(cell);
		memcpy(at, cell, len);
		at += len;
	}
	return line;
}

static QRcode *
encode(const char *payload, struct error *e)
{
	size_t len = strlen(payload);

	if (!len || len > QR_PAYLOAD_MAX) {
		error_set(e, ERR_LIMIT, "the address has %zu bytes, a QR code holds 1 to %d", len,
			QR_PAYLOAD_MAX);
		return NULL;
	}
	QRcode *code = QRcode_encodeString8bit(payload, 0, QR_ECLEVEL_L);
	if (!code)
		error_set(e, ERR_INTERNAL, "the QR code could not be made");
	return code;
}

bool
qr_square(struct arena *arena, const char *payload, struct qr_square *out, struct error *e)
{
	CLEANUP(qrcode_free_p)
	QRcode *code = encode(payload, e);

	if (!code)
		return false;
	size_t size = (size_t)code->width;
	char *dark = arena_alloc(arena, size * size + 1);
	for (size_t i = 0; i < size * size; i++)
		dark[i] = code->data[i] & 1 ? '1' : '0';
	*out = (struct qr_square){size, dark};
	return true;
}

bool
qr_make(struct arena *arena, const char *payload, unsigned quiet, struct qr *out, struct error *e)
{
	CLEANUP(qrcode_free_p)
	QRcode *code = encode(payload, e);

	if (!code)
		return false;
	size_t size = (size_t)code->width + 2 * (size_t)quiet;
	struct qr qr = {.columns = size, .rows = (size + 1) / 2};
	qr.lines = arena_array(arena, qr.rows, sizeof *qr.lines);
	for (size_t i = 0; i < qr.rows; i++)
		qr.lines[i] = line_of(arena, code, (int)(2 * i) - (int)quiet, (int)quiet);
	*out = qr;
	return true;
}

char *
qr_as_json(struct arena *arena, const char *payload)
{
	const char *id = strstr(payload, "/c/");

	if (!str_starts(payload, "https://") || !id)
		return NULL;
	id += 3;
	if (!*id || id[strspn(id, "0123456789abcdefABCDEF-")])
		return NULL;
	return arena_printf(arena, "{\"ZtdId\":\"%s\"}", id);
}
