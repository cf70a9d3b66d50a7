// SPDX-License-Identifier: Apache-2.0
// Searches with many results: page by page (RFC 2696), so that memory is bounded whatever the size
// of the domain.
#pragma once

#include "base/arena.h"
#include "connector/ad_search.h"

struct ad_query {
	const char *base;
	int scope; // LDAP_SCOPE_…
	const char *filter;
	const char *const *attributes; // NULL-terminated
	int page;		       // entries of a page
	bool deleted;		       // LDAP_SERVER_SHOW_DELETED (MS-ADTS 3.1.1.3.4.1.14)
	bool extended;		       // DNs as "<GUID=…>;…" (MS-ADTS 3.1.1.3.4.1.5)
};

// The entry under the cursor; its values are copied into the arena of the page.
struct ad_row {
	LDAP *ldap;
	LDAPMessage *message;
	struct arena *arena;
};

// Called for every entry. False ends the search with the error.
typedef bool ad_row_fn(void *ctx, const struct ad_row *row, struct error *e);

// Run a query. A base that does not exist is ERR_NOT_FOUND with fault sync_base_missing; other
// faults are those of the connection.
bool ad_pages(struct ad_session *session, const struct ad_query *query, ad_row_fn *each, void *ctx,
	struct error *e) MUST_CHECK;

const char *ad_row_dn(const struct ad_row *row);

// The first value; NULL and {NULL, 0} when there is none. Texts that are not UTF-8 count as absent.
const char *ad_row_text(const struct ad_row *row, const char *attribute);
struct slice ad_row_bytes(const struct ad_row *row, const char *attribute);

// All values of an attribute that was asked for as "name;range=N-M" (MS-ADTS 3.1.1.3.1.3.3), or in
// full. `next` becomes the number of the first value that is still missing, 0 when none is.
struct ad_list {
	const char **values; // `count` texts
	size_t count;
	unsigned next;
};
void ad_row_range(const struct ad_row *row, const char *attribute, struct ad_list *out);
