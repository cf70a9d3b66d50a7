// SPDX-License-Identifier: Apache-2.0
#include "pki/cert.h"

#include "base/str.h"
#include "pki/ossl.h"

enum { BIT_DIGITAL_SIGNATURE = 0, BIT_KEY_ENCIPHERMENT = 2, BIT_CERT_SIGN = 5, BIT_CRL_SIGN = 6 };
enum { NAME_MAX_CHARS = 64, SKI_LEN = 20 };

// What each profile contains. Key encipherment is added for RSA keys, which TLS 1.2 clients use so.
static const struct profile {
	bool is_ca;
	int path_length; // -1: unlimited
	const char *eku;
	bool key_encipherment;
} profiles[] = {
	[CERT_ROOT_CA] = {.is_ca = true, .path_length = -1},
	[CERT_ISSUING_CA] = {.is_ca = true, .path_length = 0},
	[CERT_TLS_SERVER] = {.eku = "1.3.6.1.5.5.7.3.1", .key_encipherment = true},
	[CERT_DEVICE] = {.eku = "1.3.6.1.5.5.7.3.2", .key_encipherment = true},
	[CERT_CONNECTOR] = {.eku = "1.3.6.1.5.5.7.3.2"},
	[CERT_DEVICE_JOIN] = {.eku = "1.3.6.1.5.5.7.3.2", .key_encipherment = true},
	[CERT_AIK] = {.eku = "2.23.133.8.3"},
};
_Static_assert(sizeof profiles / sizeof *profiles == CERT_PROFILE_COUNT, "a row for every profile");

// The subject's key without its wrapping.
struct spki {
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *key;
};

static void
spki_finish(struct spki *spki)
{
	X509_ALGOR_free(spki->algorithm);
	ASN1_BIT_STRING_free(spki->key);
}

// Split a SubjectPublicKeyInfo without decoding the key, which is what makes issuing slow in
// OpenSSL 3.
static bool
spki_split(struct slice der, struct spki *out, struct error *e)
{
	const unsigned char *at = der.data, *end = der.data + der.len;
	long len = 0;
	int tag = 0, class = 0;

	if (der.len == 0 || der.len > 8192 ||
		ASN1_get_object(&at, &len, &tag, &class, (long)der.len) != V_ASN1_CONSTRUCTED ||
		tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL || at + len != end)
		return ossl_error(e, ERR_INVALID, "subject public key info");
	out->algorithm = d2i_X509_ALGOR(NULL, &at, end - at);
	if (out->algorithm)
		out->key = d2i_ASN1_BIT_STRING(NULL, &at, end - at);
	if (!out->key || at != end)
		return ossl_error(e, ERR_INVALID, "subject public key info");
	return true;
}

static bool
set_key(X509 *cert, const struct spki *spki)
{
	const ASN1_OBJECT *oid;
	const void *value;
	int type, len = ASN1_STRING_length(spki->key);

	X509_ALGOR_get0(&oid, &type, &value, spki->algorithm);
	ASN1_OBJECT *oid_copy = OBJ_dup(oid);
	// Curves are named by an object, RSA has NULL: the two forms our key kinds use.
	void *value_copy = type == V_ASN1_OBJECT ? OBJ_dup(value) : NULL;
	unsigned char *bits = OPENSSL_memdup(ASN1_STRING_get0_data(spki->key), (size_t)len);
	bool known = type == V_ASN1_OBJECT || type == V_ASN1_NULL || type == V_ASN1_UNDEF;
	if (known && oid_copy && bits && (type != V_ASN1_OBJECT || value_copy) &&
		X509_PUBKEY_set0_param(
			X509_get_X509_PUBKEY(cert), oid_copy, type, value_copy, bits, len) == 1)
		return true;
	ASN1_OBJECT_free(oid_copy);
	ASN1_OBJECT_free(value_copy);
	OPENSSL_free(bits);
	return false;
}

static bool
add_name(X509_NAME *name, int nid, const char *text)
{
	return X509_NAME_add_entry_by_NID(
		       name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) == 1;
}

