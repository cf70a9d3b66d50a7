// SPDX-License-Identifier: Apache-2.0
#include "pki/jwk.h"

#include "base/str.h"
#include "codec/base64.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <openssl/core_names.h>

enum { SET_MAX = 64 * 1024 };

const char *
jwk_alg(const EVP_PKEY *key)
{
	enum key_type type;
	struct error e;

	if (!key_type_of(key, &type, &e))
		return NULL;
	if (type == KEY_P256)
		return "ES256";
	return type == KEY_RSA2048 || type == KEY_RSA_OTHER ? "RS256" : NULL;
}

const struct jwk *
jwk_find(const struct jwk_set *set, const char *kid)
{
	for (size_t i = 0; i < set->count; i++)
		if (str_eq(set->keys[i].kid, kid))
			return &set->keys[i];
	return NULL;
}

// A number as base64url: EC coordinates at full length (RFC 7518 6.2.1.2), RSA without leading
// zeros (`len` 0).
static const char *
number(struct arena *arena, const EVP_PKEY *key, const char *param, size_t len)
{
	autobn *value = NULL;

	if (!EVP_PKEY_get_bn_param(key, param, &value))
		return NULL;
	if (len == 0)
		len = (size_t)BN_num_bytes(value);
	uint8_t *bytes = arena_alloc(arena, len);
	if (BN_bn2binpad(value, bytes, (int)len) < 0)
		return NULL;
	return base64url_encode(arena, slice_of(bytes, len));
}

// The members that define a key, in the order of RFC 7638 section 3.
struct members {
	const char *first_name, *first, *kty, *second_name, *second;
	const char *third_name, *third;
};

static bool
members_of(struct arena *arena, const EVP_PKEY *key, struct members *out, struct error *e)
{
	struct members m = {0};
	const char *alg = jwk_alg(key);

	if (!alg)
		return error_set(e, ERR_UNSUPPORTED, "this kind of key signs no tokens");
	if (str_eq(alg, "ES256"))
		m = (struct members){.first_name = "crv",
			.first = "P-256",
			.kty = "EC",
			.second_name = "x",
			.second = number(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, 32),
			.third_name = "y",
			.third = number(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)};
	else
		m = (struct members){.first_name = "e",
			.first = number(arena, key, OSSL_PKEY_PARAM_RSA_E, 0),
			.kty = "RSA",
			.second_name = "n",
			.second = number(arena, key, OSSL_PKEY_PARAM_RSA_N, 0)};
	if (!m.first || !m.second || (m.third_name && !m.third))
		return ossl_error(e, ERR_CRYPTO, "token key");
	*out = m;
	return true;
}

static void
write_members(struct jsonw *w, const struct members *m)
{
	jsonw_str(w, m->first_name, m->first);
	jsonw_str(w, "kty", m->kty);
	jsonw_str(w, m->second_name, m->second);
	if (m->third_name)
		jsonw_str(w, m->third_name, m->third);
}

bool
jwk_thumbprint(struct arena *arena, const EVP_PKEY *key, const char **out, struct error *e)
{
	uint8_t digest[SHA256_LEN];
	struct members m;
	struct buf text;

	if (!members_of(arena, key, &m, e))
		return false;
	buf_init(&text, arena, SET_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	write_members(&w, &m);
	jsonw_end_object(&w);
	if (!buf_ok(&text, e))
		return false;
	sha256(buf_slice(&text), digest);
	*out = base64url_encode(arena, slice_of(digest, sizeof digest));
	return true;
}

bool
jwk_set_json(struct arena *arena, const struct jwk_set *set, const char **out, struct error *e)
{
	struct members m;
	struct buf text;

	buf_init(&text, arena, SET_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "keys");
	for (size_t i = 0; i < set->count; i++) {
		if (!members_of(arena, set->keys[i].key, &m, e))
			return false;
		jsonw_object(&w, NULL);
		write_members(&w, &m);
		jsonw_str(&w, "use", "sig");
		jsonw_str(&w, "alg", jwk_alg(set->keys[i].key));
		jsonw_str(&w, "kid", set->keys[i].kid);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	if (!buf_ok(&text, e))
		return false;
	*out = buf_text(&text);
	return true;
}

static bool
malformed(struct error *e, const char *why)
{
	return error_set(e, ERR_PROTOCOL, "key set: %s", why);
}

// A key that is not for us is no mistake of the issuer's.
static bool
is_for_us(const struct json *in)
{
	const char *kty = json_str(in, "kty"), *alg = json_str(in, "alg");
	const char *wanted = str_eq(kty, "EC") ? "ES256" : "RS256";

	if (!str_eq(kty, "RSA") && !(str_eq(kty, "EC") && str_eq(json_str(in, "crv"), "P-256")))
		return false;
	if (json_get(in, "use") && !str_eq(json_str(in, "use"), "sig"))
		return false;
	return !str_empty(json_str(in, "kid")) && (!json_get(in, "alg") || str_eq(alg, wanted));
}

static bool
read_number(struct arena *arena, const struct json *in, const char *name, size_t max,
	struct slice *out, struct error *e)
{
	struct error inner;

	return base64url_decode(arena, slice_str(json_str(in, name)), max, out, &inner) ||
		malformed(e, "a number is not base64url");
}

// ERR_UNSUPPORTED for a key that is too weak.
static bool
read_key(struct arena *arena, const struct json *in, EVP_PKEY **out, struct error *e)
{
	struct slice first, second;

	if (str_eq(json_str(in, "kty"), "EC"))
		return read_number(arena, in, "x", 32, &first, e) &&
			read_number(arena, in, "y", 32, &second, e) &&
			key_from_p256_point(first, second, out, e);
	return read_number(arena, in, "n", 1024, &first, e) &&
		read_number(arena, in, "e", 8, &second, e) && key_from_rsa(first, second, out, e);
}

static bool
add_key(struct arena *arena, const struct json *in, size_t max, struct jwk *keys, size_t *count,
	struct error *e)
{
	const struct jwk_set before = {.keys = keys, .count = *count};
	struct jwk key = {.kid = json_str(in, "kid")};

	if (in->type != JSON_OBJECT)
		return malformed(e, "a key is no object");
	if (!is_for_us(in))
		return true;
	if (jwk_find(&before, key.kid))
		return malformed(e, "two keys have one name");
	if (*count == max)
		return malformed(e, "too many keys");
	if (!read_key(arena, in, &key.key, e))
		return e->code == ERR_UNSUPPORTED || malformed(e, "a key is none");
	keys[(*count)++] = key;
	return true;
}

bool
jwk_set_read(struct arena *arena, const struct json *document, size_t max, struct jwk_set *out,
	struct error *e)
{
	const struct json *list = json_get(document, "keys");
	struct jwk *keys = arena_array(arena, max + 1, sizeof *keys);
	struct jwk_set set = {.keys = keys};

	if (!list || list->type != JSON_ARRAY)
		return malformed(e, "no list of keys");
	for (const struct json *k = list->first; k; k = k->next)
		if (!add_key(arena, k, max, keys, &set.count, e)) {
			jwk_set_free(&set);
			return false;
		}
	*out = set;
	return true;
}

void
jwk_set_free(struct jwk_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		EVP_PKEY_free(set->keys[i].key);
	*set = (struct jwk_set){0};
}
