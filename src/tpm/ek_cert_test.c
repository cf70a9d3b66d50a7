// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/testing.h"
#include "pki/ossl.h"
#include "tpm/forge.h"
#include "tpm/roca.h"
#include "tpm/sealed.h"
#include <openssl/core_names.h>
#include <stdlib.h>

#define FOREVER (4102444800 * US_PER_S)
#define EK_USAGE "2.23.133.8.1"

// A vendor with root and intermediate, a second root, and the lab.
static EVP_PKEY *ca_key, *ek_key, *ec_key;
static X509 *root, *intermediate, *other_root, *lab_root;
static struct tpm_trust_store *hardware, *lab;
static struct arena shared = {.cap = ARENA_SMALL};

static X509 *
make_ca(X509 *issuer, time_us not_after)
{
	struct forge_cert spec = {.subject = ca_key,
		.issuer = issuer,
		.issuer_key = ca_key,
		.ca = true,
		.not_after = not_after};

	return forge_certificate(&spec);
}

static int
setup(void **state)
{
	struct error e;

	(void)state;
	if (!key_generate(KEY_P256, &ca_key, &e) || !key_generate(KEY_RSA2048, &ek_key, &e) ||
		!key_generate(KEY_P256, &ec_key, &e))
		return -1;
	root = make_ca(NULL, FOREVER);
	// Expired long ago, as vendors' intermediates are.
	intermediate = make_ca(root, 86400 * US_PER_S);
	EVP_PKEY *vendor_key = ca_key;
	if (!key_generate(KEY_P256, &ca_key, &e))
		return -1;
	other_root = make_ca(NULL, FOREVER);
	EVP_PKEY_free(ca_key);
	if (!key_generate(KEY_P256, &ca_key, &e))
		return -1;
	lab_root = make_ca(NULL, FOREVER);
	EVP_PKEY_free(ca_key);
	ca_key = vendor_key;
	// "other_root" is in the PEM text but not in the manifest: left out.
	struct slice roots = slice_str(arena_printf(&shared, "# vendors\n%s%s",
		(const char *)forge_pem(&shared, root).data,
		(const char *)forge_pem(&shared, other_root).data));
	return tpm_trust_store_parse("hardware",
		       slice_str(forge_manifest(&shared, "hardware", root, "49465800 53544D20")),
		       roots, forge_pem(&shared, intermediate), &hardware, &e) &&
			tpm_trust_store_parse("lab",
				slice_str(forge_manifest(&shared, "lab", lab_root, "00001014")),
				forge_pem(&shared, lab_root), slice_of(NULL, 0), &lab, &e)
		? 0
		: -1;
}

static int
teardown(void **state)
{
	X509 *certs[] = {root, intermediate, other_root, lab_root};
	EVP_PKEY *keys[] = {ca_key, ek_key, ec_key};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		X509_free(certs[i]);
	for (size_t i = 0; i < 3; i++)
		EVP_PKEY_free(keys[i]);
	tpm_trust_store_free(hardware);
	tpm_trust_store_free(lab);
	arena_finish(&shared);
	return 0;
}

static struct forge_cert
genuine(void)
{
	return (struct forge_cert){.subject = ek_key,
		.issuer = intermediate,
		.issuer_key = ca_key,
		.eku = EK_USAGE,
		.manufacturer = "id:49465800",
		.not_after = FOREVER};
}

static struct slice
made(struct arena *arena, const struct forge_cert *spec)
{
	autox509 *cert = forge_certificate(spec);

	return forge_der(arena, cert);
}

static void
expect_refused(
	struct slice der, const struct tpm_trust_store *store, const char *what, const char *fault)
{
	autoarena(arena, ARENA_SMALL);
	struct tpm_ek ek = {0};
	struct error e = {0};

	if (tpm_ek_verify(&arena, store, der, 0, &ek, &e))
		fail_msg("accepted: %s", what);
	if (!e.fault || strcmp(e.fault, fault) != 0)
		fail_msg("%s: %s (%s)", what, e.fault ? e.fault : "-", e.message);
	assert_null(ek.key);
}

