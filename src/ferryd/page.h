// SPDX-License-Identifier: Apache-2.0
// How a sign-in page is written: escaped, without a line of script or inline style, readable by a
// screen reader, and answerable only from itself.
#pragma once

#include "ferryd/service.h"

enum text {
#define TEXT(id, english) TEXT_##id,
#include "ferryd/page_text.def"
#undef TEXT
	TEXT_COUNT
};
const char *page_text(enum text id);

struct page {
	struct call *call;
	struct buf out;
	const char *form_origin; // where answers to a form may lead besides here; NULL: nowhere
	bool has_error;
	bool focused; // a field has the focus already
};

// Head, organization and title. `error` (may be NULL) is said at once by screen readers.
void page_begin(struct page *p, struct call *call, enum text title, const char *error);

void page_raw(struct page *p, const char *html);
void page_escaped(struct page *p, const char *text);
void page_paragraph(struct page *p, const char *text);

// A form that posts to path?query with the token that proves it came from this page.
void page_form(struct page *p, const char *path, const char *query);
void page_hidden(struct page *p, const char *name, const char *value);
struct page_field {
	const char *name;
	enum text label;
	const char *type, *autocomplete, *value, *hint;
	bool digits;
};
// The first field has the focus, unless it has a value already and another follows.
void page_field(struct page *p, const struct page_field *field);
void page_button(struct page *p, const char *name, const char *value, const char *label, bool main);
void page_form_end(struct page *p);
void page_link(struct page *p, const char *path, const char *query, const char *label);
// "Label: value" lines.
void page_fact(struct page *p, enum text label, const char *value);

// An image of the text for a phone's camera (inline SVG). ERR_LIMIT, ERR_INTERNAL.
bool page_qr(struct page *p, const char *text, struct error *e) MUST_CHECK;

bool page_send(struct page *p, int status, struct error *e) MUST_CHECK;

// The headers of every page: content security policy, no caching, no frames.
void page_headers(struct call *call, const char *form_origin);

// Was this form sent by a page of ours, in this browser? ERR_INVALID with fault form_expired.
bool page_check_form(struct call *call, struct error *e) MUST_CHECK;

// 303 to a path or URI.
bool page_redirect(struct call *call, const char *location);

call_handler page_style;
