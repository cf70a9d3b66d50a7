// SPDX-License-Identifier: Apache-2.0
// The path of a Graph URL: keys in parentheses, alternate keys, qualified action names and $count,
// brought into one form.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

enum { ODATA_PATH_SEGMENTS = 24, ODATA_PATH_BYTES = 8192, ODATA_SEGMENT_BYTES = 1024 };

struct odata_segment {
	const char *name;	  // decoded, without key and without "microsoft.graph."
	bool qualified;		  // it had "microsoft.graph." before it: a cast or an action
	bool has_key;		  // coll('7'), coll(7), coll(deviceId='7')
	const char *key_property; // "deviceId", NULL when the key is the entity's own
	const char *key;	  // decoded, quotes undoubled; "" in f() (has_key false)
	size_t column;		  // 1-based byte in the raw path
};

struct odata_url {
	struct odata_segment segments[ODATA_PATH_SEGMENTS];
	size_t count;
};

// Read a path from its first '/', without a query. `encoded`: as it stands in a request line or in
// a $batch request; false: an HTTP server has percent-decoded it already. One '/' at the end is
// ignored. $count, $ref and $value are segments like others. ERR_INVALID with the column: no '/'
// first, empty segment, malformed escape or key, NUL or text that is not UTF-8,
// "." and "..". ERR_LIMIT. ERR_UNSUPPORTED: a key of several properties.
bool odata_url_parse(struct arena *arena, struct slice path, bool encoded, struct odata_url *out,
	struct error *e) MUST_CHECK;

// The form that the router knows: "/coll/7/assign" for "/coll('7')/microsoft.graph.assign/",
// percent-encoded if the input was. An alternate key stays in its segment: "/coll(deviceId='7')".
bool odata_url_plain(struct arena *arena, struct slice path, bool encoded, const char **out,
	struct error *e) MUST_CHECK;
