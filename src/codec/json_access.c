// SPDX-License-Identifier: Apache-2.0
#include "codec/base64.h"
#include "codec/json.h"

#include <errno.h>
#include <stdlib.h>

const struct json *
json_get(const struct json *object, const char *name)
{
	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (const struct json *m = object->first; m; m = m->next)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

const struct json *
json_get_next(const struct json *object, const struct json **next, const char *name)
{
	const struct json *found =
		*next && strcmp((*next)->name, name) == 0 ? *next : json_get(object, name);

	*next = found ? found->next : *next;
	return found;
}

const char *
json_str(const struct json *object, const char *name)
{
	const struct json *m = json_get(object, name);

	return m && m->type == JSON_STRING ? m->text : NULL;
}

bool
json_bool(const struct json *object, const char *name, bool otherwise)
{
	const struct json *m = json_get(object, name);

	return m && m->type == JSON_BOOL ? m->boolean : otherwise;
}

int64_t
json_int(const struct json *object, const char *name, int64_t otherwise)
{
	const struct json *m = json_get(object, name);
	char *end;

	if (!m || m->type != JSON_NUMBER)
		return otherwise;
	errno = 0;
	long long value = strtoll(m->text, &end, 10);
	return *end || errno ? otherwise : value;
}

bool
json_need_str(
	const struct json *object, const char *name, size_t max, const char **out, struct error *e)
{
	const struct json *m = json_get(object, name);

	if (!m || m->type == JSON_NULL)
		return error_set(e, ERR_INVALID, "%s is missing", name);
	if (m->type != JSON_STRING)
		return error_set(e, ERR_INVALID, "%s must be a string", name);
	if (m->len == 0)
		return error_set(e, ERR_INVALID, "%s is empty", name);
	if (m->len > max)
		return error_set(e, ERR_INVALID, "%s has %zu bytes, at most %zu are allowed", name,
			m->len, max);
	*out = m->text;
	return true;
}

bool
json_need_b64(struct arena *arena, const struct json *object, const char *name, size_t max,
	struct slice *out, struct error *e)
{
	const char *text;
	struct slice bytes;

	if (!json_need_str(object, name, SIZE_MAX, &text, e))
		return false;
	if (!base64_decode(arena, slice_str(text), BASE64_STRICT, max, &bytes, e))
		return error_wrap(e, "%s", name);
	*out = bytes;
	return true;
}
