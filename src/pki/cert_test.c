// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/testing.h"
#include "base/uuid.h"
#include "pki/cert.h"
#include "pki/csr.h"
#include "pki/key.h"
#include "pki/ossl.h"

#define DAY(n) ((time_us)(n)*US_PER_DAY)

static EVP_PKEY *ca_key, *rsa_key, *ec_key;
static X509 *root, *issuing;
static struct arena shared = {.cap = ARENA_SMALL};

static X509 *
issue(struct arena *arena, struct cert_template *template, EVP_PKEY *subject, X509 *issuer)
{
	struct cert_issuer by = {.cert = issuer, .key = ca_key};
	struct slice der;
	struct error e;
	X509 *cert;

	random_bytes(template->serial, sizeof template->serial);
	if (!template->not_after) {
		template->not_before = DAY(20000);
		template->not_after = DAY(20100);
	}
	assert_works(key_spki(arena, subject, &template->spki, &e));
	assert_works(cert_issue(arena, template, &by, &der, &e));
	assert_works(cert_load(der, &cert, &e));
	return cert;
}

static int
setup(void **state)
{
	struct cert_template ca = {
		.profile = CERT_ROOT_CA, .common_name = "Root", .not_after = DAY(30000)};
	struct cert_template sub = {.profile = CERT_ISSUING_CA,
		.common_name = "Issuing",
		.organizational_unit = "Ferry",
		.not_after = DAY(29000)};
	struct error e;

	(void)state;
	if (!key_generate(KEY_P256, &ca_key, &e) || !key_generate(KEY_RSA2048, &rsa_key, &e) ||
		!key_generate(KEY_P256, &ec_key, &e))
		return -1;
	root = issue(&shared, &ca, ca_key, NULL);
	issuing = issue(&shared, &sub, ca_key, root);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	X509_free(root);
	X509_free(issuing);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(rsa_key);
	EVP_PKEY_free(ec_key);
	arena_finish(&shared);
	return 0;
}

static void
templates_that_say_nonsense_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct cert_issuer by = {.cert = root, .key = ca_key};
	struct cert_template good = {.profile = CERT_DEVICE,
		.common_name = "x",
		.not_before = DAY(1),
		.not_after = DAY(2)};
	struct cert_template bad[7];
	const char *const no_ip[] = {"999.1.1.1", NULL};
	struct cert_extension no_oid = {.oid = "nonsense", .der = slice_str("x")};
	struct slice der = {.len = 77};
	struct error e;

	assert_works(key_spki(&arena, ec_key, &good.spki, &e));
	for (size_t i = 0; i < 7; i++)
		bad[i] = good;
	bad[0].common_name = NULL;
	bad[1].common_name = "";
	bad[2].not_after = DAY(1);
	bad[3].spki = slice_str("not a key");
	bad[4].spki.len--;
	bad[5].ip_names = no_ip;
	bad[6].extensions = &no_oid;
	bad[6].extension_count = 1;
	for (size_t i = 0; i < 7; i++) {
		assert_false(cert_issue(&arena, &bad[i], &by, &der, &e));
		assert_int_equal(e.code, ERR_INVALID);
	}
	assert_int_equal(der.len, 77);
}

static struct cert_pool
pool_of(struct arena *arena, X509 *cert)
{
	struct cert_pool pool = {0};
	struct slice der;
	struct error e;

	assert_works(cert_der(arena, cert, &der, &e));
	assert_works(cert_pool_add_der(&pool, der, &e));
	return pool;
}