static void
certificates_that_do_not_vouch_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert bad[14];

	for (size_t i = 0; i < 14; i++)
		bad[i] = genuine();
	bad[0].eku = NULL;
	bad[1].eku = "1.3.6.1.5.5.7.3.2";
	bad[2].eku = "2.23.133.8.3"; // an attestation identity key
	bad[3].manufacturer = NULL;
	bad[4].manufacturer = "49465800";
	bad[5].manufacturer = "id:4946580";
	bad[6].manufacturer = "id:494658000";
	bad[7].manufacturer = "id:4946580G";
	bad[8].manufacturer = "id:494E5443"; // Intel, by a root that may not say so
	bad[9].second_manufacturer = "id:53544D20";
	bad[10].ca = true;
	bad[11].issuer = NULL; // self-signed
	bad[11].issuer_key = ek_key;
	bad[12].manufacturer = "xx:49465800";
	bad[13].issuer_key = ek_key; // issuer's name, own signature
	for (size_t i = 0; i < 14; i++)
		expect_refused(made(&arena, &bad[i]), hardware,
			arena_printf(&arena, "certificate %zu", i), "tpm_ek_untrusted");
}

static void
stores_are_never_mixed(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine();

	expect_refused(made(&arena, &spec), lab, "hardware in lab", "tpm_ek_untrusted");
	spec.issuer = root;
	expect_refused(made(&arena, &spec), lab, "hardware root in lab", "tpm_ek_untrusted");
}

static void
an_end_entity_cannot_issue(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine(), below = genuine();
	struct tpm_trust_store *store;
	struct error e;

	// A genuine EK certificate among the intermediates, and one "issued" by it.
	autox509 *leaf = forge_certificate(&spec);
	below.issuer = leaf;
	below.issuer_key = ek_key;
	below.subject = ec_key;
	assert_works(tpm_trust_store_parse("hardware",
		slice_str(forge_manifest(&arena, "hardware", root, "49465800")),
		forge_pem(&arena, root),
		slice_str(arena_printf(&arena, "%s%s",
			(const char *)forge_pem(&arena, intermediate).data,
			(const char *)forge_pem(&arena, leaf).data)),
		&store, &e));
	expect_refused(made(&arena, &below), store, "issued by an EK", "tpm_ek_untrusted");
	tpm_trust_store_free(store);
}

static void
a_root_left_out_of_the_manifest_does_not_count(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine();
	EVP_PKEY *key = NULL;
	struct error e;

	assert_works(key_generate(KEY_P256, &key, &e));
	spec.issuer_key = key;
	spec.issuer = other_root;
	expect_refused(made(&arena, &spec), hardware, "unlisted root", "tpm_ek_untrusted");
	EVP_PKEY_free(key);
}

static void
weak_and_strange_keys_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	EVP_PKEY *keys[] = {EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
		EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1")};
	struct forge_cert spec = genuine();

	for (size_t i = 0; i < 3; i++) {
		spec.subject = keys[i];
		expect_refused(made(&arena, &spec), hardware, "key", "tpm_ek_untrusted");
		EVP_PKEY_free(keys[i]);
	}
}

// A modulus with the fingerprint: r * M + 65537^k mod M, with M the product of the small primes.
static EVP_PKEY *
roca_key(void)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *m = BN_new(), *n = BN_new(), *r = BN_new(), *exponent = BN_new();
	uint8_t modulus[256];
	EVP_PKEY *key = NULL;

	BN_one(m);
	for (unsigned p = 3; p <= 167; p++) {
		bool prime = true;
		for (unsigned d = 2; d * d <= p; d++)
			prime = prime && p % d;
		if (prime)
			BN_mul_word(m, p);
	}
	BN_set_word(exponent, 65537);
	do {
		BN_set_word(n, 12345);
		BN_mod_exp(n, exponent, n, m, ctx);
		BN_rand(r, 2048 - BN_num_bits(m), BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY);
		BN_mul(r, r, m, ctx);
		BN_add(n, n, r);
	} while (!BN_is_odd(n) || BN_num_bits(n) != 2048);
	BN_bn2nativepad(n, modulus, sizeof modulus);
	unsigned e = 65537;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, sizeof modulus),
		OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &e), OSSL_PARAM_construct_end()};
	EVP_PKEY_CTX *pctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY_fromdata_init(pctx);
	EVP_PKEY_fromdata(pctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(pctx);
	BN_free(m);
	BN_free(n);
	BN_free(r);
	BN_free(exponent);
	BN_CTX_free(ctx);
	return key;
}

