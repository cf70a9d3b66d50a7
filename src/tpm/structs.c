// SPDX-License-Identifier: Apache-2.0
#include "tpm/structs.h"

#include <tss2/tss2_tpm2_types.h>

uint64_t
tpm_read_int(struct tpm_reader *r, size_t bytes)
{
	struct slice raw = tpm_read_bytes(r, bytes);
	uint64_t value = 0;

	for (size_t i = 0; i < raw.len; i++)
		value = value << 8 | raw.data[i];
	return value;
}

struct slice
tpm_read_bytes(struct tpm_reader *r, size_t len)
{
	struct slice got = {.data = r->at, .len = len};

	if (r->bad || len > r->left) {
		r->bad = true;
		return slice_of(NULL, 0);
	}
	if (len)
		r->at += len;
	r->left -= len;
	return got;
}

struct slice
tpm_read_sized(struct tpm_reader *r)
{
	return tpm_read_bytes(r, tpm_read_int(r, 2));
}

bool
tpm_read_end(const struct tpm_reader *r)
{
	return !r->bad && r->left == 0;
}

static uint16_t
u16(struct tpm_reader *r)
{
	return (uint16_t)tpm_read_int(r, 2);
}

static uint32_t
u32(struct tpm_reader *r)
{
	return (uint32_t)tpm_read_int(r, 4);
}

// TPMT_SYM_DEF_OBJECT (11.1.7): only AES and NULL occur in keys that we know.
static void
read_symmetric(struct tpm_reader *r, struct tpm_public *out)
{
	out->symmetric = u16(r);
	if (out->symmetric == TPM2_ALG_NULL)
		return;
	out->symmetric_bits = u16(r);
	out->symmetric_mode = u16(r);
}

// TPMT_RSA_SCHEME (11.2.4.2), TPMT_ECC_SCHEME (11.2.5.6).
static void
read_scheme(struct tpm_reader *r, struct tpm_public *out)
{
	out->scheme = u16(r);
	if (out->scheme == TPM2_ALG_NULL || out->scheme == TPM2_ALG_RSAES)
		return;
	out->scheme_hash = u16(r);
	if (out->scheme == TPM2_ALG_ECDAA)
		u16(r);
}

static void
read_key(struct tpm_reader *r, struct tpm_public *out)
{
	read_symmetric(r, out);
	read_scheme(r, out);
	if (out->type == TPM2_ALG_RSA) {
		out->bits = u16(r);
		out->exponent = u32(r);
		out->modulus = tpm_read_sized(r);
		return;
	}
	out->curve = u16(r);
	out->kdf = u16(r);
	if (out->kdf != TPM2_ALG_NULL)
		u16(r);
	out->x = tpm_read_sized(r);
	out->y = tpm_read_sized(r);
}

bool
tpm_public_parse(struct slice in, struct tpm_public *out, struct error *e)
{
	struct tpm_reader outer = {.at = in.data, .left = in.len};
	struct tpm_public got = {0};

	if (in.len > TPM_STRUCT_MAX)
		return error_set(e, ERR_LIMIT, "public area of %zu bytes", in.len);
	got.area = tpm_read_sized(&outer);
	if (!tpm_read_end(&outer))
		return error_set(e, ERR_INVALID, "public area: wrong length");
	struct tpm_reader r = {.at = got.area.data, .left = got.area.len};
	got.type = u16(&r);
	got.name_alg = u16(&r);
	got.attributes = u32(&r);
	got.policy = tpm_read_sized(&r);
	if (got.type != TPM2_ALG_RSA && got.type != TPM2_ALG_ECC)
		return error_set(e, ERR_INVALID, "public area: type %04x", got.type);
	read_key(&r, &got);
	if (!tpm_read_end(&r))
		return error_set(e, ERR_INVALID, "public area: malformed");
	*out = got;
	return true;
}

void
tpm_name(const struct tpm_public *public, uint8_t out[TPM_NAME_LEN])
{
	out[0] = TPM2_ALG_SHA256 >> 8;
	out[1] = TPM2_ALG_SHA256 & 0xff;
	sha256(public->area, out + 2);
}