static bool
set_validity(X509 *cert, const struct cert_template *t)
{
	return ASN1_TIME_adj(X509_getm_notBefore(cert), t->not_before / US_PER_S, 0, 0) &&
		ASN1_TIME_adj(X509_getm_notAfter(cert), t->not_after / US_PER_S, 0, 0);
}

static bool
set_serial(X509 *cert, const uint8_t serial[16])
{
	uint8_t positive[16];

	// RFC 5280 4.1.2.2: a positive integer; the second bit keeps its length constant.
	memcpy(positive, serial, sizeof positive);
	positive[0] = (uint8_t)((positive[0] & 0x7f) | 0x40);
	autobn *number = BN_bin2bn(positive, sizeof positive, NULL);
	return number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
}

static bool
add_basic_constraints(X509 *cert, const struct profile *profile)
{
	BASIC_CONSTRAINTS *bc = BASIC_CONSTRAINTS_new();
	bool ok = bc != NULL;

	if (ok && profile->is_ca) {
		bc->ca = 0xff;
		if (profile->path_length >= 0) {
			bc->pathlen = ASN1_INTEGER_new();
			ok = bc->pathlen && ASN1_INTEGER_set(bc->pathlen, profile->path_length);
		}
	}
	ok = ok && X509_add1_ext_i2d(cert, NID_basic_constraints, bc, 1, 0) == 1;
	BASIC_CONSTRAINTS_free(bc);
	return ok;
}

static bool
add_key_usage(X509 *cert, const struct profile *profile, const struct spki *spki)
{
	ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
	const ASN1_OBJECT *oid;
	bool ok = usage != NULL;

	X509_ALGOR_get0(&oid, NULL, NULL, spki->algorithm);
	if (profile->is_ca)
		ok = ok && ASN1_BIT_STRING_set_bit(usage, BIT_CERT_SIGN, 1) &&
			ASN1_BIT_STRING_set_bit(usage, BIT_CRL_SIGN, 1);
	else
		ok = ok && ASN1_BIT_STRING_set_bit(usage, BIT_DIGITAL_SIGNATURE, 1);
	if (ok && profile->key_encipherment && OBJ_obj2nid(oid) == NID_rsaEncryption)
		ok = ASN1_BIT_STRING_set_bit(usage, BIT_KEY_ENCIPHERMENT, 1);
	ok = ok && X509_add1_ext_i2d(cert, NID_key_usage, usage, 1, 0) == 1;
	ASN1_BIT_STRING_free(usage);
	return ok;
}

static bool
add_extended_usage(X509 *cert, const struct profile *profile)
{
	CLEANUP(autoeku_p) EXTENDED_KEY_USAGE *list = EXTENDED_KEY_USAGE_new();
	ASN1_OBJECT *oid = profile->eku ? OBJ_txt2obj(profile->eku, 1) : NULL;

	if (!profile->eku)
		return true;
	if (!list || !oid || sk_ASN1_OBJECT_push(list, oid) <= 0) {
		ASN1_OBJECT_free(oid);
		return false;
	}
	return X509_add1_ext_i2d(cert, NID_ext_key_usage, list, 0, 0) == 1;
}

// Key identifiers: the leftmost 160 bits of SHA-256 over the key (RFC 7093 section 2, method 1).
static bool
add_key_ids(X509 *cert, const struct spki *spki, const X509 *issuer)
{
	uint8_t digest[SHA256_LEN];
	CLEANUP(autooctets_p) ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();

	sha256(slice_of(ASN1_STRING_get0_data(spki->key), (size_t)ASN1_STRING_length(spki->key)),
		digest);
	if (!id || !ASN1_OCTET_STRING_set(id, digest, SKI_LEN) ||
		X509_add1_ext_i2d(cert, NID_subject_key_identifier, id, 0, 0) != 1)
		return false;
	const ASN1_OCTET_STRING *parent =
		issuer ? X509_get0_subject_key_id((X509 *)(uintptr_t)issuer) : NULL;
	if (!parent)
		return true;
	AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();
	if (authority)
		authority->keyid = ASN1_OCTET_STRING_dup(parent);
	bool ok = authority && authority->keyid &&
		X509_add1_ext_i2d(cert, NID_authority_key_identifier, authority, 0, 0) == 1;
	AUTHORITY_KEYID_free(authority);
	return ok;
}