static void
keys_of_the_flawed_generator_are_vulnerable(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine();
	autopkey *weak = roca_key();
	struct slice modulus;
	struct error e;

	spec.subject = weak;
	expect_refused(made(&arena, &spec), hardware, "ROCA", "tpm_vulnerable");
	assert_works(key_rsa_modulus(&arena, ek_key, &modulus, &e));
	assert_false(roca_vulnerable(modulus));
	assert_false(roca_vulnerable(slice_of(NULL, 0)));
}

static void
malformed_certificates_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct forge_cert spec = genuine();
	struct slice der = made(&arena, &spec);
	uint8_t *padded = arena_alloc(&arena, der.len + 100);

	expect_refused(slice_of(NULL, 0), hardware, "nothing", "tpm_ek_certificate_missing");
	for (size_t len = 1; len < der.len; len += 13)
		expect_refused(slice_of(arena_memdup(&arena, der.data, len), len), hardware, "cut",
			"tpm_ek_untrusted");
	memcpy(padded, der.data, der.len);
	padded[der.len + 50] = 0xff;
	expect_refused(
		slice_of(padded, der.len + 100), hardware, "mixed padding", "tpm_ek_untrusted");
	memset(padded + der.len, 'x', 100);
	expect_refused(slice_of(padded, der.len + 1), hardware, "trailing", "tpm_ek_untrusted");
	// Any bit of the signed part changed: somewhere in the middle is the key.
	for (size_t at = 40; at < der.len; at += 97) {
		memcpy(padded, der.data, der.len);
		padded[at] ^= 4;
		expect_refused(slice_of(padded, der.len), hardware, "changed", "tpm_ek_untrusted");
	}
}

static void
revoked_certificates_anywhere_in_the_chain_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine();
	struct slice der = made(&arena, &spec);
	struct slice bad[] = {der, forge_der(&arena, intermediate), forge_der(&arena, root)};
	struct error e;

	for (size_t i = 0; i < 3; i++) {
		autotrust *store = NULL;
		assert_works(tpm_trust_store_parse("hardware",
			slice_str(arena_printf(&arena, "%srevoked %s\n",
				forge_manifest(&arena, "hardware", root, "49465800"),
				sha256_hex(&arena, bad[i]))),
			forge_pem(&arena, root), forge_pem(&arena, intermediate), &store, &e));
		expect_refused(der, store, "revoked", "tpm_ek_revoked");
	}
}

static void
manifests_that_could_be_misread_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const char *good = forge_manifest(&arena, "hardware", root, "49465800");
	const char *digest = sha256_hex(&arena, forge_der(&arena, root));
	const char *bad[] = {"", "store hardware\n", "# nothing\n",
		forge_manifest(&arena, "lab", root, "49465800"),
		forge_manifest(&arena, "hardware", root, ""),
		forge_manifest(&arena, "hardware", root, "IFX"),
		forge_manifest(&arena, "hardware", root, "0x494658"),
		forge_manifest(&arena, "hardware", root, "1 2 3 4 5 6 7 8 9"),
		forge_manifest(&arena, "hardware", root, "00001014"),	  // an emulator
		forge_manifest(&arena, "hardware", lab_root, "49465800"), // not in the text
		arena_printf(&arena, "%sstore hardware\n", good),
		arena_printf(&arena, "%strust everybody\n", good),
		arena_printf(&arena, "%srevoked %.20s\n", good, digest),
		arena_printf(&arena, "%sfirmware 49465800 2 1\n", good),
		arena_printf(
			&arena, "%sfirmware 49465800 0000000000000002 0000000000000001\n", good),
		arena_printf(&arena, "root %s 49465800\n", digest)};
	struct tpm_trust_store *store = NULL;
	struct error e;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (tpm_trust_store_parse("hardware", slice_str(bad[i]), forge_pem(&arena, root),
			    slice_of(NULL, 0), &store, &e))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(e.code, ERR_INVALID);
	}
	assert_false(tpm_trust_store_parse(
		"hardware", slice_str(good), slice_str("no PEM"), slice_of(NULL, 0), &store, &e));
	assert_false(tpm_trust_store_load("hardware", "/nonexistent", &store, &e));
	assert_null(store);
}