static void
chains_that_do_not_hold_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct cert_template device = {.profile = CERT_DEVICE, .common_name = "device"};
	struct cert_template foreign = {
		.profile = CERT_ROOT_CA, .common_name = "Root", .not_after = DAY(30000)};
	autox509 *cert = issue(&arena, &device, ec_key, issuing);
	EVP_PKEY *mine = ca_key;
	struct error e;

	assert_works(key_generate(KEY_P256, &ca_key, &e));
	autox509 *impostor = issue(&arena, &foreign, ca_key, NULL);
	EVP_PKEY_free(ca_key);
	ca_key = mine;
	autopool roots = pool_of(&arena, root), middle = pool_of(&arena, issuing);
	autopool evil = pool_of(&arena, impostor), none = {0};
	const struct {
		const struct cert_pool *roots, *untrusted;
		enum cert_usage usage;
		time_us now;
		const char *fault;
	} list[] = {
		{&none, &middle, CERT_FOR_CLIENT, DAY(20050), "certificate_untrusted"},
		{&evil, &middle, CERT_FOR_CLIENT, DAY(20050), "certificate_untrusted"},
		{&roots, NULL, CERT_FOR_CLIENT, DAY(20050), "certificate_untrusted"},
		{&roots, &middle, CERT_FOR_SERVER, DAY(20050), "certificate_untrusted"},
		{&roots, &middle, CERT_FOR_CLIENT, DAY(19999), "certificate_expired"},
		{&roots, &middle, CERT_FOR_CLIENT, DAY(20101), "certificate_expired"},
	};
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		assert_false(cert_verify(
			cert, list[i].roots, list[i].untrusted, list[i].usage, list[i].now, &e));
		assert_string_equal(e.fault, list[i].fault);
	}
	assert_works(cert_verify(cert, &roots, &middle, CERT_FOR_CLIENT, DAY(20050), &e));
	assert_works(cert_verify(cert, &roots, &middle, CERT_FOR_ANY, DAY(20050), &e));
}

static void
a_device_certificate_cannot_issue(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct cert_template device = {.profile = CERT_DEVICE, .common_name = "device"};
	struct cert_template below = {.profile = CERT_DEVICE, .common_name = "below"};
	// The same key, so that the signature itself would hold.
	autox509 *cert = issue(&arena, &device, ca_key, issuing);
	autox509 *child = issue(&arena, &below, ec_key, cert);
	autopool roots = pool_of(&arena, root), middle = pool_of(&arena, issuing);
	struct slice der;
	struct error e;

	assert_works(cert_der(&arena, cert, &der, &e));
	assert_works(cert_pool_add_der(&middle, der, &e));
	assert_false(cert_verify(child, &roots, &middle, CERT_FOR_ANY, DAY(20050), &e));
	assert_string_equal(e.fault, "certificate_untrusted");
}

static void
facts_are_in_the_forms_windows_uses(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct cert_template device = {.profile = CERT_DEVICE, .common_name = "Gerät 1"};
	autox509 *cert = issue(&arena, &device, rsa_key, issuing);
	uint8_t key_hash[SHA256_LEN], thumb[SHA1_LEN];
	struct cert_facts facts;
	struct slice der;
	struct error e;

	assert_works(cert_facts(&arena, cert, &facts, &e));
	assert_works(cert_der(&arena, cert, &der, &e));
	assert_works(key_digest(rsa_key, key_hash, &e));
	sha1(der, thumb);
	assert_string_equal(facts.common_name, "Gerät 1");
	assert_string_equal(facts.issuer, "CN=Issuing,OU=Ferry");
	assert_int_equal(strlen(facts.serial), 32);
	assert_int_equal(strlen(facts.thumbprint), 40);
	assert_null(strpbrk(facts.thumbprint, "abcdef"));
	assert_string_equal(facts.sha256, sha256_hex(&arena, der));
	assert_int_equal(facts.not_before, DAY(20000));
	assert_int_equal(facts.not_after, DAY(20100));
	assert_false(facts.is_ca);
	assert_true(key_same(X509_get0_pubkey(cert), rsa_key));
	assert_works(cert_facts(&arena, issuing, &facts, &e));
	assert_true(facts.is_ca);
}