static bool
push_name(GENERAL_NAMES *names, int type, void *value)
{
	GENERAL_NAME *name = value ? GENERAL_NAME_new() : NULL;

	if (!name) {
		ASN1_STRING_free(value);
		return false;
	}
	GENERAL_NAME_set0_value(name, type, value);
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return true;
	GENERAL_NAME_free(name);
	return false;
}

static bool
add_alt_names(X509 *cert, const struct cert_template *t)
{
	CLEANUP(autonames_p) GENERAL_NAMES *names = GENERAL_NAMES_new();
	bool ok = names != NULL;

	for (size_t i = 0; ok && t->dns_names && t->dns_names[i]; i++) {
		ASN1_IA5STRING *text = ASN1_IA5STRING_new();
		ok = text && ASN1_STRING_set(text, t->dns_names[i], -1) &&
			push_name(names, GEN_DNS, text);
	}
	for (size_t i = 0; ok && t->ip_names && t->ip_names[i]; i++)
		ok = push_name(names, GEN_IPADD, a2i_IPADDRESS(t->ip_names[i]));
	if (!ok || sk_GENERAL_NAME_num(names) == 0)
		return ok;
	return X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0) == 1;
}

static bool
add_extra(X509 *cert, const struct cert_extension *extension)
{
	CLEANUP(autoobject_p) ASN1_OBJECT *oid = OBJ_txt2obj(extension->oid, 1);
	CLEANUP(autooctets_p) ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	CLEANUP(autoext_p) X509_EXTENSION *made = NULL;

	if (!oid || !value ||
		!ASN1_OCTET_STRING_set(value, extension->der.data, (int)extension->der.len))
		return false;
	made = X509_EXTENSION_create_by_OBJ(NULL, oid, extension->critical, value);
	return made && X509_add_ext(cert, made, -1) == 1;
}

static bool
fill(X509 *cert, const struct cert_template *t, const struct spki *spki, const X509 *issuer)
{
	const struct profile *profile = &profiles[t->profile];
	X509_NAME *subject = X509_get_subject_name(cert);

	bool ok = X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert, t->serial) &&
		set_validity(cert, t) && set_key(cert, spki) &&
		(!t->organizational_unit ||
			add_name(subject, NID_organizationalUnitName, t->organizational_unit)) &&
		add_name(subject, NID_commonName, t->common_name) &&
		X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : subject) == 1 &&
		add_basic_constraints(cert, profile) && add_key_usage(cert, profile, spki) &&
		add_extended_usage(cert, profile) && add_key_ids(cert, spki, issuer) &&
		add_alt_names(cert, t);
	for (size_t i = 0; ok && i < t->extension_count; i++)
		ok = add_extra(cert, &t->extensions[i]);
	return ok;
}

bool
cert_issue(struct arena *arena, const struct cert_template *template,
	const struct cert_issuer *issuer, struct slice *der, struct error *e)
{
	CLEANUP(spki_finish) struct spki spki = {0};
	autoossl *bytes = NULL;

	if (template->profile >= CERT_PROFILE_COUNT || str_empty(template->common_name) ||
		strlen(template->common_name) > NAME_MAX_CHARS * 4)
		return error_set(e, ERR_INVALID, "certificate without a usable common name");
	if (template->not_after <= template->not_before)
		return error_set(e, ERR_INVALID, "certificate that ends before it begins");
	if (!spki_split(template->spki, &spki, e))
		return false;
	autox509 *cert = X509_new();
	if (!cert || !fill(cert, template, &spki, issuer->cert))
		return ossl_error(e, ERR_INVALID, "certificate template");
	if (X509_sign(cert, issuer->key, EVP_sha256()) <= 0)
		return ossl_error(e, ERR_CRYPTO, "signing a certificate");
	int len = i2d_X509(cert, &bytes);
	if (len <= 0)
		return ossl_error(e, ERR_CRYPTO, "encoding a certificate");
	*der = slice_of(arena_memdup(arena, bytes, (size_t)len), (size_t)len);
	return true;
}
