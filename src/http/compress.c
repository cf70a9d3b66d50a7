// SPDX-License-Identifier: Apache-2.0
#include "http/compress.h"

#include "base/str.h"
#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

// Below the first the headers outweigh the gain; the level is where time per byte begins to grow.
enum { WORTH_BYTES = 1024, MAX_BYTES = 64 << 20, LEVEL = 4, GZIP_WINDOW = 15 + 16, MEMORY = 8 };

// "q=0", "q=0.0": not at all.
static bool
is_refused(const char *parameters, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++)
		if ((parameters[i] == 'q' || parameters[i] == 'Q') && parameters[i + 1] == '=')
			return strtod(parameters + i + 2, NULL) <= 0;
	return false;
}

bool
http_takes_gzip(const char *accept_encoding)
{
	bool any = false;

	for (const char *p = accept_encoding ? accept_encoding : ""; *p;) {
		p += strspn(p, " \t,");
		size_t whole = strcspn(p, ","), name = strcspn(p, " \t;,");
		bool refused = is_refused(p + name, whole - name);
		if ((name == 4 && strncasecmp(p, "gzip", 4) == 0) ||
			(name == 6 && strncasecmp(p, "x-gzip", 6) == 0))
			return !refused;
		if (name == 1 && *p == '*')
			any = !refused;
		p += whole;
	}
	return any;
}

static bool
is_text(const char *content_type)
{
	return content_type &&
		(str_starts(content_type, "application/json") ||
			str_starts(content_type, "application/xml") ||
			str_starts(content_type, "text/"));
}

static bool
gzip(struct arena *arena, struct slice in, struct slice *out)
{
	z_stream z = {0};
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	size_t room = deflateBound(&z, (uLong)in.len);
	Bytef *packed = arena_alloc(arena, room);

	z.next_in = (Bytef *)in.data;
	z.avail_in = (uInt)in.len;
	z.next_out = packed;
	z.avail_out = (uInt)room;
	bool done = deflate(&z, Z_FINISH) == Z_STREAM_END;
	*out = slice_of(packed, z.total_out);
	deflateEnd(&z);
	return done && out->len < in.len;
}

void
http_response_compress(const struct http_request *req, struct http_response *resp)
{
	struct slice packed;

	if (resp->park_channel || resp->file_fd >= 0 || resp->body.len < WORTH_BYTES ||
		resp->body.len > MAX_BYTES || !is_text(resp->content_type))
		return;
	http_response_header(resp, "Vary", "Accept-Encoding");
	if (!http_takes_gzip(http_header(req, "Accept-Encoding")) ||
		!gzip(resp->arena, resp->body, &packed))
		return;
	http_response_header(resp, "Content-Encoding", "gzip");
	resp->body = packed;
}
