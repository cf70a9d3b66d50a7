// SPDX-License-Identifier: Apache-2.0
#include "ferryd/page.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "domain/authorize.h"
#include "ferryd/organization.h"
#include "pki/hash.h"
#include <qrencode.h>

enum { PAGE_MAX = 256 << 10, QUIET = 4, MODULE = 5 };
#define FORM_COOKIE "__Host-ferry-form"

static const char *const texts[] = {
#define TEXT(id, english) english,
#include "ferryd/page_text.def"
#undef TEXT
};

const char *
page_text(enum text id)
{
	return texts[id];
}

static const char style[] =
	"*{box-sizing:border-box}"
	"body{margin:0;font:16px/1.5 'Segoe UI',system-ui,sans-serif;"
	"color:#242424;background:#eef1f6;padding:8vh 0}"
	"main{max-width:28rem;margin:0 auto;padding:2.5rem;background:#fff;"
	"border-radius:4px;box-shadow:0 2px 8px #0003}"
	".org{margin:0 0 1rem;color:#0f548c;font-weight:600}"
	"h1{margin:0 0 1rem;font-size:1.5rem;font-weight:600}"
	"label{display:block;margin:1rem 0 .25rem;font-weight:600}"
	"input{width:100%;padding:.5rem .25rem;font:inherit;color:inherit;border:0;"
	"border-bottom:2px solid #616161;background:#fff}"
	"input[aria-invalid]{border-color:#b10e1c}"
	"button{margin:1.5rem .5rem 0 0;padding:.5rem 1.5rem;font:inherit;cursor:pointer;"
	"border:1px solid #616161;border-radius:4px;background:#fff;color:#242424}"
	"button.main{border-color:#0f6cbd;background:#0f6cbd;color:#fff}"
	"button:hover{text-decoration:underline}"
	":focus-visible{outline:3px solid #0f6cbd;outline-offset:2px}"
	"button.main:focus-visible{outline-color:#242424}"
	"a{color:#0f548c}"
	".links{margin:1.5rem 0 0}"
	".error{margin:0 0 1rem;padding:.75rem;border-left:4px solid #b10e1c;"
	"background:#fdf3f4;color:#7a0812}"
	".warning{padding:.75rem;border-left:4px solid #bc4b09;background:#fdf6f3}"
	"dl{margin:1rem 0}dt{color:#616161}dd{margin:0 0 .5rem;font-weight:600;"
	"overflow-wrap:anywhere}"
	"code,ol{font-family:ui-monospace,monospace;font-size:1.05rem;overflow-wrap:anywhere}"
	"svg{display:block;width:13rem;height:13rem;margin:1rem auto}"
	"@media(max-width:32rem){body{padding:0;background:#fff}"
	"main{max-width:none;box-shadow:none}}";

bool
page_style(struct call *c, struct error *e)
{
	(void)e;
	http_response_header(c->resp, "Cache-Control", "public, max-age=3600");
	http_response_header(c->resp, "X-Content-Type-Options", "nosniff");
	http_response_set(c->resp, 200, "text/css; charset=utf-8", slice_str(style));
	return true;
}

void
page_raw(struct page *p, const char *html)
{
	buf_puts(&p->out, html);
}

void
page_escaped(struct page *p, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} map[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

	for (; text && *text; text++) {
		const char *entity = NULL;
		for (size_t i = 0; i < sizeof map / sizeof *map; i++)
			if (map[i].c == *text)
				entity = map[i].entity;
		if (entity)
			buf_puts(&p->out, entity);
		else
			buf_putc(&p->out, *text);
	}
}

static void
element(struct page *p, const char *open, const char *text, const char *close)
{
	page_raw(p, open);
	page_escaped(p, text);
	page_raw(p, close);
}

void
page_paragraph(struct page *p, const char *text)
{
	element(p, "<p>", text, "</p>\n");
}

