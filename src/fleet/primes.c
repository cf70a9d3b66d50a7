// SPDX-License-Identifier: Apache-2.0
// The RSA keys of a simulation from few primes: each device has another pair of them, so that 64
// primes make 2,016 keys in seconds instead of minutes. Whoever has two moduli with a prime in
// common finds it; that is of no matter here, since a simulated key proves nothing anyway.
#include "fleet/fleet.h"

#include "base/fs.h"
#include "pki/ossl.h"
#include <openssl/core_names.h>
#include <pthread.h>

enum { PRIME_BITS = 1024, EXPONENT = 65537, HEX_MAX = 1024 };

// The n-th pair of i < j, in the order (0,1) (0,2) (1,2) (0,3) …: a small number needs few primes.
static void
find_pair(unsigned number, unsigned *i, unsigned *j)
{
	uint64_t n = number;

	*j = 1;
	while ((uint64_t)*j * (*j + 1) / 2 <= n)
		++*j;
	*i = (unsigned)(n - (uint64_t)*j * (*j - 1) / 2);
}

// With the two highest bits set, so that each product has 2048 bits; p - 1 has no factor in common
// with the exponent, which is itself prime.
static bool
new_prime(BIGNUM **out, struct error *e)
{
	*out = BN_new();
	for (;;) {
		if (!*out || !BN_generate_prime_ex(*out, PRIME_BITS, 0, NULL, NULL, NULL))
			return ossl_error(e, ERR_CRYPTO, "a prime");
		if (BN_is_bit_set(*out, PRIME_BITS - 2) && BN_mod_word(*out, EXPONENT) != 1)
			return true;
	}
}

static bool
read_prime(struct arena *arena, const char *file, BIGNUM **out, struct error *e)
{
	struct slice text;

	if (!fs_read(arena, file, HEX_MAX, &text, e))
		return false;
	return BN_hex2bn(out, arena_strndup(arena, (const char *)text.data, text.len)) > 0 ||
		error_set(e, ERR_INVALID, "%s holds no prime", file);
}

// One thread at a time: two that made the same one would have keys of different primes.
static bool
load_prime(struct arena *arena, const char *file, BIGNUM **out, struct error *e)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	autoossl *hex = NULL;

	pthread_mutex_lock(&lock);
	bool ok = read_prime(arena, file, out, e);
	if (!ok && e->code == ERR_NOT_FOUND && new_prime(out, e)) {
		hex = (unsigned char *)BN_bn2hex(*out);
		ok = hex ? fs_write(file, slice_str((const char *)hex), 0600, e)
			 : ossl_error(e, ERR_INTERNAL, "a prime");
	}
	pthread_mutex_unlock(&lock);
	return ok;
}

struct rsa {
	BIGNUM *n, *e, *d, *p, *q, *p1, *q1, *dp, *dq, *qi;
};

static void
rsa_finish(struct rsa *r)
{
	BIGNUM *all[] = {r->n, r->e, r->d, r->p, r->q, r->p1, r->q1, r->dp, r->dq, r->qi};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		BN_free(all[i]);
}

// The rest of the key from p and q (RFC 8017, 3.2).
static bool
rsa_complete(struct rsa *r, BN_CTX *ctx)
{
	autobn *phi = BN_new();

	r->n = BN_new();
	r->e = BN_new();
	r->d = BN_new();
	r->p1 = BN_dup(r->p);
	r->q1 = BN_dup(r->q);
	r->dp = BN_new();
	r->dq = BN_new();
	r->qi = BN_new();
	return phi && r->n && r->e && r->d && r->p1 && r->q1 && r->dp && r->dq && r->qi &&
		BN_set_word(r->e, EXPONENT) && BN_sub_word(r->p1, 1) && BN_sub_word(r->q1, 1) &&
		BN_mul(r->n, r->p, r->q, ctx) && BN_mul(phi, r->p1, r->q1, ctx) &&
		BN_mod_inverse(r->d, r->e, phi, ctx) && BN_mod(r->dp, r->d, r->p1, ctx) &&
		BN_mod(r->dq, r->d, r->q1, ctx) && BN_mod_inverse(r->qi, r->q, r->p, ctx);
}

static bool
rsa_key(const struct rsa *r, EVP_PKEY **out)
{
	const struct {
		const char *name;
		const BIGNUM *value;
	} parts[] = {
		{OSSL_PKEY_PARAM_RSA_N, r->n},
		{OSSL_PKEY_PARAM_RSA_E, r->e},
		{OSSL_PKEY_PARAM_RSA_D, r->d},
		{OSSL_PKEY_PARAM_RSA_FACTOR1, r->p},
		{OSSL_PKEY_PARAM_RSA_FACTOR2, r->q},
		{OSSL_PKEY_PARAM_RSA_EXPONENT1, r->dp},
		{OSSL_PKEY_PARAM_RSA_EXPONENT2, r->dq},
		{OSSL_PKEY_PARAM_RSA_COEFFICIENT1, r->qi},
	};
	CLEANUP(autoparams_p) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	CLEANUP(autopkey_ctx_p)
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);

	bool ok = builder && ctx;
	for (size_t i = 0; ok && i < sizeof parts / sizeof *parts; i++)
		ok = OSSL_PARAM_BLD_push_BN(builder, parts[i].name, parts[i].value);
	OSSL_PARAM *params = ok ? OSSL_PARAM_BLD_to_param(builder) : NULL;
	ok = params && EVP_PKEY_fromdata_init(ctx) > 0 &&
		EVP_PKEY_fromdata(ctx, out, EVP_PKEY_KEYPAIR, params) > 0;
	OSSL_PARAM_free(params);
	return ok;
}

bool
fleet_rsa_key(
	struct arena *arena, const char *path, unsigned number, EVP_PKEY **out, struct error *e)
{
	BN_CTX *ctx = BN_CTX_new();
	struct rsa r = {0};
	unsigned i, j;

	find_pair(number, &i, &j);
	bool ok = load_prime(arena, arena_printf(arena, "%s%u", path, i), &r.p, e) &&
		load_prime(arena, arena_printf(arena, "%s%u", path, j), &r.q, e);
	if (ok && (!ctx || !rsa_complete(&r, ctx) || !rsa_key(&r, out)))
		ok = ossl_error(e, ERR_CRYPTO, "an RSA key");
	rsa_finish(&r);
	BN_CTX_free(ctx);
	return ok;
}
