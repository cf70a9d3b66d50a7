// SPDX-License-Identifier: Apache-2.0
// JSON trees that are made member by member instead of parsed.
#pragma once

#include "codec/json.h"

struct json_maker {
	struct arena *arena;
	struct json *whole, *last;
};

// Begin an object or an array; `whole` is the value, complete at any time.
struct json_maker json_make(struct arena *arena, enum json_type type);

// Append a member (name NULL in an array). Values are shared, not copied; a NULL text or value is
// null. The name must live as long as the tree.
void json_put(struct json_maker *m, const char *name, const struct json *value);
void json_put_str(struct json_maker *m, const char *name, const char *text);
void json_put_int(struct json_maker *m, const char *name, int64_t value);
void json_put_bool(struct json_maker *m, const char *name, bool value);

// A value as text. ERR_LIMIT above `max` bytes.
bool json_text(struct arena *arena, const struct json *value, size_t max, const char **out,
	struct error *e) MUST_CHECK;