void
page_begin(struct page *p, struct call *call, enum text title, const char *error)
{
	const char *organization = organization_name(call);

	*p = (struct page){.call = call, .has_error = error != NULL};
	buf_init(&p->out, call->arena, PAGE_MAX);
	page_raw(p,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	// A screen reader reads the title first: the error belongs there too.
	element(p, error ? "<title>! " : "<title>", texts[title], " - ");
	page_escaped(p, organization);
	page_raw(p,
		"</title>\n<link rel=\"stylesheet\" href=\"/signin/style.css\">\n</head>\n"
		"<body>\n<main>\n");
	element(p, "<p class=\"org\">", organization, "</p>\n");
	element(p, "<h1>", texts[title], "</h1>\n");
	page_raw(p, "<div id=\"error\" role=\"alert\" aria-live=\"assertive\">");
	if (error)
		element(p, "<p class=\"error\">", error, "</p>");
	page_raw(p, "</div>\n");
}

// --- forms ---

static char *
random_text(struct arena *arena)
{
	uint8_t random[32];

	random_bytes(random, sizeof random);
	return base64url_encode(arena, slice_of(random, sizeof random));
}

// What the form carries can be made only by who can read the cookie, and that is this service.
static char *
form_token(struct arena *arena, const char *cookie)
{
	return sha256_hex(arena, slice_str(arena_printf(arena, "form\n%s", cookie)));
}

static const char *
form_cookie(struct call *c)
{
	const char *cookie = http_cookie(c->req, FORM_COOKIE);

	if (cookie && strlen(cookie) == 43)
		return cookie;
	cookie = random_text(c->arena);
	http_response_header(c->resp, "Set-Cookie",
		arena_printf(c->arena, FORM_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax",
			cookie));
	return cookie;
}

bool
page_check_form(struct call *c, struct error *e)
{
	const char *origin = http_header(c->req, "Origin");
	const char *site = http_header(c->req, "Sec-Fetch-Site");
	const char *cookie = http_cookie(c->req, FORM_COOKIE), *given = http_form(c->req, "form");
	const char *ours = uri_origin(c->arena, c->service->base_url);

	if (origin ? !str_ieq(origin, ours) : site && !str_eq(site, "same-origin"))
		return error_fault(
			e, ERR_INVALID, "form_expired", "the form was sent by another site");
	if (str_empty(cookie) || str_empty(given) ||
		!secret_eq(slice_str(given), slice_str(form_token(c->arena, cookie))))
		return error_fault(
			e, ERR_INVALID, "form_expired", "the form does not belong to this browser");
	return true;
}

static void
put_target(struct page *p, const char *path, const char *query)
{
	page_escaped(p, path);
	if (!str_empty(query)) {
		page_raw(p, "?");
		page_escaped(p, query);
	}
}

void
page_form(struct page *p, const char *path, const char *query)
{
	page_raw(p, "<form method=\"post\" action=\"");
	put_target(p, path, query);
	page_raw(p, "\">\n");
	page_hidden(p, "form", form_token(p->call->arena, form_cookie(p->call)));
}

void
page_hidden(struct page *p, const char *name, const char *value)
{
	element(p, "<input type=\"hidden\" name=\"", name, "\" value=\"");
	element(p, "", value, "\">\n");
}

static void
attribute(struct page *p, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(&p->out, " %s=\"", name);
	page_escaped(p, value);
	page_raw(p, "\"");
}

void
page_field(struct page *p, const struct page_field *f)
{
	element(p, "<label for=\"", f->name, "\">");
	element(p, "", texts[f->label], "</label>\n");
	page_raw(p, "<input");
	attribute(p, "id", f->name);
	attribute(p, "name", f->name);
	attribute(p, "type", f->type);
	attribute(p, "autocomplete", f->autocomplete);
	attribute(p, "value", f->value);
	attribute(p, "placeholder", f->hint);
	if (f->digits)
		page_raw(p, " inputmode=\"numeric\"");
	page_raw(p, " required maxlength=\"256\" autocapitalize=\"none\" spellcheck=\"false\"");
	if (p->has_error)
		page_raw(p, " aria-invalid=\"true\" aria-describedby=\"error\"");
	if (!p->focused && str_empty(f->value)) {
		page_raw(p, " autofocus");
		p->focused = true;
	}
	page_raw(p, ">\n");
}

void
page_button(struct page *p, const char *name, const char *value, const char *label, bool main)
{
	page_raw(p, main ? "<button class=\"main\" type=\"submit\"" : "<button type=\"submit\"");
	attribute(p, "name", name);
	attribute(p, "value", value);
	element(p, ">", label, "</button>\n");
}

void
page_form_end(struct page *p)
{
	page_raw(p, "</form>\n");
}

void
page_link(struct page *p, const char *path, const char *query, const char *label)
{
	page_raw(p, "<p class=\"links\"><a href=\"");
	put_target(p, path, query);
	element(p, "\">", label, "</a></p>\n");
}

void
page_fact(struct page *p, enum text label, const char *value)
{
	element(p, "<dl><dt>", texts[label], "</dt>");
	element(p, "<dd>", value, "</dd></dl>\n");
}

// One path of squares: a module takes MODULE units.
bool
page_qr(struct page *p, const char *text, struct error *e)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

	if (!code)
		return error_set(e, ERR_LIMIT, "the text does not fit into a QR code");
	int size = (code->width + 2 * QUIET) * MODULE;
	buf_printf(&p->out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %d %d\">",
		size, size);
	element(p, "<title>", texts[TEXT_SET_UP_QR], "</title>");
	buf_printf(
		&p->out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path d=\"", size, size);
	for (int y = 0; y < code->width; y++)
		for (int x = 0; x < code->width; x++)
			if (code->data[y * code->width + x] & 1)
				buf_printf(&p->out, "M%d %dh%dv%dh-%dz", (x + QUIET) * MODULE,
					(y + QUIET) * MODULE, MODULE, MODULE, MODULE);
	page_raw(p, "\" fill=\"#000\"/></svg>\n");
	QRcode_free(code);
	return true;
}

void
page_headers(struct call *c, const char *form_origin)
{
	http_response_header(c->resp, "Content-Security-Policy",
		arena_printf(c->arena,
			"default-src 'none'; style-src 'self'; form-action 'self'%s%s; "
			"frame-ancestors 'none'; base-uri 'none'",
			form_origin ? " " : "", form_origin ? form_origin : ""));
	http_response_header(c->resp, "Cache-Control", "no-store");
	http_response_header(c->resp, "X-Frame-Options", "DENY");
	http_response_header(c->resp, "X-Content-Type-Options", "nosniff");
	// Not no-referrer: then browsers would send "Origin: null" with our own forms.
	http_response_header(c->resp, "Referrer-Policy", "same-origin");
	http_response_header(c->resp, "Strict-Transport-Security", "max-age=31536000");
}

bool
page_send(struct page *p, int status, struct error *e)
{
	page_raw(p, "</main>\n</body>\n</html>\n");
	if (!buf_ok(&p->out, e))
		return false;
	page_headers(p->call, p->form_origin);
	http_response_set(p->call->resp, status, "text/html; charset=utf-8", buf_slice(&p->out));
	return true;
}

bool
page_redirect(struct call *c, const char *location)
{
	http_response_header(c->resp, "Location", location);
	http_response_header(c->resp, "Cache-Control", "no-store");
	http_response_header(c->resp, "Referrer-Policy", "no-referrer");
	http_response_set(c->resp, 303, NULL, slice_of(NULL, 0));
	return true;
}
