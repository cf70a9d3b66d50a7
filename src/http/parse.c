// SPDX-License-Identifier: Apache-2.0
#include "http/parse.h"

#include "base/str.h"

#include <strings.h>

enum { LONGEST_METHOD = 32 };

static enum http_verdict
bad(struct http_message *out, int status, const char *reason)
{
	out->status = status;
	out->reason = reason;
	return HTTP_BAD;
}

static bool
is_tchar(unsigned char c)
{
	// One bit a character from 0x20 on: "!#$%&'*+-.^_`|~", digits, letters.
	static const uint32_t set[] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};

	return c < 0x80 && (set[c >> 5] >> (c & 31) & 1);
}

bool
http_is_token(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_tchar((unsigned char)text[i]))
			return false;
	return len > 0;
}

// Field values: HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5).
static bool
is_field_char(unsigned char c)
{
	return c == '\t' || (c >= 0x20 && c != 0x7f);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
http_percent_decode(struct arena *arena, const char *text, size_t len, bool form, char **out)
{
	char *copy = arena_alloc(arena, len + 1), *to = copy;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '%') {
			int high = i + 2 < len ? hex_digit(text[i + 1]) : -1;
			int low = i + 2 < len ? hex_digit(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			if (c == '\0' || (!form && (c == '/' || c == '\\')))
				return false;
			i += 2;
		} else if (form && c == '+') {
			c = ' ';
		}
		*to++ = c;
	}
	*out = copy;
	return true;
}

// --- request line ---

static bool
has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

// "." and ".." are resolved by clients (RFC 3986 section 5.2.4); whoever sends them probes.
static bool
has_dot_segment(const char *path)
{
	for (const char *p = path; (p = strchr(p, '/')); p++) {
		size_t len = strcspn(p + 1, "/");
		if ((len == 1 && p[1] == '.') || (len == 2 && p[1] == '.' && p[2] == '.'))
			return true;
	}
	return false;
}

static bool
query_is_sound(const char *query)
{
	for (const char *p = query; (p = strchr(p, '%')); p++)
		if (hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0 || (p[1] == '0' && p[2] == '0'))
			return false;
	return true;
}

static enum http_verdict
read_origin_form(struct arena *arena, char *target, struct http_message *out)
{
	char *path, *query = strchr(target, '?');

	if (query)
		*query++ = '\0';
	if (strpbrk(target, "\\\"<>^`{|}"))
		return bad(out, 400, "a character in the path must be percent-encoded");
	if (!http_percent_decode(arena, target, strlen(target), false, &path))
		return bad(out, 400, "malformed percent-encoding in the path");
	if (has_control(path) || !utf8_valid(slice_str(path)))
		return bad(out, 400, "the path is not UTF-8 text");
	if (has_dot_segment(path))
		return bad(out, 400, "dot segments in the path");
	if (query && !query_is_sound(query))
		return bad(out, 400, "malformed percent-encoding in the query");
	out->path = path;
	out->raw_query = query ? query : "";
	return HTTP_DONE;
}

