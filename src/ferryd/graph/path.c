// SPDX-License-Identifier: Apache-2.0
#include "ferryd/graph/path.h"

#include "base/buf.h"
#include "base/str.h"
#include "wire/odata/path.h"

const char *
graph_plain_path(struct arena *arena, const char *path)
{
	struct odata_url url;
	struct error ignored;
	struct buf plain;

	if (!str_istarts(path, "/v1.0/") && !str_istarts(path, "/beta/"))
		return path;
	if (!odata_url_parse(arena, slice_str(path), false, &url, &ignored))
		return path;
	buf_init(&plain, arena, 16 << 10);
	for (size_t i = 0; i < url.count; i++) {
		const struct odata_segment *s = &url.segments[i];
		buf_printf(&plain, "/%s", s->name);
		// What would be two segments is none of ours.
		if (s->has_key && (strchr(s->key, '/') || !*s->key))
			return path;
		if (s->has_key && s->key_property)
			buf_printf(&plain, "/%s=%s", s->key_property, s->key);
		else if (s->has_key)
			buf_printf(&plain, "/%s", s->key);
	}
	return plain.overflow ? path : buf_text(&plain);
}
