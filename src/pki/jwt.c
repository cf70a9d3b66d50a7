// SPDX-License-Identifier: Apache-2.0
#include "pki/jwt.h"

#include "base/str.h"
#include "codec/base64.h"
#include "pki/key.h"
#include "pki/ossl.h"

enum { P256_LEN = 32, SIG_MAX = 1024 };

static const struct json_limits header_limits = {
	.max_bytes = 2048, .max_depth = 4, .max_nodes = 32};
static const struct json_limits claims_limits = {
	.max_bytes = JWT_MAX, .max_depth = 8, .max_nodes = 1024};

static bool
invalid(struct error *e, const char *why)
{
	return error_fault(e, ERR_UNAUTHENTICATED, "token_invalid", "token: %s", why);
}

bool
ecdsa_der_to_raw(struct slice der, uint8_t raw[64], struct error *e)
{
	const unsigned char *at = der.data;
	CLEANUP(autoecdsa_p) ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
	uint8_t both[2 * P256_LEN];

	if (!sig || at != der.data + der.len ||
		BN_bn2binpad(ECDSA_SIG_get0_r(sig), both, P256_LEN) != P256_LEN ||
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), both + P256_LEN, P256_LEN) != P256_LEN)
		return ossl_error(e, ERR_CRYPTO, "P-256 signature");
	memcpy(raw, both, sizeof both);
	return true;
}

bool
ecdsa_raw_to_der(
	struct arena *arena, struct slice r, struct slice s, struct slice *out, struct error *e)
{
	CLEANUP(autoecdsa_p) ECDSA_SIG *sig = ECDSA_SIG_new();
	autoossl *der = NULL;

	if (r.len == 0 || r.len > P256_LEN || s.len == 0 || s.len > P256_LEN)
		return error_set(
			e, ERR_INVALID, "P-256 signature of %zu and %zu bytes", r.len, s.len);
	BIGNUM *rn = BN_bin2bn(r.data, (int)r.len, NULL), *sn = BN_bin2bn(s.data, (int)s.len, NULL);
	if (!sig || !rn || !sn || ECDSA_SIG_set0(sig, rn, sn) != 1) {
		BN_free(rn);
		BN_free(sn);
		return ossl_error(e, ERR_CRYPTO, "P-256 signature");
	}
	int len = i2d_ECDSA_SIG(sig, &der);
	if (len <= 0)
		return ossl_error(e, ERR_CRYPTO, "P-256 signature");
	*out = slice_of(arena_memdup(arena, der, (size_t)len), (size_t)len);
	return true;
}

static bool
write_header(struct arena *arena, EVP_PKEY *key, const char *kid, struct jwt_signer *out,
	struct error *e)
{
	const char *alg = jwk_alg(key);
	struct buf header;

	if (!alg)
		return error_set(e, ERR_UNSUPPORTED, "this kind of key signs no tokens");
	buf_init(&header, arena, header_limits.max_bytes);
	struct jsonw w = jsonw_on(&header);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "alg", alg);
	jsonw_str(&w, "typ", "JWT");
	jsonw_str(&w, "kid", kid);
	jsonw_end_object(&w);
	out->ec = str_eq(alg, "ES256");
	out->header = base64url_encode(arena, buf_slice(&header));
	return buf_ok(&header, e);
}

bool
jwt_signer_init(struct arena *arena, EVP_PKEY *key, const char *kid, struct jwt_signer *out,
	struct error *e)
{
	automd *md = EVP_MD_CTX_new();

	*out = (struct jwt_signer){0};
	if (!write_header(arena, key, kid, out, e))
		return false;
	if (!md || EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key) != 1)
		return ossl_error(e, ERR_CRYPTO, "signing tokens");
	out->ready = md;
	md = NULL;
	return true;
}

void
jwt_signer_finish(struct jwt_signer *signer)
{
	EVP_MD_CTX_free(signer->ready);
	signer->ready = NULL;
}

static bool
sign(struct arena *arena, const struct jwt_signer *signer, struct slice input, struct slice *out,
	struct error *e)
{
	automd *md = EVP_MD_CTX_new();
	uint8_t der[SIG_MAX];
	size_t len = sizeof der;

	if (!md || EVP_MD_CTX_copy_ex(md, signer->ready) != 1 ||
		EVP_DigestSign(md, der, &len, input.data, input.len) != 1)
		return ossl_error(e, ERR_CRYPTO, "signing a token");
	uint8_t *raw =
		signer->ec ? arena_alloc(arena, 2 * P256_LEN) : arena_memdup(arena, der, len);
	if (signer->ec && !ecdsa_der_to_raw(slice_of(der, len), raw, e))
		return false;
	*out = slice_of(raw, signer->ec ? 2 * P256_LEN : len);
	return true;
}