static void
a_genuine_certificate_gives_its_facts(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine();
	struct slice der, modulus;
	struct error e;
	autoek ek = {0};

	spec.manufacturer = "id:53544d20"; // lower case: compared as a number
	der = made(&arena, &spec);
	assert_works(key_rsa_modulus(&arena, ek_key, &modulus, &e));
	assert_works(tpm_ek_verify(&arena, hardware, der, 0, &ek, &e));
	assert_string_equal(ek.store, "hardware");
	assert_int_equal(ek.manufacturer, 0x53544d20);
	assert_string_equal(ek.vendor, "STM");
	assert_string_equal(ek.model, "forged");
	assert_string_equal(ek.version, "id:00010002");
	assert_string_equal(ek.ek_id, sha256_hex(&arena, modulus));
	assert_true(key_same(ek.key, ek_key));
	assert_false(ek.expired);
}

static void
padding_of_the_nv_index_is_ignored(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine();
	struct slice der = made(&arena, &spec);
	struct error e;

	for (int fill = 0; fill < 2; fill++) {
		autoek ek = {0};
		uint8_t *nv = arena_alloc(&arena, der.len + 300);
		memset(nv, fill ? 0xff : 0, der.len + 300);
		memcpy(nv, der.data, der.len);
		assert_works(
			tpm_ek_verify(&arena, hardware, slice_of(nv, der.len + 300), 0, &ek, &e));
		assert_string_equal(ek.sha256, sha256_hex(&arena, der));
	}
}

static void
an_expired_certificate_is_a_fact_and_no_failure(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine();
	struct error e;
	autoek ek = {0};

	spec.not_after = 1000 * US_PER_DAY;
	assert_works(
		tpm_ek_verify(&arena, hardware, made(&arena, &spec), 20000 * US_PER_DAY, &ek, &e));
	assert_true(ek.expired);
	assert_int_equal(ek.not_after, 1000 * US_PER_DAY);
}

static void
an_elliptic_curve_key_is_read_but_gets_no_credential(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine();
	uint8_t name[TPM_NAME_LEN] = {0};
	struct slice credential, wrapped;
	struct error e;
	autoek ek = {0};

	spec.subject = ec_key;
	assert_works(tpm_ek_verify(&arena, hardware, made(&arena, &spec), 0, &ek, &e));
	assert_int_equal(ek.type, KEY_P256);
	assert_int_equal(strlen(ek.ek_id), 64);
	assert_int_equal(ek.modulus.len, 0);
	assert_false(tpm_make_credential(
		&arena, &ek, name, slice_str("secret"), &credential, &wrapped, &e));
	assert_int_equal(e.code, ERR_UNSUPPORTED);
}

static void
a_secret_of_another_length_gets_no_credential(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = genuine();
	uint8_t name[TPM_NAME_LEN] = {0}, secret[TPM_SECRET_LEN + 1] = {0};
	struct slice credential, wrapped;
	struct error e;
	autoek ek = {0};

	assert_works(tpm_ek_verify(&arena, hardware, made(&arena, &spec), 0, &ek, &e));
	assert_false(tpm_make_credential(
		&arena, &ek, name, slice_of(secret, 0), &credential, &wrapped, &e));
	assert_false(tpm_make_credential(
		&arena, &ek, name, slice_of(secret, sizeof secret), &credential, &wrapped, &e));
	assert_int_equal(e.code, ERR_INVALID);
}

