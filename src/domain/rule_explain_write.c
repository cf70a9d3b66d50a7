// SPDX-License-Identifier: Apache-2.0
// The tree of an evaluation as JSON and as lines for a terminal.
#include "domain/rule_explain.h"

const char *
rule_truth_name(enum rule_truth truth)
{
	static const char *const names[] = {
		[RULE_FALSE] = "false", [RULE_TRUE] = "true", [RULE_UNKNOWN] = "unknown"};

	return names[truth];
}

static const char *
result(const struct rule_trace *t)
{
	return t->failure ? "error" : rule_truth_name(t->truth);
}

void
rule_explain_json(struct jsonw *w, const char *name, const struct rule_trace *t)
{
	jsonw_object(w, name);
	jsonw_str(w, "expression", t->source);
	jsonw_int(w, "column", (int64_t)t->column);
	jsonw_str(w, "result", result(t));
	if (t->failure)
		jsonw_str(w, "error", t->failure);
	if (t->saw)
		jsonw_str(w, "saw", t->saw);
	if (t->needless)
		jsonw_bool(w, "needless", true);
	if (t->omitted)
		jsonw_int(w, "omitted", (int64_t)t->omitted);
	if (t->first) {
		jsonw_array(w, "children");
		for (const struct rule_trace *c = t->first; c; c = c->next)
			rule_explain_json(w, NULL, c);
		jsonw_end_array(w);
	}
	jsonw_end_object(w);
}

// Without line breaks and without what a terminal would obey, C1 controls (C2 80 to C2 9F)
// included.
static void
put_plain(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		uint8_t byte = (uint8_t)*p, next = (uint8_t)p[1];
		if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
			buf_putc(out, '?');
			p++;
		} else if (byte == '\n' || byte == '\t' || byte == '\r') {
			buf_putc(out, ' ');
		} else {
			buf_putc(out, byte < 0x20 || byte == 0x7f ? '?' : *p);
		}
	}
}

static void
put_lines(struct buf *out, const struct rule_trace *t, int depth)
{
	buf_printf(out, "%*s%-7s  ", 2 * depth, "", result(t));
	put_plain(out, t->source);
	if (t->saw) {
		buf_puts(out, "  # ");
		put_plain(out, t->saw);
	}
	if (t->failure)
		buf_printf(out, "  # %s", t->failure);
	buf_puts(out, t->needless ? "  # decided before\n" : "\n");
	for (const struct rule_trace *c = t->first; c; c = c->next)
		put_lines(out, c, depth + 1);
	if (t->omitted)
		buf_printf(out, "%*s... %zu more values\n", 2 * depth + 2, "", t->omitted);
}

void
rule_explain_text(struct buf *out, const struct rule_trace *trace)
{
	put_lines(out, trace, 0);
}
