// SPDX-License-Identifier: Apache-2.0
// XML text to a namespace-aware tree in an arena, without DTDs or entities and within limits; and
// back, on one line.
#pragma once

#include "base/buf.h"

struct xml_attr {
	const struct xml_attr *next;
	const char *ns;	  // namespace URI, "" when the attribute has no prefix
	const char *name; // local name
	const char *value;
};

struct xml {
	const char *ns;		 // namespace URI, "" when none
	const char *name;	 // local name
	const struct xml *next;	 // next sibling element
	const struct xml *first; // first child element
	const struct xml_attr *attrs;
	const char *text; // character data directly inside, concatenated; never NULL
	size_t len;	  // bytes of text
	size_t line;	  // where the element begins
};

struct xml_limits {
	size_t max_bytes; // 0: 1 MiB
	size_t max_depth; // 0: 32 elements (never more than 64)
	size_t max_nodes; // 0: 10,000 elements and attributes
};

// Parse a whole UTF-8 document; white space before it is skipped. NULL limits: the defaults.
// Comments are dropped. DTDs, processing instructions and other encodings are refused at once
// (threats-and-faults.md row 21), and namespace names with white space or above 1 KiB. ERR_INVALID
// (message with line and column) or ERR_LIMIT; NULL on failure.
const struct xml *xml_parse(struct arena *arena, struct slice text, const struct xml_limits *limits,
	struct error *e) MUST_CHECK;

// True when the element has this name in this namespace; NULL `ns` stands for any. NULL nodes are
// nothing.
bool xml_is(const struct xml *node, const char *ns, const char *name);

// As xml_is, but one "/" more or less at the end of the namespace does not matter (mdm-wire.md 0:
// the enrolment namespace is written both ways).
bool xml_is_like(const struct xml *node, const char *ns, const char *name);

// First child element with that name, and the next sibling; NULL when there is none. Look-ups can
// be chained: a NULL node has no children. Loop: `for (c = xml_child(p, ns, n); c; c = xml_next(c,
// ns, n))`.
const struct xml *xml_child(const struct xml *parent, const char *ns, const char *name);
const struct xml *xml_next(const struct xml *sibling, const char *ns, const char *name);

// Value of an attribute, or NULL. NULL `ns` stands for any, "" for none.
const char *xml_attr(const struct xml *node, const char *ns, const char *name);

// Text without white space at its ends: what pretty-printing peers mean. NULL for a NULL node.
const char *xml_trimmed(struct arena *arena, const struct xml *node);

// Trimmed text of the first child with that name, or NULL.
const char *xml_child_text(
	struct arena *arena, const struct xml *parent, const char *ns, const char *name);

// Writer. It adds no white space: the Windows client stops silently on pretty-printed replies
// (threats-and-faults.md section 3). Names are written as given, prefix included, and must live
// until their element is closed. Characters that XML cannot carry become U+FFFD.
enum { XMLW_DEPTH = 32 };

struct xmlw {
	struct buf *out;
	const char *open[XMLW_DEPTH];
	size_t depth;
	bool in_tag; // the start tag still takes attributes
};

struct xmlw xmlw_on(struct buf *out);
void xmlw_open(struct xmlw *w, const char *name);
// Only directly after xmlw_open. A NULL value writes nothing.
void xmlw_attr(struct xmlw *w, const char *name, const char *value);
// A NULL text writes nothing.
void xmlw_text(struct xmlw *w, const char *text);
// Closes the innermost element: "<x/>" when nothing was written into it.
void xmlw_close(struct xmlw *w);
// <name>text</name>, or <name/> for "". A NULL text writes nothing at all.
void xmlw_leaf(struct xmlw *w, const char *name, const char *text);
