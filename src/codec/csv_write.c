// SPDX-License-Identifier: Apache-2.0
#include "codec/csv.h"

static bool
needs_quotes(const char *text, size_t len)
{
	return len && (strpbrk(text, ",\"\r\n") || *text == ' ' || text[len - 1] == ' ');
}

void
csvw_field(struct csvw *w, const char *text)
{
	size_t len = text ? strlen(text) : 0;
	bool guard = w->guard_formulas && len && strchr("=+-@\t\r", *text);
	bool quote = needs_quotes(text, len);

	if (w->begun)
		buf_putc(w->out, ',');
	w->begun = true;
	if (quote)
		buf_putc(w->out, '"');
	if (guard)
		buf_putc(w->out, '\'');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			buf_putc(w->out, '"');
		buf_putc(w->out, text[i]);
	}
	if (quote)
		buf_putc(w->out, '"');
}

void
csvw_end_row(struct csvw *w)
{
	buf_puts(w->out, "\r\n");
	w->begun = false;
}