bool
jwt_signer_sign(struct arena *arena, const struct jwt_signer *signer, const char *claims,
	char **out, struct error *e)
{
	struct buf token;
	struct slice sig;

	buf_init(&token, arena, JWT_MAX + 1);
	buf_puts(&token, signer->header);
	buf_putc(&token, '.');
	buf_puts(&token, base64url_encode(arena, slice_str(claims)));
	if (!sign(arena, signer, buf_slice(&token), &sig, e))
		return false;
	buf_putc(&token, '.');
	buf_puts(&token, base64url_encode(arena, sig));
	if (token.overflow || token.len > JWT_MAX)
		return error_set(e, ERR_LIMIT, "token larger than %d bytes", JWT_MAX);
	*out = (char *)(uintptr_t)buf_text(&token);
	return true;
}

bool
jwt_sign(struct arena *arena, EVP_PKEY *key, const char *kid, const char *claims, char **out,
	struct error *e)
{
	struct jwt_signer signer;

	if (!jwt_signer_init(arena, key, kid, &signer, e))
		return false;
	bool ok = jwt_signer_sign(arena, &signer, claims, out, e);
	jwt_signer_finish(&signer);
	return ok;
}

struct parts {
	struct slice header, claims, signature; // decoded
	struct slice input;			// what is signed
};

static bool
split(struct arena *arena, struct slice token, struct parts *out, struct error *e)
{
	struct error inner;

	if (token.len == 0 || token.len > JWT_MAX)
		return invalid(e, "empty or too large");
	const uint8_t *end = token.data + token.len;
	const uint8_t *one = memchr(token.data, '.', token.len);
	const uint8_t *two = one ? memchr(one + 1, '.', (size_t)(end - one - 1)) : NULL;
	if (!two || memchr(two + 1, '.', (size_t)(end - two - 1)))
		return invalid(e, "not three parts");
	struct slice head = slice_of(token.data, (size_t)(one - token.data));
	struct slice body = slice_of(one + 1, (size_t)(two - one - 1));
	struct slice tail = slice_of(two + 1, (size_t)(end - two - 1));
	if (head.len == 0 || body.len == 0 || tail.len == 0)
		return invalid(e, "an empty part");
	if (!base64url_decode(arena, head, header_limits.max_bytes, &out->header, &inner) ||
		!base64url_decode(arena, body, JWT_MAX, &out->claims, &inner) ||
		!base64url_decode(arena, tail, SIG_MAX, &out->signature, &inner))
		return invalid(e, "not base64url");
	out->input = slice_of(token.data, (size_t)(two - token.data));
	return true;
}

// Only `alg`, `kid` and `typ` are used; members that bring a key, change the meaning or must be
// understood are refused rather than ignored.
static bool
check_header(struct arena *arena, struct slice text, const struct jwk_set *keys,
	const struct jwt_expect *expect, const struct jwk **key, struct error *e)
{
	// The last two only name a key; AD FS sends them.
	static const char *const refused[] = {
		"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc", "x5t", "x5t#S256"};
	size_t count = sizeof refused / sizeof *refused - (expect->id_token ? 2 : 0);
	struct error inner;
	const struct json *header = json_parse(arena, text, &header_limits, &inner);

	if (!header || header->type != JSON_OBJECT)
		return invalid(e, "malformed header");
	for (size_t i = 0; i < count; i++)
		if (json_get(header, refused[i]))
			return invalid(e, "header with a refused member");
	const struct json *typ = json_get(header, "typ");
	if (typ && !str_ieq(json_str(header, "typ"), "JWT") &&
		!str_ieq(json_str(header, "typ"), "at+jwt"))
		return invalid(e, "another type of token");
	const char *alg = json_str(header, "alg");
	if (!str_eq(alg, "ES256") && !str_eq(alg, "RS256"))
		return invalid(e, "algorithm not allowed");
	*key = jwk_find(keys, json_str(header, "kid"));
	if (!*key)
		return invalid(e, "signed by an unknown key");
	if (!str_eq(alg, jwk_alg((*key)->key)))
		return invalid(e, "algorithm is not the key's");
	return true;
}

static bool
check_signature(
	struct arena *arena, const struct parts *parts, const struct jwk *key, struct error *e)
{
	struct slice sig = parts->signature;
	automd *md = EVP_MD_CTX_new();
	struct error inner;

