// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/testing.h"
#include "pki/csr.h"
#include "pki/key.h"
#include "pki/ossl.h"

static EVP_PKEY *rsa_key, *ec_key;

static int
setup(void **state)
{
	struct error e;

	(void)state;
	return key_generate(KEY_RSA2048, &rsa_key, &e) && key_generate(KEY_P256, &ec_key, &e) ? 0
											      : -1;
}

static int
teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(rsa_key);
	EVP_PKEY_free(ec_key);
	return 0;
}

static void
broken_requests_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct csr csr = {0};
	struct slice der;
	struct error e;

	assert_works(csr_build(&arena, ec_key, "device", &der, &e));
	for (size_t len = 0; len < der.len; len++)
		assert_false(csr_parse(&arena,
			slice_of(arena_memdup(&arena, der.data, len ? len : 1), len), &csr, &e));
	uint8_t *longer = arena_alloc(&arena, der.len + 1);
	memcpy(longer, der.data, der.len);
	assert_false(csr_parse(&arena, slice_of(longer, der.len + 1), &csr, &e));
	assert_int_equal(e.code, ERR_INVALID);
	for (size_t at = 0; at < der.len; at++) {
		memcpy(longer, der.data, der.len);
		longer[at] ^= 1;
		assert_false(csr_parse(&arena, slice_of(longer, der.len), &csr, &e));
	}
	assert_false(csr_parse(&arena, slice_of(arena_alloc(&arena, 20000), 20000), &csr, &e));
	assert_null(csr.key);
}

static void
requests_with_weak_keys_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	EVP_PKEY *weak[] = {EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024),
		EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp224r1")};
	struct slice der;
	struct csr csr;
	struct error e;

	for (size_t i = 0; i < 2; i++) {
		assert_works(csr_build(&arena, weak[i], "x", &der, &e));
		assert_false(csr_parse(&arena, der, &csr, &e));
		assert_int_equal(e.code, ERR_UNSUPPORTED);
		EVP_PKEY_free(weak[i]);
	}
}

// What a real Windows 10 sends (mdm-wire.md 4): subject "<GUID>!<id>" with a NUL as a
// PrintableString, an extension of its own, and the signature algorithm 1.3.14.3.2.29.
static void
the_request_of_a_real_windows_is_accepted(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const unsigned char subject[] = "B2F0A1C4-0000-4000-8000-000000000001!ABCDEF0123\0";
	static const unsigned char device_id[] = "1.2.3";
	CLEANUP(autoreq_p) X509_REQ *req = X509_REQ_new();
	CLEANUP(autooctets_p) ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	CLEANUP(autoobject_p) ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.311.66.1.0", 1);
	X509_ALGOR *old = X509_ALGOR_new();
	autoossl *der = NULL;
	struct error e;
	autocsr csr = {0};

	assert_int_equal(X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(req), NID_commonName,
				 V_ASN1_PRINTABLESTRING, subject, sizeof subject - 1, -1, 0),
		1);
	ASN1_OCTET_STRING_set(value, device_id, sizeof device_id - 1);
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	sk_X509_EXTENSION_push(extensions, X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value));
	X509_REQ_add_extensions(req, extensions);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_set_pubkey(req, rsa_key);
	assert_true(X509_REQ_sign(req, rsa_key, EVP_sha1()) > 0);
	// The algorithm stands outside of what is signed.
	X509_ALGOR_set0(old, OBJ_nid2obj(NID_sha1WithRSA), V_ASN1_NULL, NULL);
	assert_int_equal(X509_REQ_set1_signature_algo(req, old), 1);
	X509_ALGOR_free(old);
	int len = i2d_X509_REQ(req, &der);
	assert_true(len > 0);
	assert_works(csr_parse(&arena, slice_of(der, (size_t)len), &csr, &e));
	assert_true(key_same(csr.key, rsa_key));
}

static void
what_we_build_we_accept(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	EVP_PKEY *keys[] = {rsa_key, ec_key};
	struct slice der, spki;
	struct error e;

	for (size_t i = 0; i < 2; i++) {
		autocsr csr = {0};
		assert_works(csr_build(&arena, keys[i], "Gerät", &der, &e));
		assert_works(csr_parse(&arena, der, &csr, &e));
		assert_true(key_same(csr.key, keys[i]));
		assert_works(key_spki(&arena, keys[i], &spki, &e));
		assert_true(slice_eq(csr.spki, spki));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_requests_are_refused),
		cmocka_unit_test(requests_with_weak_keys_are_refused),
		cmocka_unit_test(the_request_of_a_real_windows_is_accepted),
		cmocka_unit_test(what_we_build_we_accept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