// TPML_PCR_SELECTION (10.9.7).
static void
read_selections(struct tpm_reader *r, struct tpm_attest *out)
{
	out->selection_count = u32(r);
	if (out->selection_count > sizeof out->selections / sizeof *out->selections)
		r->bad = true;
	for (uint32_t i = 0; !r->bad && i < out->selection_count; i++) {
		struct tpm_selection *selection = &out->selections[i];
		selection->hash = u16(r);
		struct slice bits = tpm_read_bytes(r, tpm_read_int(r, 1));
		if (bits.len > sizeof selection->mask)
			r->bad = true;
		for (size_t k = 0; !r->bad && k < bits.len; k++)
			selection->mask |= (uint32_t)bits.data[k] << (8 * k);
	}
}

bool
tpm_attest_parse(struct slice in, struct tpm_attest *out, struct error *e)
{
	struct tpm_reader r = {.at = in.data, .left = in.len};
	struct tpm_attest got = {0};

	if (in.len > TPM_STRUCT_MAX)
		return error_set(e, ERR_LIMIT, "attestation of %zu bytes", in.len);
	got.magic = u32(&r);
	got.type = u16(&r);
	got.signer = tpm_read_sized(&r);
	got.extra_data = tpm_read_sized(&r);
	got.clock = tpm_read_int(&r, 8);
	got.reset_count = u32(&r);
	got.restart_count = u32(&r);
	uint64_t safe = tpm_read_int(&r, 1);
	got.safe = safe == 1;
	got.firmware = tpm_read_int(&r, 8);
	if (got.type == TPM2_ST_ATTEST_QUOTE) {
		read_selections(&r, &got);
		got.pcr_digest = tpm_read_sized(&r);
	} else if (got.type == TPM2_ST_ATTEST_CERTIFY) {
		got.name = tpm_read_sized(&r);
		got.qualified_name = tpm_read_sized(&r);
	} else if (!r.bad) {
		*out = got;
		return true;
	}
	if (!tpm_read_end(&r) || safe > 1)
		return error_set(e, ERR_INVALID, "attestation: malformed");
	*out = got;
	return true;
}

bool
tpm_signature_parse(struct slice in, struct tpm_signature *out, struct error *e)
{
	struct tpm_reader r = {.at = in.data, .left = in.len};
	struct tpm_signature got = {0};

	got.scheme = u16(&r);
	if (!r.bad && got.scheme != TPM2_ALG_ECDSA)
		return error_set(e, ERR_UNSUPPORTED, "signature scheme %04x", got.scheme);
	got.hash = u16(&r);
	got.r = tpm_read_sized(&r);
	got.s = tpm_read_sized(&r);
	if (!tpm_read_end(&r))
		return error_set(e, ERR_INVALID, "signature: malformed");
	*out = got;
	return true;
}

struct slice
tpm_pcrs_encode(struct arena *arena, const struct tpm_pcrs *pcrs)
{
	uint8_t *bytes = arena_alloc(arena, 4 + sizeof pcrs->value), *at = bytes + 4;

	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(pcrs->mask >> (24 - 8 * i));
	for (int i = 0; i < TPM_PCR_COUNT; i++) {
		if (!(pcrs->mask >> i & 1))
			continue;
		memcpy(at, pcrs->value[i], SHA256_LEN);
		at += SHA256_LEN;
	}
	return slice_of(bytes, (size_t)(at - bytes));
}

bool
tpm_pcrs_parse(struct slice in, struct tpm_pcrs *out, struct error *e)
{
	struct tpm_reader r = {.at = in.data, .left = in.len};
	struct tpm_pcrs got = {.mask = u32(&r)};

	if (got.mask >> TPM_PCR_COUNT)
		return error_set(e, ERR_INVALID, "PCR values: mask %08x", got.mask);
	for (int i = 0; i < TPM_PCR_COUNT; i++) {
		if (!(got.mask >> i & 1))
			continue;
		struct slice value = tpm_read_bytes(&r, SHA256_LEN);
		if (value.len)
			memcpy(got.value[i], value.data, SHA256_LEN);
	}
	if (!tpm_read_end(&r))
		return error_set(e, ERR_INVALID, "PCR values: wrong length");
	*out = got;
	return true;
}

void
tpm_put(struct buf *b, uint64_t value, int bytes)
{
	while (bytes--)
		buf_putc(b, (char)(value >> (8 * bytes) & 0xff));
}

void
tpm_put_sized(struct buf *b, struct slice bytes)
{
	tpm_put(b, bytes.len, 2);
	if (bytes.len)
		buf_put(b, bytes.data, bytes.len);
}
