// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

#include "base/str.h"
#include "http/parse.h"

#include <strings.h>

const char *
http_header(const struct http_request *req, const char *name)
{
	for (size_t i = 0; i < req->header_count; i++)
		if (strcasecmp(req->headers[i].name, name) == 0)
			return req->headers[i].value;
	return NULL;
}

static bool
decode(struct arena *arena, const char *text, size_t len, const char **out)
{
	char *decoded;

	if (!http_percent_decode(arena, text, len, true, &decoded))
		return false;
	*out = decoded;
	return utf8_valid(slice_str(decoded));
}

bool
http_pairs_next(
	struct arena *arena, struct slice text, size_t *pos, const char **name, const char **value)
{
	while (*pos < text.len) {
		const char *pair = (const char *)text.data + *pos;
		const char *end = memchr(pair, '&', text.len - *pos);
		size_t len = end ? (size_t)(end - pair) : text.len - *pos;
		*pos += len + (end != NULL);
		const char *equals = memchr(pair, '=', len);
		size_t name_len = equals ? (size_t)(equals - pair) : len;
		size_t value_at = equals ? name_len + 1 : len;
		// A literal NUL would end the text early: such a pair is as malformed as an escaped
		// one.
		if (len == 0 || memchr(pair, '\0', len))
			continue;
		if (decode(arena, pair, name_len, name) &&
			decode(arena, pair + value_at, len - value_at, value))
			return true;
	}
	return false;
}

static const char *
find_pair(struct arena *arena, struct slice text, const char *wanted)
{
	const char *name, *value;
	size_t pos = 0;

	while (http_pairs_next(arena, text, &pos, &name, &value))
		if (strcmp(name, wanted) == 0)
			return value;
	return NULL;
}

const char *
http_query(const struct http_request *req, const char *name)
{
	return find_pair(req->arena, slice_str(req->raw_query), name);
}

const char *
http_form(const struct http_request *req, const char *name)
{
	return find_pair(req->arena, req->body, name);
}

const char *
http_cookie(const struct http_request *req, const char *name)
{
	const char *p = http_header(req, "Cookie");
	size_t len = strlen(name);

	while (p && *p) {
		p += strspn(p, "; \t");
		size_t pair = strcspn(p, ";");
		if (pair > len && strncmp(p, name, len) == 0 && p[len] == '=')
			return arena_strndup(req->arena, p + len + 1, pair - len - 1);
		p += pair;
	}
	return NULL;
}

const char *
http_param(const struct http_request *req, const char *name)
{
	for (size_t i = 0; i < req->param_count; i++)
		if (strcmp(req->params[i].name, name) == 0)
			return req->params[i].value;
	return NULL;
}

static char *
without_controls(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *p = copy; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return copy;
}

void
http_response_header(struct http_response *resp, const char *name, const char *value)
{
	static const char *const framing[] = {
		"Content-Length", "Transfer-Encoding", "Connection", "Date"};

	for (size_t i = 0; i < sizeof framing / sizeof *framing; i++)
		if (strcasecmp(name, framing[i]) == 0)
			return;
	if (resp->header_count == resp->header_cap) {
		size_t cap = resp->header_cap ? resp->header_cap * 2 : 8;
		struct http_header *grown = arena_array(resp->arena, cap, sizeof *grown);
		if (resp->header_count)
			memcpy(grown, resp->headers, resp->header_count * sizeof *grown);
		resp->headers = grown;
		resp->header_cap = cap;
	}
	resp->headers[resp->header_count++] = (struct http_header){
		without_controls(resp->arena, name), without_controls(resp->arena, value)};
}

void
http_response_set(
	struct http_response *resp, int status, const char *content_type, struct slice body)
{
	resp->status = status;
	resp->content_type = content_type;
	resp->body = body;
}

void
http_response_park(struct http_response *resp, const char *channel, int timeout_ms)
{
	resp->park_channel = arena_strdup(resp->arena, channel);
	resp->park_timeout_ms = timeout_ms;
}

