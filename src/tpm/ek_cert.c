// SPDX-License-Identifier: Apache-2.0
#include "tpm/ek_cert.h"

#include "base/str.h"
#include "codec/base64.h"
#include "pki/ossl.h"
#include "tpm/roca.h"
#include "tpm/structs.h"
#include <openssl/core_names.h>
#include <stdlib.h>
#include <tss2/tss2_tpm2_types.h>

#define OID_EK_CERTIFICATE "2.23.133.8.1"
#define OID_MANUFACTURER "2.23.133.2.1"
#define OID_MODEL "2.23.133.2.2"
#define OID_VERSION "2.23.133.2.3"

enum { EK_CERT_MAX = 8 * 1024, SAN_TEXT_MAX = 64 };

static bool
untrusted(struct error *e, const char *why)
{
	return error_fault(e, ERR_CRYPTO, "tpm_ek_untrusted", "EK certificate: %s", why);
}

size_t
tpm_der_length(struct slice nv)
{
	const unsigned char *at = nv.data;
	long len = 0;
	int tag = 0, class = 0;

	if (nv.len < 4 || nv.len > 65536)
		return 0;
	int form = ASN1_get_object(&at, &len, &tag, &class, (long)nv.len);
	if (form != V_ASN1_CONSTRUCTED || tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL) {
		struct error ignored;
		ossl_error(&ignored, ERR_INVALID, "");
		return 0;
	}
	return (size_t)(at - nv.data) + (size_t)len;
}

// NV indexes are larger than the certificate and filled with zeros or ones.
static bool
only_padding(struct slice rest)
{
	for (size_t i = 0; i < rest.len; i++)
		if ((rest.data[i] != 0x00 && rest.data[i] != 0xff) || rest.data[i] != rest.data[0])
			return false;
	return true;
}

static bool
load(struct slice der, X509 **out, struct error *e)
{
	if (der.len == 0)
		return error_fault(e, ERR_NOT_FOUND, "tpm_ek_certificate_missing",
			"the TPM has no EK certificate");
	size_t len = tpm_der_length(der);
	if (len == 0 || len > EK_CERT_MAX || len > der.len ||
		!only_padding(slice_of(der.data + len, der.len - len)))
		return error_fault(e, ERR_INVALID, "tpm_ek_untrusted", "EK certificate: malformed");
	struct error inner;
	if (!cert_load(slice_of(der.data, len), out, &inner))
		return error_fault(
			e, ERR_INVALID, "tpm_ek_untrusted", "EK certificate: %s", inner.message);
	return true;
}

static bool
oid_is(const ASN1_OBJECT *oid, const char *dotted)
{
	char text[80];

	return OBJ_obj2txt(text, sizeof text, oid, 1) > 0 && str_eq(text, dotted);
}

static bool
check_usage(X509 *cert, struct error *e)
{
	CLEANUP(autoeku_p)
	EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);

	if (X509_check_ca(cert) > 0)
		return untrusted(e, "is a CA certificate");
	for (int i = 0; usage && i < sk_ASN1_OBJECT_num(usage); i++)
		if (oid_is(sk_ASN1_OBJECT_value(usage, i), OID_EK_CERTIFICATE))
			return true;
	return untrusted(e, "not for endorsement keys (extended key usage 2.23.133.8.1)");
}

// The three TPM attributes in the directory names of the SAN (TCG EK Credential Profile 3.2.9).
struct san {
	const char *manufacturer, *model, *version;
	int manufacturers; // an attribute given twice is no statement
};

static const char *
entry_text(struct arena *arena, const X509_NAME_ENTRY *entry)
{
	autoossl *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));

	if (len <= 0 || len > SAN_TEXT_MAX || !utf8_valid(slice_of(utf8, (size_t)len)))
		return "";
	return arena_strndup(arena, (const char *)utf8, (size_t)len);
}

static void
read_name(struct arena *arena, const X509_NAME *name, struct san *san)
{
	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		const ASN1_OBJECT *oid = X509_NAME_ENTRY_get_object(entry);
		if (oid_is(oid, OID_MANUFACTURER)) {
			san->manufacturer = entry_text(arena, entry);
			san->manufacturers++;
		} else if (oid_is(oid, OID_MODEL)) {
			san->model = entry_text(arena, entry);
		} else if (oid_is(oid, OID_VERSION)) {
			san->version = entry_text(arena, entry);
		}
	}
}

