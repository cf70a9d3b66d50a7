// SPDX-License-Identifier: Apache-2.0
// Form of a token before base64url: version, query (8 bytes, big-endian), number of values, values
// (kind; 8 bytes for numbers, two of length and the bytes for texts), id as a text.
#include "wire/odata/token.h"

#include "base/buf.h"
#include "base/str.h"
#include "codec/base64.h"

#include <math.h>

enum { TOKEN_VERSION = 1 };

static uint64_t
hash_text(uint64_t hash, const char *text)
{
	// FNV-1a, the terminating NUL included, so that the parts cannot run into each other.
	do {
		hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
	} while (*text++);
	return hash;
}

uint64_t
odata_query_hash(struct arena *arena, const char *collection, const struct odata_query *query)
{
	uint64_t hash = hash_text(0xcbf29ce484222325u, collection);

	hash = hash_text(hash, odata_filter_print(arena, query->filter));
	hash = hash_text(hash, odata_order_print(arena, query));
	return hash_text(hash, query->search ? query->search : "");
}

static void
put_u64(struct buf *out, uint64_t value)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_putc(out, (char)(value >> shift & 0xff));
}

static bool
put_text(struct buf *out, const char *text, struct error *e)
{
	size_t len = strlen(text);

	if (!utf8_valid(slice_str(text)))
		return error_set(e, ERR_INVALID, "a sort key is not UTF-8");
	if (len > ODATA_TOKEN_BYTES)
		return error_set(e, ERR_LIMIT, "a sort key is too long for $skiptoken");
	buf_putc(out, (char)(len >> 8));
	buf_putc(out, (char)(len & 0xff));
	buf_puts(out, text);
	return true;
}

static bool
put_value(struct buf *out, const struct odata_token_value *value, struct error *e)
{
	uint64_t bits;

	buf_putc(out, (char)value->kind);
	switch (value->kind) {
	case ODATA_TOKEN_NULL:
		break;
	case ODATA_TOKEN_INT:
		put_u64(out, (uint64_t)value->integer);
		break;
	case ODATA_TOKEN_DOUBLE:
		if (!isfinite(value->number))
			return error_set(e, ERR_INVALID, "a sort key is not a number");
		memcpy(&bits, &value->number, sizeof bits);
		put_u64(out, bits);
		break;
	case ODATA_TOKEN_TEXT:
		return put_text(out, value->text, e);
	}
	return true;
}

bool
odata_token_encode(
	struct arena *arena, const struct odata_token *token, const char **out, struct error *e)
{
	struct buf bytes;

	if (token->count > ODATA_TOKEN_VALUES)
		return error_set(e, ERR_LIMIT, "too many sort keys for $skiptoken");
	buf_init(&bytes, arena, ODATA_TOKEN_BYTES);
	buf_putc(&bytes, TOKEN_VERSION);
	put_u64(&bytes, token->query);
	buf_putc(&bytes, (char)token->count);
	for (size_t i = 0; i < token->count; i++)
		if (!put_value(&bytes, &token->values[i], e))
			return false;
	if (!put_text(&bytes, token->id, e))
		return false;
	if (!buf_ok(&bytes, e))
		return error_set(e, ERR_LIMIT, "the sort keys are too long for $skiptoken");
	*out = base64url_encode(arena, buf_slice(&bytes));
	return true;
}

static bool
take_u64(struct slice *in, uint64_t *out)
{
	if (in->len < 8)
		return false;
	*out = 0;
	for (int i = 0; i < 8; i++)
		*out = *out << 8 | in->data[i];
	*in = slice_of(in->data + 8, in->len - 8);
	return true;
}

static bool
take_byte(struct slice *in, uint8_t *out)
{
	if (in->len < 1)
		return false;
	*out = in->data[0];
	*in = slice_of(in->data + 1, in->len - 1);
	return true;
}

static bool
take_text(struct arena *arena, struct slice *in, const char **out)
{
	uint8_t high, low;

	if (!take_byte(in, &high) || !take_byte(in, &low))
		return false;
	size_t len = (size_t)high << 8 | low;
	if (len > in->len || !utf8_valid(slice_of(in->data, len)))
		return false;
	*out = arena_strndup(arena, (const char *)in->data, len);
	*in = slice_of(in->data + len, in->len - len);
	return true;
}

static bool
take_value(struct arena *arena, struct slice *in, struct odata_token_value *out)
{
	uint64_t bits;
	uint8_t kind;

	*out = (struct odata_token_value){.text = ""};
	if (!take_byte(in, &kind) || kind > ODATA_TOKEN_TEXT)
		return false;
	out->kind = (enum odata_token_kind)kind;
	if (out->kind == ODATA_TOKEN_TEXT)
		return take_text(arena, in, &out->text);
	if (out->kind == ODATA_TOKEN_NULL)
		return true;
	if (!take_u64(in, &bits))
		return false;
	if (out->kind == ODATA_TOKEN_INT) {
		out->integer = (int64_t)bits;
		return true;
	}
	memcpy(&out->number, &bits, sizeof bits);
	return isfinite(out->number);
}

static bool
take_token(struct arena *arena, struct slice in, struct odata_token *out)
{
	uint8_t version, count;

	*out = (struct odata_token){0};
	if (!take_byte(&in, &version) || version != TOKEN_VERSION || !take_u64(&in, &out->query) ||
		!take_byte(&in, &count) || count > ODATA_TOKEN_VALUES)
		return false;
	for (out->count = 0; out->count < count; out->count++)
		if (!take_value(arena, &in, &out->values[out->count]))
			return false;
	return take_text(arena, &in, &out->id) && in.len == 0;
}

bool
odata_token_decode(struct arena *arena, const char *text, uint64_t query, struct odata_token *out,
	struct error *e)
{
	struct slice bytes;

	if (!base64url_decode(arena, slice_str(text), ODATA_TOKEN_BYTES, &bytes, e) ||
		!take_token(arena, bytes, out)) {
		error_set(e, ERR_INVALID, "$skiptoken is not one that this service has given");
		return error_hint(e, "follow @odata.nextLink as it is, or start at the first page");
	}
	if (out->query == query)
		return true;
	error_set(e, ERR_INVALID, "$skiptoken belongs to another query");
	return error_hint(
		e, "keep $filter, $orderby and $search the same, or start at the first page");
}