static bool
lists_etag(const char *list, const char *etag)
{
	const char *at = list ? strstr(list, etag) : NULL;

	return list && (strcmp(list, "*") == 0 || at);
}

// "bytes=a-b", "bytes=a-" or "bytes=-n" for a file of `size` bytes. 0: not a single range we know,
// send everything; 206: *from and *len are set; 416: nothing of it lies in the file.
static int
choose_range(const char *text, uint64_t size, uint64_t *from, uint64_t *len)
{
	char digits[2][24] = {"", ""};
	uint64_t first = 0, last = size ? size - 1 : 0;

	if (!text || strncasecmp(text, "bytes=", 6) != 0)
		return 0;
	const char *dash = strchr(text + 6, '-');
	if (!dash || dash - text - 6 > 20 || strlen(dash + 1) > 20)
		return 0;
	memcpy(digits[0], text + 6, (size_t)(dash - text - 6));
	memcpy(digits[1], dash + 1, strlen(dash + 1));
	bool has_first = str_to_u64(digits[0], INT64_MAX, &first);
	bool has_last = str_to_u64(digits[1], INT64_MAX, &last);
	if ((!has_first && digits[0][0]) || (!has_last && digits[1][0]) ||
		(!has_first && !has_last) || (has_first && has_last && last < first))
		return 0;
	if (!has_first) { // the last n bytes
		first = last < size ? size - last : 0;
		if (last == 0)
			return 416;
		last = size ? size - 1 : 0;
	}
	if (first >= size)
		return 416;
	if (last >= size)
		last = size - 1;
	*from = first;
	*len = last - first + 1;
	return 206;
}

void
http_response_file(const struct http_request *req, struct http_response *resp, int fd,
	uint64_t size, const char *etag, const char *content_type)
{
	const char *if_range = http_header(req, "If-Range");
	uint64_t from = 0, len = size;

	resp->file_fd = fd;
	resp->content_type = content_type;
	http_response_header(resp, "Accept-Ranges", "bytes");
	if (etag)
		http_response_header(resp, "ETag", etag);
	if (etag && lists_etag(http_header(req, "If-None-Match"), etag)) {
		resp->status = 304;
		resp->file_length = 0;
		return;
	}
	int status = 0;
	if (!if_range || (etag && strcmp(if_range, etag) == 0))
		status = choose_range(http_header(req, "Range"), size, &from, &len);
	if (status == 206)
		http_response_header(resp, "Content-Range",
			arena_printf(resp->arena, "bytes %llu-%llu/%llu", (unsigned long long)from,
				(unsigned long long)(from + len - 1), (unsigned long long)size));
	if (status == 416) {
		http_response_header(resp, "Content-Range",
			arena_printf(resp->arena, "bytes */%llu", (unsigned long long)size));
		len = 0;
	}
	resp->status = status ? status : 200;
	resp->file_offset = from;
	resp->file_length = len;
}

const char *
http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} known[] = {{100, "Continue"}, {200, "OK"}, {201, "Created"}, {202, "Accepted"},
		{204, "No Content"}, {206, "Partial Content"}, {301, "Moved Permanently"},
		{302, "Found"}, {303, "See Other"}, {304, "Not Modified"},
		{307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {400, "Bad Request"},
		{401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
		{405, "Method Not Allowed"}, {406, "Not Acceptable"}, {408, "Request Timeout"},
		{409, "Conflict"}, {410, "Gone"}, {411, "Length Required"},
		{412, "Precondition Failed"}, {413, "Content Too Large"}, {414, "URI Too Long"},
		{415, "Unsupported Media Type"}, {416, "Range Not Satisfiable"},
		{417, "Expectation Failed"}, {418, "I'm a teapot"}, {422, "Unprocessable Content"},
		{428, "Precondition Required"}, {429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
		{501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
		{504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
		{507, "Insufficient Storage"}};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].status == status)
			return known[i].reason;
	return "";
}