	if (str_eq(jwk_alg(key->key), "ES256")) {
		if (sig.len != 2 * P256_LEN ||
			!ecdsa_raw_to_der(arena, slice_of(sig.data, P256_LEN),
				slice_of(sig.data + P256_LEN, P256_LEN), &sig, &inner))
			return invalid(e, "malformed signature");
	}
	if (!md || EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key->key) != 1 ||
		EVP_DigestVerify(md, sig.data, sig.len, parts->input.data, parts->input.len) != 1) {
		ossl_error(&inner, ERR_CRYPTO, "token");
		return invalid(e, "wrong signature");
	}
	return true;
}

// A claim that must be the number of whole seconds since 1970.
static bool
need_time(const struct json *claims, const char *name, int64_t *out)
{
	const struct json *node = json_get(claims, name);

	*out = json_int(claims, name, -1);
	return node && node->type == JSON_NUMBER && *out >= 0 && *out <= INT64_MAX / US_PER_S;
}

static bool
check_times(const struct json *claims, const struct jwt_expect *expect, struct error *e)
{
	int64_t now = expect->now / US_PER_S, exp, nbf, iat;

	const char *begin = expect->id_token && !json_get(claims, "nbf") ? "iat" : "nbf";
	if (!need_time(claims, "exp", &exp) || !need_time(claims, begin, &nbf) ||
		!need_time(claims, "iat", &iat))
		return invalid(e, "exp, nbf or iat missing or malformed");
	if (exp <= nbf || (expect->max_lifetime_s && exp - nbf > expect->max_lifetime_s))
		return invalid(e, "life time out of bounds");
	if (now >= exp + JWT_SKEW_S)
		return error_fault(e, ERR_UNAUTHENTICATED, "token_expired", "token: expired");
	if (nbf > now + JWT_SKEW_S || iat > now + JWT_SKEW_S)
		return error_fault(
			e, ERR_UNAUTHENTICATED, "token_not_yet_valid", "token: not yet valid");
	return true;
}

static bool
is_exactly(const struct json *claims, const char *name, const char *expected)
{
	const struct json *node = json_get(claims, name);

	return node && node->type == JSON_STRING && !str_empty(expected) &&
		slice_is(slice_of(node->text, node->len), expected);
}

// Ours name one audience. With a list there is a party that was authorized, and it must be us.
static bool
check_audience(const struct json *claims, const struct jwt_expect *expect)
{
	const struct json *aud = json_get(claims, "aud");
	bool found = false;

	if (!expect->id_token)
		return is_exactly(claims, "aud", expect->audience);
	if (json_get(claims, "azp") && !is_exactly(claims, "azp", expect->audience))
		return false;
	if (!aud || aud->type != JSON_ARRAY)
		return is_exactly(claims, "aud", expect->audience);
	for (const struct json *a = aud->first; a; a = a->next) {
		if (a->type != JSON_STRING)
			return false;
		found = found || slice_is(slice_of(a->text, a->len), expect->audience);
	}
	return found && !str_empty(expect->audience) &&
		(aud->count == 1 || json_get(claims, "azp"));
}

static bool
check_claims(const struct json *claims, const struct jwt_expect *expect, struct error *e)
{
	if (!is_exactly(claims, "iss", expect->issuer))
		return invalid(e, "another issuer");
	if (!check_audience(claims, expect))
		return invalid(e, "for another audience");
	if (expect->id_token && !is_exactly(claims, "nonce", expect->nonce))
		return invalid(e, "answers another request");
	if (expect->tenant && !is_exactly(claims, "tid", expect->tenant))
		return invalid(e, "of another tenant");
	return check_times(claims, expect, e);
}

bool
jwt_verify(struct arena *arena, struct slice token, const struct jwk_set *keys,
	const struct jwt_expect *expect, const struct json **claims, struct error *e)
{
	const struct jwk *key = NULL;
	struct parts parts;
	struct error inner;

	if (!split(arena, token, &parts, e) ||
		!check_header(arena, parts.header, keys, expect, &key, e) ||
		!check_signature(arena, &parts, key, e))
		return false;
	// Claims are parsed only after the signature held: nobody else's text reaches the parser.
	const struct json *read = json_parse(arena, parts.claims, &claims_limits, &inner);
	if (!read || read->type != JSON_OBJECT)
		return invalid(e, "malformed claims");
	if (!check_claims(read, expect, e))
		return false;
	*claims = read;
	return true;
}

const char *
jwt_kid(struct arena *arena, struct slice token)
{
	struct parts parts;
	struct error e;

	return split(arena, token, &parts, &e)
		? json_str(json_parse(arena, parts.header, &header_limits, &e), "kid")
		: NULL;
}
