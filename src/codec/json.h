// SPDX-License-Identifier: Apache-2.0
// JSON text (RFC 8259) to a tree in an arena and back, within limits of size, depth and nodes.
#pragma once

#include "base/buf.h"
#include <stdint.h>

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	const char *name;	  // member name inside an object, else NULL
	const struct json *next;  // next sibling
	const struct json *first; // first element or member
	size_t count;		  // elements or members
	const char *text;	  // string value (UTF-8, NUL-terminated), or the number as written
	size_t len;		  // bytes of text
	bool boolean;
};

struct json_limits {
	size_t max_bytes; // 0: 1 MiB
	size_t max_depth; // 0: 32
	size_t max_nodes; // 0: 100,000
	// Accept what the community's tools send: unquoted names and trailing commas
	// (clients-and-conventions.md 2.3).
	bool lenient;
};

// Parse a whole document. NULL limits: the defaults. Refuses duplicate names, text after the value,
// NUL in strings, lone surrogates, numbers outside RFC 8259. ERR_INVALID (message with line and
// column) or ERR_LIMIT; NULL on failure.
const struct json *json_parse(struct arena *arena, struct slice text,
	const struct json_limits *limits, struct error *e) MUST_CHECK;

// Member of an object, or NULL; a NULL or non-object node has no members, so look-ups can be
// chained.
const struct json *json_get(const struct json *object, const char *name);

// The same for a reader that asks for members in their order: begins at `*next` (NULL: the first)
// and leaves there what follows the member that was found.
const struct json *json_get_next(
	const struct json *object, const struct json **next, const char *name);

// Member values with a default when absent or of another type. json_str gives NULL then.
const char *json_str(const struct json *object, const char *name);
bool json_bool(const struct json *object, const char *name, bool otherwise);
int64_t json_int(const struct json *object, const char *name, int64_t otherwise);

// A member that must be a string of 1..max bytes. ERR_INVALID names it.
bool json_need_str(const struct json *object, const char *name, size_t max, const char **out,
	struct error *e) MUST_CHECK;

// A member that must be base64 of at most `max` bytes once decoded (see base64.h); empty is
// refused.
bool json_need_b64(struct arena *arena, const struct json *object, const char *name, size_t max,
	struct slice *out, struct error *e) MUST_CHECK;

// Writer. Commas and escapes are its business; `name` is NULL inside arrays and for the outermost
// value. A NULL string value is written as null.
struct jsonw {
	struct buf *out;
	bool comma;
};

struct jsonw jsonw_on(struct buf *out);
void jsonw_object(struct jsonw *w, const char *name);
void jsonw_array(struct jsonw *w, const char *name);
void jsonw_end_object(struct jsonw *w);
void jsonw_end_array(struct jsonw *w);
void jsonw_str(struct jsonw *w, const char *name, const char *value);
void jsonw_text(struct jsonw *w, const char *name, struct slice value);
void jsonw_b64(struct jsonw *w, const char *name, struct slice bytes);
void jsonw_int(struct jsonw *w, const char *name, int64_t value);
void jsonw_double(struct jsonw *w, const char *name, double value);
void jsonw_bool(struct jsonw *w, const char *name, bool value);
void jsonw_null(struct jsonw *w, const char *name);
// Copy a parsed value.
void jsonw_value(struct jsonw *w, const char *name, const struct json *value);
// Text that is JSON already, from our own store.
void jsonw_raw(struct jsonw *w, const char *name, const char *json_text);
