// SPDX-License-Identifier: Apache-2.0
#include "codec/base64.h"
#include "wire/odj/ndr.h"
#include "wire/odj/odj.h"

char *
odj_to_base64(struct arena *arena, struct slice binary)
{
	return base64_encode(arena, binary);
}

struct slice
odj_to_file(struct arena *arena, struct slice binary)
{
	struct slice text = slice_str(base64_encode(arena, binary));
	uint8_t *out = arena_alloc(arena, 2 * text.len + 4);

	out[0] = 0xFF;
	out[1] = 0xFE;
	for (size_t i = 0; i < text.len; i++)
		out[2 + 2 * i] = text.data[i];
	return slice_of(out, 2 * text.len + 4);
}

// The ASCII text of a UTF-16LE file behind its byte order mark, without final NULs.
static bool
narrow(struct arena *arena, struct slice file, struct slice *out, struct error *e)
{
	uint8_t *text = arena_alloc(arena, file.len / 2 + 1);
	size_t len = 0;

	if (file.len % 2)
		return error_set(e, ERR_INVALID, "UTF-16 file of odd length");
	for (size_t i = 0; i < file.len; i += 2) {
		if (file.data[i + 1] || file.data[i] > 0x7F)
			return error_set(e, ERR_INVALID, "character %zu is not base64", i / 2);
		text[len++] = file.data[i];
	}
	while (len > 0 && text[len - 1] == '\0')
		len--;
	*out = slice_of(text, len);
	return true;
}

bool
odj_to_binary(struct arena *arena, struct slice blob, struct slice *out, struct error *e)
{
	struct slice text = blob;

	if (blob.len > ODJ_MAX_FORM)
		return error_set(e, ERR_LIMIT, "offline-domain-join blob of %zu bytes", blob.len);
	if (blob.len >= NDR_HEADER && blob.data[0] == 0x01 && blob.data[1] == 0x10) {
		if (blob.len > ODJ_MAX_BINARY)
			return error_set(
				e, ERR_LIMIT, "offline-domain-join blob of %zu bytes", blob.len);
		*out = blob;
		return true;
	}
	if (blob.len >= 2 && blob.data[0] == 0xFF && blob.data[1] == 0xFE &&
		!narrow(arena, slice_of(blob.data + 2, blob.len - 2), &text, e))
		return error_wrap(e, "offline-domain-join file");
	while (text.len > 0 && text.data[text.len - 1] == '\0')
		text.len--;
	if (!base64_decode(arena, text, BASE64_WHITESPACE, ODJ_MAX_BINARY, out, e))
		return error_wrap(e, "offline-domain-join blob");
	return true;
}
