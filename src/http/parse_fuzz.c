// SPDX-License-Identifier: Apache-2.0
// However a stream of bytes is cut into reads, the same requests come out of it, and none reaches
// beyond it.
#include "http/parse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_REQUESTS = 64 };

struct outcome {
	enum http_verdict verdict;
	int status;
	size_t used, body_len;
	uint32_t body_sum;
	const char *method, *path, *query, *host;
	size_t headers;
};

static const struct http_limits limits = {
	.max_head = 2048, .max_target = 512, .max_body = 4096, .max_headers = 20};

static uint32_t
sum_of(struct slice body)
{
	uint32_t sum = 1;

	for (size_t i = 0; i < body.len; i++)
		sum = sum * 31 + body.data[i];
	return sum;
}

static struct outcome
outcome_of(enum http_verdict v, const struct http_message *msg, size_t used)
{
	struct outcome out = {.verdict = v, .status = v == HTTP_BAD ? msg->status : 0};

	if (v != HTTP_DONE)
		return out;
	out.used = used;
	out.body_len = msg->body.len;
	out.body_sum = sum_of(msg->body);
	out.method = msg->method;
	out.path = msg->path;
	out.query = msg->raw_query;
	out.host = msg->host;
	out.headers = msg->header_count;
	return out;
}

// Present `len` bytes in pieces of `piece` the way the server does: what is to be kept moves to the
// front of a buffer that has no room to spare.
static struct outcome
read_one(struct arena *arena, const uint8_t *data, size_t len, size_t piece)
{
	struct http_reader reader = {0};
	struct http_message msg = {0};
	enum http_verdict v = HTTP_MORE;
	uint8_t *bytes = NULL;
	size_t kept = 0, taken = 0;

	while (v == HTTP_MORE && taken < len) {
		size_t n = len - taken < piece ? len - taken : piece;
		uint8_t *grown = malloc(kept + n);
		if (kept)
			memcpy(grown, bytes, kept);
		memcpy(grown + kept, data + taken, n);
		free(bytes);
		bytes = grown;
		taken += n;
		size_t have = kept + n;
		v = http_read(&reader, arena, &limits, bytes, have, &msg);
		if (v == HTTP_MORE &&
			(msg.keep > have || msg.keep > limits.max_head + limits.max_body))
			abort();
		if (v == HTTP_DONE && msg.used > have)
			abort();
		kept = v == HTTP_MORE ? msg.keep : have - (v == HTTP_DONE ? msg.used : 0);
	}
	struct outcome out = outcome_of(v, &msg, taken - kept);
	if (v == HTTP_DONE) { // asking again gives the same
		struct http_message again;
		if (http_read(&reader, arena, &limits, bytes, kept + msg.used, &again) !=
				HTTP_DONE ||
			again.used != msg.used || !slice_eq(again.body, msg.body) ||
			strcmp(again.path, msg.path) != 0)
			abort();
	}
	free(bytes);
	return out;
}

static void
compare(const struct outcome *a, const struct outcome *b)
{
	if (a->verdict != b->verdict || a->status != b->status || a->used != b->used ||
		a->body_len != b->body_len || a->body_sum != b->body_sum ||
		a->headers != b->headers)
		abort();
	if (a->verdict != HTTP_DONE)
		return;
	if (strcmp(a->method, b->method) != 0 || strcmp(a->path, b->path) != 0 ||
		strcmp(a->query, b->query) != 0 || strcmp(a->host, b->host) != 0)
		abort();
	if (a->path[0] != '/' || strstr(a->path, "/../"))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	size_t piece = size ? data[size - 1] % 61 + 1 : 1;

	if (size > 16384)
		return 0;
	for (int i = 0; i < MAX_REQUESTS && size > 0; i++) {
		struct outcome whole = read_one(&arena, data, size, size);
		struct outcome pieces = read_one(&arena, data, size, piece);
		struct outcome bytes = read_one(&arena, data, size, 1);
		compare(&whole, &pieces);
		compare(&whole, &bytes);
		if (whole.verdict != HTTP_DONE)
			break;
		data += whole.used;
		size -= whole.used;
		arena_reset(&arena);
	}
	return 0;
}
