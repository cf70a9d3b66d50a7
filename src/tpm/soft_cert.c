// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"
#include "pki/cert.h"
#include "pki/ossl.h"
#include "tpm/soft.h"

enum { CA_YEARS = 20, SECONDS_A_YEAR = 365 * 86400 };

#define OID_EK_CERTIFICATE "2.23.133.8.1"

static bool
failed(struct error *e)
{
	return ossl_error(e, ERR_CRYPTO, "making a certificate");
}

static bool
add_text(X509_NAME *name, const char *oid, const char *value)
{
	CLEANUP(autoobject_p) ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);

	return object &&
		X509_NAME_add_entry_by_OBJ(
			name, object, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1;
}

// Maker, model and version, as a directory name (TCG EK Credential Profile 2.5, 3.2.9).
static bool
add_maker(X509 *cert)
{
	CLEANUP(autonames_p) GENERAL_NAMES *names = GENERAL_NAMES_new();
	X509_NAME *directory = X509_NAME_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	char maker[16];

	snprintf(maker, sizeof maker, "id:%08X", TPM_SOFT_MANUFACTURER);
	if (!names || !directory || !name || !add_text(directory, "2.23.133.2.1", maker) ||
		!add_text(directory, "2.23.133.2.2", "simulated") ||
		!add_text(directory, "2.23.133.2.3", "id:00010000")) {
		X509_NAME_free(directory);
		GENERAL_NAME_free(name);
		return false;
	}
	GENERAL_NAME_set0_value(name, GEN_DIRNAME, directory);
	if (sk_GENERAL_NAME_push(names, name) == 0) {
		GENERAL_NAME_free(name);
		return false;
	}
	return X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 1, 0) == 1;
}

static bool
add_usage(X509 *cert)
{
	CLEANUP(autoeku_p) EXTENDED_KEY_USAGE *list = EXTENDED_KEY_USAGE_new();
	ASN1_OBJECT *object = OBJ_txt2obj(OID_EK_CERTIFICATE, 1);

	if (!list || !object || sk_ASN1_OBJECT_push(list, object) == 0) {
		ASN1_OBJECT_free(object);
		return false;
	}
	return X509_add1_ext_i2d(cert, NID_ext_key_usage, list, 0, 0) == 1;
}

static bool
set_times(X509 *cert, time_us now)
{
	time_t begin = (time_t)(now / US_PER_S) - 86400;

	return ASN1_TIME_adj(X509_getm_notBefore(cert), begin, 0, 0) &&
		ASN1_TIME_adj(
			X509_getm_notAfter(cert), begin + (time_t)CA_YEARS * SECONDS_A_YEAR, 0, 0);
}

static bool
set_serial(X509 *cert)
{
	uint8_t bytes[16];
	autobn *number = NULL;

	random_bytes(bytes, sizeof bytes);
	bytes[0] &= 0x7f;
	number = BN_bin2bn(bytes, sizeof bytes, NULL);
	return number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
}

static bool
add_constraints(X509 *cert, bool ca)
{
	BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();

	if (!constraints)
		return false;
	constraints->ca = ca ? 0xff : 0;
	bool ok = X509_add1_ext_i2d(cert, NID_basic_constraints, constraints, 1, 0) == 1;
	BASIC_CONSTRAINTS_free(constraints);
	return ok;
}

static X509 *
begin(EVP_PKEY *subject, const char *common_name, X509 *issuer, time_us now)
{
	X509 *cert = X509_new();
	X509_NAME *name = cert ? X509_get_subject_name(cert) : NULL;

	if (!cert || X509_set_version(cert, X509_VERSION_3) != 1 || !set_serial(cert) ||
		!set_times(cert, now) ||
		X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
			(const unsigned char *)common_name, -1, -1, 0) != 1 ||
		X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : name) != 1 ||
		X509_set_pubkey(cert, subject) != 1 || !add_constraints(cert, !issuer)) {
		X509_free(cert);
		return NULL;
	}
	return cert;
}

bool
tpm_soft_ca(EVP_PKEY *key, time_us now, X509 **out, struct error *e)
{
	autox509 *cert = begin(key, "Ferry fleet simulation, no TPM", NULL, now);

	if (!cert || X509_sign(cert, key, EVP_sha256()) <= 0)
		return failed(e);
	*out = cert;
	cert = NULL;
	return true;
}

bool
tpm_soft_ek_certificate(struct arena *arena, EVP_PKEY *ek, X509 *ca, EVP_PKEY *ca_key, time_us now,
	struct slice *der, struct error *e)
{
	autox509 *cert = begin(ek, "Simulated TPM", ca, now);

	if (!cert || !add_maker(cert) || !add_usage(cert) ||
		X509_sign(cert, ca_key, EVP_sha256()) <= 0)
		return failed(e);
	return cert_der(arena, cert, der, e);
}

const char *
tpm_soft_manifest(struct arena *arena, const char *store, X509 *ca, struct error *e)
{
	struct cert_facts facts;

	return cert_facts(arena, ca, &facts, e)
		? arena_printf(arena, "store %s\nroot %s %08X\n", store, facts.sha256,
			  TPM_SOFT_MANUFACTURER)
		: NULL;
}