// uri-host [ ":" port ] without user information (RFC 9112 section 3.2).
static bool
host_is_sound(const char *host)
{
	size_t name = host[0] == '[' ? strspn(host + 1, "0123456789abcdefABCDEF:.") + 1
				     : strspn(host,
					       "abcdefghijklmnopqrstuvwxyz"
					       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~");

	if (host[0] == '[') {
		if (name < 3 || host[name] != ']')
			return false;
		name++;
	}
	if (name == 0)
		return false;
	if (host[name] == '\0')
		return true;
	size_t port = strspn(host + name + 1, "0123456789");
	return host[name] == ':' && port <= 5 && host[name + 1 + port] == '\0';
}

// absolute-form: "http://host/path"; the host replaces the Host header (RFC 9112 section 3.2.2).
static enum http_verdict
read_target(struct arena *arena, char *target, struct http_message *out)
{
	for (char *p = target; *p; p++)
		if (*p <= 0x20 || *p >= 0x7f || *p == '#')
			return bad(out, 400, "a character in the target must be percent-encoded");
	if (*target == '/')
		return read_origin_form(arena, target, out);
	size_t scheme = str_istarts(target, "http://") ? 7
		: str_istarts(target, "https://")      ? 8
						       : 0;
	if (!scheme)
		return bad(out, 400, "neither a path nor an absolute URL");
	size_t len = strcspn(target + scheme, "/?");
	char *rest = target + scheme + len;
	char *host = arena_strndup(arena, target + scheme, len);
	if (!host_is_sound(host))
		return bad(out, 400, "malformed host in the target");
	out->host = host;
	return read_origin_form(arena, *rest == '/' ? rest : arena_printf(arena, "/%s", rest), out);
}

static enum http_verdict
read_version(const char *version, struct http_message *out)
{
	if (strlen(version) != 8 || strncmp(version, "HTTP/", 5) != 0 || version[6] != '.' ||
		hex_digit(version[5]) < 0 || version[5] > '9' || hex_digit(version[7]) < 0 ||
		version[7] > '9')
		return bad(out, 400, "malformed protocol version");
	if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
		return bad(out, 505, "only HTTP/1.1 and HTTP/1.0 are spoken");
	out->minor = version[7] - '0';
	out->close = out->minor == 0;
	return HTTP_DONE;
}

// method SP request-target SP HTTP-version, with exactly one space each (RFC 9112 section 3).
static enum http_verdict
read_request_line(struct arena *arena, const struct http_limits *limits, char *line, size_t len,
	struct http_message *out)
{
	char *target = memchr(line, ' ', len);

	if (strlen(line) != len || !target)
		return bad(out, 400, "malformed request line");
	*target++ = '\0';
	char *version = strchr(target, ' ');
	if (!version)
		return bad(out, 400, "malformed request line");
	*version++ = '\0';
	if (!http_is_token(line, strlen(line)) || strlen(line) > LONGEST_METHOD)
		return bad(out, 400, "malformed method");
	enum http_verdict v = read_version(version, out);
	if (v != HTTP_DONE)
		return v;
	if (strlen(target) > limits->max_target)
		return bad(out, 414, "the request target is too long");
	out->method = line;
	return read_target(arena, target, out);
}

// --- header fields ---

struct framing {
	unsigned hosts, lengths, codings;
	const char *host, *length, *coding, *expect;
};

static void
note_field(const struct http_header *field, struct framing *framing, struct http_message *out)
{
	if (strcasecmp(field->name, "Host") == 0) {
		framing->hosts++;
		framing->host = field->value;
	} else if (strcasecmp(field->name, "Content-Length") == 0) {
		framing->lengths++;
		framing->length = field->value;
	} else if (strcasecmp(field->name, "Transfer-Encoding") == 0) {
		framing->codings++;
		framing->coding = field->value;
	} else if (strcasecmp(field->name, "Expect") == 0) {
		framing->expect = field->value;
	} else if (strcasecmp(field->name, "Connection") == 0) {
		for (const char *p = field->value; *p; p += strspn(p, ", \t")) {
			size_t len = strcspn(p, ", \t");
			if (len == 5 && strncasecmp(p, "close", 5) == 0)
				out->close = true;
			p += len;
		}
	}
}

// field-name ":" OWS field-value OWS; no space before the colon, no folding (RFC 9112 section 5).
static enum http_verdict
read_field(char *line, size_t len, struct http_header *field, struct http_message *out)
{
	if (*line == ' ' || *line == '\t')
		return bad(out, 400, "folded header line");
	char *colon = memchr(line, ':', len);
	if (!colon || !http_is_token(line, (size_t)(colon - line)))
		return bad(out, 400, "malformed header name");
	*colon = '\0';
	char *value = colon + 1, *end = line + len;
	for (char *p = value; p < end; p++)
		if (!is_field_char((unsigned char)*p))
			return bad(out, 400, "control character in a header value");
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	*field = (struct http_header){.name = line, .value = value};
	return HTTP_DONE;
}

static enum http_verdict
check_host(const struct framing *framing, struct http_message *out)
{
	if (framing->hosts > 1)
		return bad(out, 400, "more than one Host");
	if (framing->hosts == 0 && out->minor == 1)
		return bad(out, 400, "Host is missing");
	if (framing->hosts == 1 && !host_is_sound(framing->host))
		return bad(out, 400, "malformed Host");
	if (!out->host)
		out->host = framing->hosts ? framing->host : "";
	return HTTP_DONE;
}

static enum http_verdict
check_coding(const struct framing *framing, struct http_message *out)
{
	if (framing->lengths)
		return bad(out, 400, "both Transfer-Encoding and Content-Length");
	if (framing->codings > 1 || out->minor == 0)
		return bad(out, 400, "Transfer-Encoding does not fit");
	if (strcasecmp(framing->coding, "chunked") == 0)
		return HTTP_DONE;
	// A further coding below "chunked" is framed well but not offered (RFC 9112 section 6.1).
	size_t len = strlen(framing->coding);
	if (len > 9 && strcasecmp(framing->coding + len - 7, "chunked") == 0 &&
		strchr(", \t", framing->coding[len - 8]) &&
		strncasecmp(framing->coding, "chunked", 7) != 0)
		return bad(out, 501, "only the transfer coding \"chunked\" is offered");
	return bad(out, 400, "the final transfer coding is not \"chunked\"");
}

static enum http_verdict
check_framing(const struct framing *framing, const struct http_limits *limits,
	struct http_reader *reader, struct http_message *out)
{
	enum http_verdict v = check_host(framing, out);

	if (v != HTTP_DONE)
		return v;
	reader->phase = HTTP_IN_LENGTH;
	reader->length = 0;
	if (framing->codings) {
		reader->phase = HTTP_IN_CHUNKS;
		v = check_coding(framing, out);
		if (v != HTTP_DONE)
			return v;
	}
	if (framing->lengths > 1)
		return bad(out, 400, "more than one Content-Length");
	if (framing->lengths && !*framing->length)
		return bad(out, 400, "empty Content-Length");
	if (framing->lengths && framing->length[strspn(framing->length, "0123456789")])
		return bad(out, 400, "Content-Length is not a number");
	size_t most = limits->large_path && str_starts(out->path, limits->large_path)
		? limits->max_large
		: limits->max_body;
	if (framing->lengths && !str_to_u64(framing->length, most, &reader->length))
		return bad(out, 413, "the body is too large");
	if (framing->expect && out->minor == 1) {
		if (strcasecmp(framing->expect, "100-continue") != 0)
			return bad(out, 417, "unknown expectation");
		reader->expects_continue = reader->phase == HTTP_IN_CHUNKS || reader->length > 0;
	}
	return HTTP_DONE;
}

// `text` is a copy of the whole head with every line ended by CR LF, and may be cut up.
static enum http_verdict
read_head(struct arena *arena, const struct http_limits *limits, char *text, size_t len,
	struct http_reader *reader, struct http_message *out)
{
	struct framing framing = {0};
	char *end = text + len - 2, *eol = memchr(text, '\n', len);
	size_t lines = 0;

	eol[-1] = '\0';
	enum http_verdict v = read_request_line(arena, limits, text, (size_t)(eol - 1 - text), out);
	if (v != HTTP_DONE)
		return v;
	for (char *p = eol + 1; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		lines++;
	if (lines > limits->max_headers)
		return bad(out, 431, "too many headers");
	out->headers = arena_array(arena, lines, sizeof *out->headers);
	for (char *line = eol + 1; line < end; line = eol + 1) {
		eol = memchr(line, '\n', (size_t)(end - line));
		struct http_header *field = &out->headers[out->header_count++];
		v = read_field(line, (size_t)(eol - 1 - line), field, out);
		if (v != HTTP_DONE)
			return v;
		note_field(field, &framing, out);
	}
	return check_framing(&framing, limits, reader, out);
}

// Look for the empty line, refusing a bare LF on the way (RFC 9112 section 2.2 would allow it, and
// is where request smuggling begins).
static enum http_verdict
find_head(struct http_reader *reader, const struct http_limits *limits, const uint8_t *data,
	size_t len, struct http_message *out)
{
	const uint8_t *lf;
	bool first_line;

	if (reader->scanned == 0 && len > 0 && data[0] == '\r') {
		if (len == 1)
			return HTTP_MORE;
		reader->start = reader->line_start = reader->scanned = 2;
		if (data[1] != '\n')
			return bad(out, 400, "bare CR");
	}
	while ((lf = memchr(data + reader->scanned, '\n', len - reader->scanned))) {
		size_t at = (size_t)(lf - data);
		if (at >= limits->max_head)
			break;
		if (at == 0 || data[at - 1] != '\r')
			return bad(out, 400, "bare LF");
		reader->scanned = at + 1;
		if (at - reader->line_start == 1) {
			reader->head_len = at + 1;
			return HTTP_DONE;
		}
		reader->line_start = at + 1;
	}
	if (len <= limits->max_head && !lf) {
		reader->scanned = len;
		return HTTP_MORE;
	}
	first_line = reader->line_start == reader->start;
	return first_line ? bad(out, 414, "the request line is too long")
			  : bad(out, 431, "the headers are too large");
}

// --- chunked bodies (RFC 9112 section 7.1) ---

enum chunk_state {
	SIZE_FIRST,
	SIZE_MORE,
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER_START,
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	LAST_LF,
	FINISHED,
};

enum { MAX_EXTENSION = 256, MAX_OVERHEAD = 16 << 10 };

static enum http_verdict
chunk_size_byte(struct http_reader *reader, unsigned char c, const struct http_limits *limits,
	struct http_message *out)
{
	int digit = hex_digit((char)c);

	if (digit >= 0) {
		if (++reader->chunk.digits > 16)
			return bad(out, 400, "chunk size has too many digits");
		reader->chunk.left = reader->chunk.left << 4 | (uint64_t)digit;
		reader->chunk.state = SIZE_MORE;
		return HTTP_MORE;
	}
	if (reader->chunk.state == SIZE_FIRST || (c != '\r' && c != ';'))
		return bad(out, 400, "malformed chunk size");
	if (reader->chunk.left > limits->max_body - reader->body_len)
		return bad(out, 413, "the body is too large");
	reader->chunk.digits = 0;
	reader->chunk.line = 0;
	reader->chunk.state = c == ';' ? EXTENSION : SIZE_LF;
	return HTTP_MORE;
}

static enum http_verdict
trailer_byte(struct http_reader *reader, unsigned char c, struct http_message *out)
{
	if (++reader->chunk.overhead > MAX_OVERHEAD)
		return bad(out, 431, "the trailers are too large");
	switch (reader->chunk.state) {
	case TRAILER_START:
		if (c != '\r' && !is_tchar(c))
			return bad(out, 400, "malformed trailer");
		reader->chunk.state = c == '\r' ? LAST_LF : TRAILER_NAME;
		return HTTP_MORE;
	case TRAILER_NAME:
		if (c != ':' && !is_tchar(c))
			return bad(out, 400, "malformed trailer");
		reader->chunk.state = c == ':' ? TRAILER_VALUE : TRAILER_NAME;
		return HTTP_MORE;
	default:
		if (c != '\r' && !is_field_char(c))
			return bad(out, 400, "control character in a trailer");
		reader->chunk.state = c == '\r' ? TRAILER_LF : TRAILER_VALUE;
		return HTTP_MORE;
	}
}

static enum http_verdict
extension_byte(struct http_reader *reader, unsigned char c, struct http_message *out)
{
	if (++reader->chunk.line > MAX_EXTENSION || ++reader->chunk.overhead > MAX_OVERHEAD)
		return bad(out, 400, "chunk extension is too long");
	if (c != '\r' && !is_field_char(c))
		return bad(out, 400, "control character in a chunk extension");
	reader->chunk.state = c == '\r' ? SIZE_LF : EXTENSION;
	return HTTP_MORE;
}

// The bytes of framing between chunk data.
static enum http_verdict
framing_byte(struct http_reader *reader, unsigned char c, const struct http_limits *limits,
	struct http_message *out)
{
	static const unsigned char after[] = {[DATA_CR] = DATA_LF,
		[DATA_LF] = SIZE_FIRST,
		[TRAILER_LF] = TRAILER_START,
		[LAST_LF] = FINISHED};

	switch (reader->chunk.state) {
	case SIZE_FIRST:
	case SIZE_MORE:
		return chunk_size_byte(reader, c, limits, out);
	case EXTENSION:
		return extension_byte(reader, c, out);
	case TRAILER_START:
	case TRAILER_NAME:
	case TRAILER_VALUE:
		return trailer_byte(reader, c, out);
	case SIZE_LF:
		if (c != '\n')
			return bad(out, 400, "bare CR after a chunk size");
		reader->chunk.state = reader->chunk.left ? DATA : TRAILER_START;
		return HTTP_MORE;
	default:
		if (c != (reader->chunk.state == DATA_CR ? '\r' : '\n'))
			return bad(out, 400, "malformed end of a chunk");
		reader->chunk.state = after[reader->chunk.state];
		return reader->chunk.state == FINISHED ? HTTP_DONE : HTTP_MORE;
	}
}

static enum http_verdict
read_chunks(struct http_reader *reader, const struct http_limits *limits, uint8_t *data, size_t len,
	struct http_message *out)
{
	enum http_verdict v = HTTP_MORE;

	while (v == HTTP_MORE && reader->raw_len < len) {
		if (reader->chunk.state != DATA) {
			v = framing_byte(reader, data[reader->raw_len++], limits, out);
			continue;
		}
		size_t n = len - reader->raw_len;
		if (n > reader->chunk.left)
			n = (size_t)reader->chunk.left;
		memmove(data + reader->head_len + reader->body_len, data + reader->raw_len, n);
		reader->body_len += n;
		reader->raw_len += n;
		reader->chunk.left -= n;
		if (reader->chunk.left == 0)
			reader->chunk.state = DATA_CR;
	}
	if (v == HTTP_MORE) {
		out->keep = reader->head_len + reader->body_len;
		reader->raw_len = out->keep;
	}
	return v;
}

// --- whole requests ---

static enum http_verdict
read_body(struct http_reader *reader, const struct http_limits *limits, uint8_t *data, size_t len,
	struct http_message *out)
{
	enum http_verdict v = HTTP_DONE;

	if (reader->phase == HTTP_IN_CHUNKS) {
		v = read_chunks(reader, limits, data, len, out);
	} else if (reader->phase == HTTP_IN_LENGTH) {
		out->keep = len;
		reader->body_len = (size_t)reader->length;
		reader->raw_len = reader->head_len + reader->body_len;
		v = len < reader->raw_len ? HTTP_MORE : HTTP_DONE;
	}
	if (v == HTTP_DONE) {
		reader->phase = HTTP_COMPLETE;
		out->used = reader->raw_len;
		out->body = slice_of(data + reader->head_len, reader->body_len);
	}
	return v;
}

enum http_verdict
http_read(struct http_reader *reader, struct arena *arena, const struct http_limits *limits,
	uint8_t *data, size_t len, struct http_message *out)
{
	enum http_verdict v;

	*out = (struct http_message){.keep = len};
	if (reader->phase != HTTP_IN_HEAD) {
		v = read_body(reader, limits, data, len, out);
		if (v != HTTP_DONE)
			return v;
	} else {
		v = find_head(reader, limits, data, len, out);
		if (v != HTTP_DONE)
			return v;
	}
	// The head is parsed when it is complete and, if the body came later, once more at the end:
	// cheaper than holding its strings meanwhile.
	struct http_reader state = *reader;
	size_t head_len = reader->head_len - reader->start;
	char *text = arena_strndup(arena, (char *)data + reader->start, head_len);
	struct http_message found = *out;
	v = read_head(arena, limits, text, head_len, &state, &found);
	if (v != HTTP_DONE || reader->phase == HTTP_COMPLETE) {
		*out = found;
		return v;
	}
	*reader = state;
	reader->raw_len = reader->head_len;
	*out = found;
	return read_body(reader, limits, data, len, out);
}