// "id:" and 8 hexadecimal digits of either case, compared as a number.
static bool
parse_manufacturer(const char *text, uint32_t *out)
{
	char *end;

	if (!text || !str_starts(text, "id:") || strlen(text) != 11 ||
		strspn(text + 3, "0123456789abcdefABCDEF") != 8)
		return false;
	*out = (uint32_t)strtoul(text + 3, &end, 16);
	return true;
}

static const char *
vendor_text(struct arena *arena, uint32_t id)
{
	char text[5] = {(char)(id >> 24), (char)(id >> 16), (char)(id >> 8), (char)id, 0};

	for (int i = 0; i < 4; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return arena_printf(arena, "%08X", id);
	text[strcspn(text, " ")] = '\0';
	return arena_strdup(arena, text);
}

static bool
read_san(struct arena *arena, const X509 *cert, struct tpm_ek *ek, struct error *e)
{
	CLEANUP(autonames_p)
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	struct san san = {.model = "", .version = ""};

	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DIRNAME)
			read_name(arena, name->d.directoryName, &san);
	}
	if (san.manufacturers != 1 || !parse_manufacturer(san.manufacturer, &ek->manufacturer))
		return untrusted(e, "names no TPM manufacturer");
	ek->vendor = vendor_text(arena, ek->manufacturer);
	ek->model = san.model;
	ek->version = san.version;
	return true;
}

static bool
read_ec_id(struct arena *arena, const EVP_PKEY *key, struct tpm_ek *ek, struct error *e)
{
	int len = ek->type == KEY_P256 ? 32 : 48;
	uint8_t point[96];
	autobn *x = NULL, *y = NULL;

	if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) ||
		!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) ||
		BN_bn2binpad(x, point, len) != len || BN_bn2binpad(y, point + len, len) != len)
		return untrusted(e, "unreadable key");
	ek->ek_id = sha256_hex(arena, slice_of(point, 2 * (size_t)len));
	return true;
}

static bool
read_key(struct arena *arena, const X509 *cert, struct tpm_ek *ek, struct error *e)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	struct error inner;

	if (!key || !key_type_of(key, &ek->type, &inner) || ek->type == KEY_RSA_OTHER) {
		ossl_error(&inner, ERR_CRYPTO, "");
		return untrusted(e, "kind of key not supported");
	}
	if (ek->type != KEY_RSA2048)
		return read_ec_id(arena, key, ek, e);
	if (!key_rsa_modulus(arena, key, &ek->modulus, e))
		return false;
	if (roca_vulnerable(ek->modulus))
		return error_fault(e, ERR_CRYPTO, "tpm_vulnerable",
			"the endorsement key was made by the flawed generator of CVE-2017-15361");
	ek->ek_id = sha256_hex(arena, ek->modulus);
	return true;
}

bool
tpm_ek_verify(struct arena *arena, const struct tpm_trust_store *store, struct slice der,
	time_us now, struct tpm_ek *out, struct error *e)
{
	struct tpm_ek ek = {.store = tpm_trust_store_name(store)};
	autox509 *cert = NULL;
	struct slice exact;

	if (!load(der, &cert, e) || !check_usage(cert, e) || !read_san(arena, cert, &ek, e) ||
		!tpm_trust_store_check(store, cert, ek.manufacturer, e) ||
		!read_key(arena, cert, &ek, e) || !cert_der(arena, cert, &exact, e))
		return false;
	// A malformed date counts as "expired long ago".
	if (!ossl_time(X509_get0_notAfter(cert), &ek.not_after))
		ek.not_after = 0;
	ek.expired = ek.not_after < now;
	ek.sha256 = sha256_hex(arena, exact);
	ek.key = X509_get_pubkey(cert);
	*out = ek;
	return true;
}

void
tpm_ek_finish(struct tpm_ek *ek)
{
	EVP_PKEY_free(ek->key);
	ek->key = NULL;
}

bool
tpm_ek_matches(const struct tpm_ek *ek, struct slice ek_public, struct error *e)
{
	struct tpm_public public;
	struct error inner;

	// RFC 8017 exponent 65537 is written as 0 in a public area (Part 2, 12.2.3.5).
	if (tpm_public_parse(ek_public, &public, &inner) && ek->type == KEY_RSA2048 &&
		public.type == TPM2_ALG_RSA && (public.exponent == 0 || public.exponent == 65537) &&
		slice_eq(public.modulus, ek->modulus))
		return true;
	return error_fault(e, ERR_CRYPTO, "tpm_ek_mismatch",
		"the endorsement key is not the one of its certificate");
}