static void
sealing_checks_what_it_is_given(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct forge_cert spec = genuine();
	struct forge_public ak = forge_ec(&arena, ec_key, FORGE_AK_ATTRIBUTES, TPM2_ALG_ECDSA);
	struct slice ak_public = forge_public_bytes(&arena, &ak), out, plain = slice_str("x");
	struct tpm_sealed parts;
	struct error e;
	autoek ek = {0};

	assert_works(tpm_ek_verify(&arena, hardware, made(&arena, &spec), 0, &ek, &e));
	assert_false(tpm_seal(&arena, &ek, ak_public, slice_of(NULL, 0), plain, &out, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(tpm_seal(&arena, &ek, ak_public, slice_of(arena_alloc(&arena, 65537), 65537),
		plain, &out, &e));
	ak.attributes ^= TPMA_OBJECT_FIXEDTPM;
	assert_false(
		tpm_seal(&arena, &ek, forge_public_bytes(&arena, &ak), plain, plain, &out, &e));
	assert_string_equal(e.fault, "tpm_ak_refused");
	assert_works(tpm_seal(&arena, &ek, ak_public, plain, plain, &out, &e));
	for (size_t len = 0; len < out.len; len++)
		assert_false(tpm_sealed_parse(slice_of(out.data, len), &parts, &e));
	assert_works(tpm_sealed_parse(out, &parts, &e));
	assert_int_equal(parts.ciphertext.len, 1 + AEAD_TAG_LEN);
	assert_false(tpm_sealed_open(&arena, &parts, slice_str("not the secret"), plain, &out, &e));
	assert_string_equal(e.fault, "tpm_sealed_refused");
}

// All roots of the published bundle load, and each intermediate leads to one of them.
static void
the_vendors_roots_load(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	const char *samples = getenv("FERRY_SAMPLES"), *source = getenv("FERRY_SOURCE_ROOT");
	char *dir = samples ? arena_printf(&arena, "%s/tpm-roots", samples)
			    : arena_printf(&arena, "%s/../shared/samples/tpm-roots", source);
	struct tpm_trust_store *store = NULL;
	struct slice roots, intermediates;
	autopool pool = {0};
	struct error e;

	if (!fs_exists(dir))
		dir = arena_printf(&arena, "%s/../../shared/samples/tpm-roots", source);
	if (!fs_exists(dir))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	assert_works(fs_read(&arena, arena_printf(&arena, "%s/tpm-ca-certificates.pem", dir),
		8 << 20, &roots, &e));
	assert_works(fs_read(&arena,
		arena_printf(&arena, "%s/tpm-intermediate-ca-certificates.pem", dir), 8 << 20,
		&intermediates, &e));
	assert_works(cert_pool_add_pem(&pool, roots, 100, &e));
	char *manifest = arena_strdup(&arena, "store hardware\n");
	for (int i = 0; i < sk_X509_num(pool.certs); i++)
		manifest = arena_printf(&arena, "%sroot %s 49465800\n", manifest,
			sha256_hex(&arena, forge_der(&arena, sk_X509_value(pool.certs, i))));
	assert_works(tpm_trust_store_parse(
		"hardware", slice_str(manifest), roots, intermediates, &store, &e));
	assert_int_equal(tpm_trust_store_roots(store), 26);
	autopool middle = {0};
	assert_works(cert_pool_add_pem(&middle, intermediates, 200, &e));
	assert_int_equal(cert_pool_count(&middle), 143);
	for (int i = 0; i < sk_X509_num(middle.certs); i++)
		assert_works(tpm_trust_store_check(
			store, sk_X509_value(middle.certs, i), 0x49465800, &e));
	tpm_trust_store_free(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_that_do_not_vouch_are_refused),
		cmocka_unit_test(stores_are_never_mixed),
		cmocka_unit_test(an_end_entity_cannot_issue),
		cmocka_unit_test(a_root_left_out_of_the_manifest_does_not_count),
		cmocka_unit_test(weak_and_strange_keys_are_refused),
		cmocka_unit_test(keys_of_the_flawed_generator_are_vulnerable),
		cmocka_unit_test(malformed_certificates_are_refused),
		cmocka_unit_test(revoked_certificates_anywhere_in_the_chain_are_refused),
		cmocka_unit_test(manifests_that_could_be_misread_are_refused),
		cmocka_unit_test(a_genuine_certificate_gives_its_facts),
		cmocka_unit_test(padding_of_the_nv_index_is_ignored),
		cmocka_unit_test(an_expired_certificate_is_a_fact_and_no_failure),
		cmocka_unit_test(an_elliptic_curve_key_is_read_but_gets_no_credential),
		cmocka_unit_test(a_secret_of_another_length_gets_no_credential),
		cmocka_unit_test(sealing_checks_what_it_is_given),
		cmocka_unit_test(the_vendors_roots_load),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
