// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "codec/xml.h"

struct xmlw
xmlw_on(struct buf *out)
{
	return (struct xmlw){.out = out};
}

// Char of XML 1.0 section 2.2.
static bool
is_xml_char(uint32_t cp)
{
	return cp >= 0x20 ? cp != 0xfffe && cp != 0xffff : cp == '\t' || cp == '\n' || cp == '\r';
}

// What stands for a character, or NULL when it stands for itself. Line breaks and tabs in
// attributes and carriage returns anywhere would be changed by the reader, so they are written by
// number.
static const char *
reference(uint32_t cp, bool in_attribute)
{
	switch (cp) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#13;";
	case '"':
		return in_attribute ? "&quot;" : NULL;
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	default:
		return is_xml_char(cp) ? NULL : "\xef\xbf\xbd";
	}
}

static void
put_escaped(struct buf *out, const char *value, bool in_attribute)
{
	struct slice text = slice_str(value);
	size_t done = 0, pos = 0;

	while (pos < text.len) {
		size_t at = pos;
		uint32_t cp = 0;
		if (!utf8_next(text, &pos, &cp))
			pos++;
		const char *instead = reference(cp, in_attribute);
		if (!instead)
			continue;
		buf_put(out, text.data + done, at - done);
		buf_puts(out, instead);
		done = pos;
	}
	buf_put(out, text.data + done, text.len - done);
}

static void
end_start_tag(struct xmlw *w)
{
	if (w->in_tag)
		buf_putc(w->out, '>');
	w->in_tag = false;
}

void
xmlw_open(struct xmlw *w, const char *name)
{
	end_start_tag(w);
	if (w->depth == XMLW_DEPTH) {
		w->out->overflow = true; // buf_ok() reports it
		return;
	}
	w->open[w->depth++] = name;
	buf_putc(w->out, '<');
	buf_puts(w->out, name);
	w->in_tag = true;
}

void
xmlw_attr(struct xmlw *w, const char *name, const char *value)
{
	if (!value || !w->in_tag)
		return;
	buf_putc(w->out, ' ');
	buf_puts(w->out, name);
	buf_puts(w->out, "=\"");
	put_escaped(w->out, value, true);
	buf_putc(w->out, '"');
}

void
xmlw_text(struct xmlw *w, const char *text)
{
	if (str_empty(text))
		return;
	end_start_tag(w);
	put_escaped(w->out, text, false);
}

void
xmlw_close(struct xmlw *w)
{
	if (!w->depth)
		return;
	const char *name = w->open[--w->depth];
	if (w->in_tag) {
		buf_puts(w->out, "/>");
	} else {
		buf_puts(w->out, "</");
		buf_puts(w->out, name);
		buf_putc(w->out, '>');
	}
	w->in_tag = false;
}

void
xmlw_leaf(struct xmlw *w, const char *name, const char *text)
{
	if (!text)
		return;
	xmlw_open(w, name);
	xmlw_text(w, text);
	xmlw_close(w);
}
