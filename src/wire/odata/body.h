// SPDX-License-Identifier: Apache-2.0
// Objects of the Graph API as JSON: what clients may send becomes one normal form, and the normal
// form becomes what clients expect.
#pragma once

#include "codec/json.h"
#include "wire/odata/type.h"

enum odata_mode { ODATA_CREATE, ODATA_PATCH };

struct odata_body {
	const struct odata_type *type; // what "@odata.type" said, else the collection's
	// Members in the order of the table under their newer names, values of the right type.
	// Create: with `initial` where nothing was sent. "@odata.type" first where the type has
	// relatives. Patch: what was sent, nothing else.
	const struct json *document;
	const char *const *ignored; // paths of members that are unknown or read-only
	size_t ignored_count;	    // at most 32 are recorded
};

// Check what a client sent against a type and make it normal. Lenient where real tools need it
// (clients-and-conventions.md 2.3): names in any case, "true" and "60" for true and 60, unknown
// members and annotations ignored, read-only members ignored, older names (the newer wins when both
// are there), "" for an unset date, GUID, number or enum. ERR_INVALID names the member by its path
// ("a/b[2]"), what was expected and, for enums, the members. For a patch pass the type of the
// stored object (odata_type_of), or members of a derived type are unknown.
bool odata_validate(struct arena *arena, const struct odata_type *type, const struct json *in,
	enum odata_mode mode, struct odata_body *out, struct error *e) MUST_CHECK;

// The document after a patch: members of `patch` replace those of `old`, member by member inside
// complex ones; lists are replaced as a whole. Members of `old` that the table does not know stay.
// Both are normal forms.
const struct json *odata_merge(struct arena *arena, const struct odata_type *type,
	const struct json *old, const struct json *patch);

struct odata_view {
	enum odata_version version;
	const struct odata_query *query; // bound; $select and $expand of it. NULL: everything
	// Writes the member of an expanded navigation property (null when there is none). NULL: the
	// value is taken from the document, where a caller may have put it.
	void (*expand)(void *context, struct jsonw *w, const struct odata_expand *expand,
		const struct json *object);
	void *context;
};

// Write an object: its properties in the order of the table, null for those without a value, `id`
// whatever $select says, "@odata.type" where the type has relatives. Beta has the older names
// beside the newer ones; a complex property with an older name is written under each with the names
// of that generation. v1.0 has no older names and no OD_BETA. OD_SECRET is never written, a
// navigation property only when expanded. `name` as in jsonw. `type` is the collection's.
void odata_write(struct jsonw *w, const char *name, const struct odata_type *type,
	const struct json *object, const struct odata_view *view);

// The same inside an object that the caller opened (for "@odata.context" before it).
void odata_write_members(struct jsonw *w, const struct odata_type *type, const struct json *object,
	const struct odata_view *view);
