// SPDX-License-Identifier: Apache-2.0
// Searches of a session: one entry with its attributes copied out of the LDAP library.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "connector/ad_ldap.h"
#include <ldap.h>

// What the files of this room know of a session; nobody else includes this.
struct ad_session {
	LDAP *ldap;
	struct ad_domain domain;
};

// An entry: its DN and the first value of each wanted attribute, in the order of the names asked
// for; data NULL where it has none. A NUL follows each value.
struct ad_entry {
	const char *dn;
	struct slice *values;
};

// Search with a NULL-terminated list of attribute names. *count gets how many entries match (at
// most 2 are asked for); `out` is the first. A base that does not exist counts as no entry.
bool ad_search(struct arena *arena, LDAP *ldap, const char *base, int scope, const char *filter,
	const char *const *attributes, struct ad_entry *out, int *count,
	struct error *e) MUST_CHECK;

// All values of one attribute of the object `dn`, NULL-terminated. A missing object is an error
// (LDAP 32).
bool ad_values(struct arena *arena, LDAP *ldap, const char *dn, const char *attribute,
	const char ***out, struct error *e) MUST_CHECK;

// Text of an attribute, NULL when absent.
const char *ad_text(struct slice value);

// The fault of the last operation, with the server's own words.
bool ad_operation_failed(LDAP *ldap, int rc, const char *doing, struct error *e);