static void
profiles_carry_their_usages(void **state)
{
	static const struct {
		enum cert_profile profile;
		uint32_t ec_usage, rsa_usage;
		const char *eku;
	} list[] = {
		{CERT_TLS_SERVER, KU_DIGITAL_SIGNATURE, KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT,
			"TLS Web Server Authentication"},
		{CERT_DEVICE, KU_DIGITAL_SIGNATURE, KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT,
			"TLS Web Client Authentication"},
		{CERT_CONNECTOR, KU_DIGITAL_SIGNATURE, KU_DIGITAL_SIGNATURE,
			"TLS Web Client Authentication"},
		{CERT_AIK, KU_DIGITAL_SIGNATURE, KU_DIGITAL_SIGNATURE, "2.23.133.8.3"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		autoarena(arena, ARENA_SMALL);
		struct cert_template t = {.profile = list[i].profile, .common_name = "x"};
		autox509 *ec = issue(&arena, &t, ec_key, issuing);
		autox509 *rsa = issue(&arena, &t, rsa_key, issuing);
		autobio *text = BIO_new(BIO_s_mem());
		assert_int_equal(X509_get_key_usage(ec), list[i].ec_usage);
		assert_int_equal(X509_get_key_usage(rsa), list[i].rsa_usage);
		X509_print(text, ec);
		const char *printed = (const char *)ossl_bio_take(&arena, text).data;
		assert_true(strstr(printed, list[i].eku) ||
			strstr(printed, "Attestation Identity Key Certificate"));
	}
	assert_int_equal(X509_get_pathlen(issuing), 0);
	assert_int_equal(X509_get_key_usage(issuing), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
}

static void
server_names_and_extra_extensions_are_written(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const uint8_t guid[] = {4, 2, 0xab, 0xcd};
	const char *const dns[] = {"ferry.example", "EnterpriseEnrollment.example", NULL};
	const char *const ip[] = {"127.0.0.1", "::1", NULL};
	// The device GUID of MS-DVRJ (mdm-wire.md 10).
	struct cert_extension extra = {
		.oid = "1.2.840.113556.1.5.284.2", .der = slice_of(guid, sizeof guid)};
	struct cert_template t = {.profile = CERT_TLS_SERVER,
		.common_name = "ferry.example",
		.dns_names = dns,
		.ip_names = ip,
		.extensions = &extra,
		.extension_count = 1};
	autox509 *cert = issue(&arena, &t, ec_key, issuing);

	assert_int_equal(X509_check_host(cert, "enterpriseenrollment.example", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(cert, "evil.example", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ip_asc(cert, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(cert, "::1", 0), 1);
	CLEANUP(autoobject_p) ASN1_OBJECT *oid = OBJ_txt2obj(extra.oid, 1);
	const X509_EXTENSION *found = X509_get_ext(cert, X509_get_ext_by_OBJ(cert, oid, -1));
	const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data((X509_EXTENSION *)found);
	assert_memory_equal(ASN1_STRING_get0_data(value), guid, sizeof guid);
}

static void
pools_refuse_what_is_not_certificates(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	autopool pool = {0};
	struct slice pem;
	struct error e;
	X509 *cert;

	assert_works(cert_pem(&arena, root, &pem, &e));
	char *two = arena_printf(&arena, "# a comment\n%s\n# another\n%s", (const char *)pem.data,
		(const char *)pem.data);
	assert_works(cert_pool_add_pem(&pool, slice_str(two), 2, &e));
	assert_int_equal(cert_pool_count(&pool), 2);
	assert_false(cert_pool_add_pem(&pool, slice_str(two), 1, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(cert_pool_add_pem(&pool, slice_str("nothing"), 2, &e));
	assert_false(cert_pool_add_pem(&pool, slice_of(two, strlen(two) - 40), 2, &e));
	assert_false(cert_load(slice_str("nothing"), &cert, &e));
	assert_false(cert_load(slice_of(NULL, 0), &cert, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_that_say_nonsense_are_refused),
		cmocka_unit_test(chains_that_do_not_hold_are_refused),
		cmocka_unit_test(a_device_certificate_cannot_issue),
		cmocka_unit_test(facts_are_in_the_forms_windows_uses),
		cmocka_unit_test(profiles_carry_their_usages),
		cmocka_unit_test(server_names_and_extra_extensions_are_written),
		cmocka_unit_test(pools_refuse_what_is_not_certificates),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
