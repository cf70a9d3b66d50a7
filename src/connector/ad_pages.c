// SPDX-License-Identifier: Apache-2.0
#include "connector/ad_pages.h"

#include "base/str.h"
#include <stdlib.h>

CLEANUP_FN(LDAPMessage *, ldap_msgfree, pages_msgfree_p)

enum { PAGE_TIMEOUT_S = 30, MAX_CONTROLS = 3, PAGE_ARENA = 64 << 20 };

static LDAPControl show_deleted = {
	.ldctl_oid = (char[]){"1.2.840.113556.1.4.417"}, .ldctl_iscritical = 1};

// SEQUENCE { INTEGER 1 }: GUIDs as people write them, not as hexadecimal bytes.
static LDAPControl extended_dn = {.ldctl_oid = (char[]){"1.2.840.113556.1.4.529"},
	.ldctl_value = {.bv_val = (char[]){0x30, 0x03, 0x02, 0x01, 0x01}, .bv_len = 5},
	.ldctl_iscritical = 1};

static int
fetch_page(LDAP *ldap, const struct ad_query *q, struct berval *cookie, LDAPMessage **out)
{
	struct timeval timeout = {.tv_sec = PAGE_TIMEOUT_S};
	LDAPControl *page = NULL, *controls[MAX_CONTROLS + 1] = {0};
	size_t count = 0;

	int rc = ldap_create_page_control(ldap, q->page, cookie, 1, &page);
	if (rc != LDAP_SUCCESS)
		return rc;
	controls[count++] = page;
	if (q->deleted)
		controls[count++] = &show_deleted;
	if (q->extended)
		controls[count++] = &extended_dn;
	// The library takes char ** and does not write to it.
	rc = ldap_search_ext_s(ldap, q->base, q->scope, q->filter,
		(char **)(uintptr_t)q->attributes, 0, controls, NULL, &timeout, 0, out);
	ldap_control_free(page);
	return rc;
}

// The cookie that leads to the next page; empty on the last one.
static int
next_cookie(LDAP *ldap, LDAPMessage *result, struct berval *cookie)
{
	LDAPControl **controls = NULL, *page;
	ber_int_t estimate;

	ber_memfree(cookie->bv_val);
	*cookie = (struct berval){0};
	int rc = ldap_parse_result(ldap, result, NULL, NULL, NULL, NULL, &controls, 0);
	page = rc == LDAP_SUCCESS ? ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL)
				  : NULL;
	if (page)
		rc = ldap_parse_pageresponse_control(ldap, page, &estimate, cookie);
	ldap_controls_free(controls);
	return rc;
}

static bool
each_of_page(struct ad_session *s, LDAPMessage *result, ad_row_fn *each, void *ctx, struct error *e)
{
	autoarena(arena, PAGE_ARENA);
	struct ad_row row = {.ldap = s->ldap, .arena = &arena};

	for (row.message = ldap_first_entry(s->ldap, result); row.message;
		row.message = ldap_next_entry(s->ldap, row.message)) {
		if (!each(ctx, &row, e))
			return false;
		arena_reset(&arena);
	}
	return true;
}

static bool
one_page(struct ad_session *s, const struct ad_query *q, struct berval *cookie, ad_row_fn *each,
	void *ctx, struct error *e)
{
	CLEANUP(pages_msgfree_p) LDAPMessage *result = NULL;

	int rc = fetch_page(s->ldap, q, cookie, &result);
	if (rc == LDAP_NO_SUCH_OBJECT)
		return error_fault(e, ERR_NOT_FOUND, "sync_base_missing",
			"the domain has no %s, or the connector's account may not see it", q->base);
	if (rc == LDAP_SUCCESS)
		rc = next_cookie(s->ldap, result, cookie);
	if (rc != LDAP_SUCCESS)
		return ad_operation_failed(s->ldap, rc, "reading the directory", e);
	return each_of_page(s, result, each, ctx, e);
}

bool
ad_pages(
	struct ad_session *s, const struct ad_query *q, ad_row_fn *each, void *ctx, struct error *e)
{
	struct berval cookie = {0};
	bool ok;

	do
		ok = one_page(s, q, &cookie, each, ctx, e);
	while (ok && cookie.bv_len > 0);
	ber_memfree(cookie.bv_val);
	return ok;
}

const char *
ad_row_dn(const struct ad_row *row)
{
	char *dn = ldap_get_dn(row->ldap, row->message);
	const char *plain = dn ? dn : "";

	// "<GUID=…>;<SID=…>;CN=…" in a query for extended names.
	while (*plain == '<' && strstr(plain, ">;"))
		plain = strstr(plain, ">;") + 2;
	char *out = arena_strdup(row->arena, plain);
	ldap_memfree(dn);
	return out;
}

struct slice
ad_row_bytes(const struct ad_row *row, const char *attribute)
{
	struct berval **values = ldap_get_values_len(row->ldap, row->message, attribute);
	struct slice out = {0};

	if (values && values[0])
		out = slice_of(arena_strndup(row->arena, values[0]->bv_val, values[0]->bv_len),
			values[0]->bv_len);
	ldap_value_free_len(values);
	return out;
}

const char *
ad_row_text(const struct ad_row *row, const char *attribute)
{
	struct slice bytes = ad_row_bytes(row, attribute);

	return bytes.data && utf8_valid(bytes) ? (const char *)bytes.data : NULL;
}

static void
copy_values(const struct ad_row *row, const char *name, struct ad_list *out)
{
	struct berval **values = ldap_get_values_len(row->ldap, row->message, name);
	size_t count = (size_t)ldap_count_values_len(values);

	out->values = arena_array(row->arena, count + 1, sizeof *out->values);
	for (size_t i = 0; i < count; i++)
		out->values[i] = arena_strndup(row->arena, values[i]->bv_val, values[i]->bv_len);
	out->count = count;
	ldap_value_free_len(values);
}

// "member;range=0-999" goes on with 1000; "member;range=0-*" was the last part.
static unsigned
range_next(const char *options)
{
	const char *dash = str_istarts(options, ";range=") ? strchr(options, '-') : NULL;

	return dash && dash[1] != '*' ? (unsigned)strtoul(dash + 1, NULL, 10) + 1 : 0;
}

void
ad_row_range(const struct ad_row *row, const char *attribute, struct ad_list *out)
{
	size_t len = strlen(attribute);
	BerElement *position = NULL;

	*out = (struct ad_list){0};
	for (char *name = ldap_first_attribute(row->ldap, row->message, &position); name;
		name = ldap_next_attribute(row->ldap, row->message, position)) {
		// AD gives an empty attribute without range beside the one with.
		if (str_istarts(name, attribute) && (name[len] == ';' || !name[len]) &&
			out->count == 0) {
			copy_values(row, name, out);
			out->next = range_next(name + len);
		}
		ldap_memfree(name);
	}
	ber_free(position, 0);
}
