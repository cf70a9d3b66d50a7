// SPDX-License-Identifier: Apache-2.0
#include "tpm/device_internal.h"

#include <tss2/tss2_mu.h>

#define RESIDENT (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN)

// Where the TCG provisioning guidance and swtpm_setup keep the RSA-2048 EK.
#define EK_PERSISTENT 0x81010001u

// TCG EK Credential Profile 2.5, template L-1; the policy is PolicySecret(endorsement).
static const TPM2B_PUBLIC ek_template = {
	.publicArea = {.type = TPM2_ALG_RSA,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = RESIDENT | TPMA_OBJECT_ADMINWITHPOLICY |
			TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
		.authPolicy = {.size = 32,
			.buffer = {0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
				0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
				0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa}},
		.parameters.rsaDetail = {.symmetric = {.algorithm = TPM2_ALG_AES,
						 .keyBits.aes = 128,
						 .mode.aes = TPM2_ALG_CFB},
			.scheme.scheme = TPM2_ALG_NULL,
			.keyBits = 2048},
		.unique.rsa.size = 256}};

// The storage root: the P-256 template of the TCG provisioning guidance.
static const TPM2B_PUBLIC srk_template = {
	.publicArea = {.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = RESIDENT | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
			TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
		.parameters.eccDetail = {.symmetric = {.algorithm = TPM2_ALG_AES,
						 .keyBits.aes = 128,
						 .mode.aes = TPM2_ALG_CFB},
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL},
		.unique.ecc = {.x.size = 32, .y.size = 32}}};

static const TPM2B_PUBLIC ak_template = {
	.publicArea = {.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = RESIDENT | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
			TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT,
		.parameters.eccDetail = {.symmetric.algorithm = TPM2_ALG_NULL,
			.scheme = {.scheme = TPM2_ALG_ECDSA,
				.details.ecdsa.hashAlg = TPM2_ALG_SHA256},
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL},
		.unique.ecc = {.x.size = 32, .y.size = 32}}};

// The device key; no scheme, so that TLS picks the hash.
static const TPM2B_PUBLIC key_template = {
	.publicArea = {.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = RESIDENT | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
			TPMA_OBJECT_SIGN_ENCRYPT,
		.parameters.eccDetail = {.symmetric.algorithm = TPM2_ALG_NULL,
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL}}};

static const TPM2B_SENSITIVE_CREATE no_sensitive;
static const TPM2B_DATA no_data;
static const TPML_PCR_SELECTION no_pcrs;

static bool
load_primary(struct tpm_device *device, ESYS_TR hierarchy, const TPM2B_PUBLIC *template,
	struct tpm_object *out, TPM2B_PUBLIC **public, struct error *e)
{
	ESYS_TR handle;

	TSS2_RC rc = Esys_CreatePrimary(device->esys, hierarchy, ESYS_TR_PASSWORD, ESYS_TR_NONE,
		ESYS_TR_NONE, &no_sensitive, template, &no_data, &no_pcrs, &handle, public, NULL,
		NULL, NULL);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "creating a primary key");
	*out = (struct tpm_object){.esys = device->esys, .handle = handle};
	return true;
}

static bool
is_template_ek(const TPMT_PUBLIC *public)
{
	const TPMT_PUBLIC *wanted = &ek_template.publicArea;

	return public->type == TPM2_ALG_RSA && public->nameAlg == wanted->nameAlg &&
		public->objectAttributes == wanted->objectAttributes &&
		public->authPolicy.size == wanted->authPolicy.size &&
		memcmp(public->authPolicy.buffer, wanted->authPolicy.buffer,
			wanted->authPolicy.size) == 0 &&
		public->parameters.rsaDetail.keyBits == 2048 && public->unique.rsa.size == 256;
}

// Finding the primes of an RSA EK takes seconds on some chips; most have it made persistent.
static bool
open_persistent_ek(struct tpm_device *device, struct tpm_object *out, TPM2B_PUBLIC **public)
{
	autoobject ek = {.esys = NULL};
	autoesys TPM2B_PUBLIC *got = NULL;
	TPML_HANDLE handles;
	struct error e;
	ESYS_TR handle;

	if (!tpm_handles(device, EK_PERSISTENT, &handles, &e) || handles.count == 0 ||
		handles.handle[0] != EK_PERSISTENT)
		return false;
	if (Esys_TR_FromTPMPublic(device->esys, EK_PERSISTENT, ESYS_TR_NONE, ESYS_TR_NONE,
		    ESYS_TR_NONE, &handle) != TSS2_RC_SUCCESS)
		return false;
	ek = (struct tpm_object){.esys = device->esys, .handle = handle, .persistent = true};
	if (Esys_ReadPublic(device->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &got,
		    NULL, NULL) != TSS2_RC_SUCCESS ||
		!is_template_ek(&got->publicArea))
		return false;
	*out = ek;
	ek.esys = NULL;
	if (public) {
		*public = got;
		got = NULL;
	}
	return true;
}

bool
tpm_load_ek(
	struct tpm_device *device, struct tpm_object *out, TPM2B_PUBLIC **public, struct error *e)
{
	return open_persistent_ek(device, out, public) ||
		load_primary(device, ESYS_TR_RH_ENDORSEMENT, &ek_template, out, public, e);
}

bool
tpm_load_ak(
	struct tpm_device *device, struct tpm_object *out, TPM2B_PUBLIC **public, struct error *e)
{
	return load_primary(device, ESYS_TR_RH_ENDORSEMENT, &ak_template, out, public, e);
}

bool
tpm_create_key(struct arena *arena, struct tpm_device *device, struct slice *blob, struct error *e)
{
	autoesys TPM2B_PRIVATE *private = NULL;
	autoesys TPM2B_PUBLIC *public = NULL;
	uint8_t *bytes = arena_alloc(arena, 2 * TPM_STRUCT_MAX);
	autoobject srk = {.esys = NULL};
	size_t len = 0;

	if (!load_primary(device, ESYS_TR_RH_OWNER, &srk_template, &srk, NULL, e))
		return false;
	TSS2_RC rc = Esys_Create(device->esys, srk.handle, ESYS_TR_PASSWORD, ESYS_TR_NONE,
		ESYS_TR_NONE, &no_sensitive, &key_template, &no_data, &no_pcrs, &private, &public,
		NULL, NULL, NULL);
	if (rc == TSS2_RC_SUCCESS)
		rc = Tss2_MU_TPM2B_PUBLIC_Marshal(public, bytes, TPM_STRUCT_MAX, &len);
	if (rc == TSS2_RC_SUCCESS)
		rc = Tss2_MU_TPM2B_PRIVATE_Marshal(private, bytes, 2 * TPM_STRUCT_MAX, &len);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "creating the device key");
	*blob = slice_of(bytes, len);
	return true;
}

static bool
lost(struct error *e, const char *why)
{
	return error_fault(e, ERR_NOT_FOUND, "tpm_key_lost", "the device key: %s", why);
}

bool
tpm_load_key(struct tpm_device *device, struct slice blob, struct tpm_object *out,
	TPM2B_PUBLIC *public, struct error *e)
{
	TPM2B_PUBLIC pub = {0};
	TPM2B_PRIVATE private = {0};
	autoobject srk = {.esys = NULL};
	struct tpm_public checked;
	struct error inner;
	size_t at = 0;
	ESYS_TR handle;

	// Our own bounded reader first: the file may be damaged.
	size_t pub_len = blob.len >= 2 ? 2u + ((size_t)blob.data[0] << 8 | blob.data[1]) : 0;
	if (pub_len > blob.len || !tpm_public_parse(slice_of(blob.data, pub_len), &checked, &inner))
		return lost(e, "the stored blob is damaged");
	if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(blob.data, blob.len, &at, &pub) != TSS2_RC_SUCCESS ||
		Tss2_MU_TPM2B_PRIVATE_Unmarshal(blob.data, blob.len, &at, &private) !=
			TSS2_RC_SUCCESS ||
		at != blob.len)
		return lost(e, "the stored blob is damaged");
	if (!load_primary(device, ESYS_TR_RH_OWNER, &srk_template, &srk, NULL, e))
		return false;
	TSS2_RC rc = Esys_Load(device->esys, srk.handle, ESYS_TR_PASSWORD, ESYS_TR_NONE,
		ESYS_TR_NONE, &private, &pub, &handle);
	if (tpm_rc_is(rc, TPM2_RC_INTEGRITY) || tpm_rc_is(rc, TPM2_RC_SIZE) ||
		tpm_rc_is(rc, TPM2_RC_BINDING))
		return lost(e, "this TPM did not make it, or was cleared since");
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "loading the device key");
	*out = (struct tpm_object){.esys = device->esys, .handle = handle};
	*public = pub;
	return true;
}

bool
tpm_device_key_create(
	struct arena *arena, struct tpm_device *device, struct slice *blob, struct error *e)
{
	CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);

	return tpm_create_key(arena, held, blob, e);
}

bool
tpm_device_ak_public(
	struct arena *arena, struct tpm_device *device, struct slice *out, struct error *e)
{
	CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);
	autoesys TPM2B_PUBLIC *public = NULL;
	autoobject ak = {.esys = NULL};

	return tpm_load_ak(held, &ak, &public, e) && tpm_public_bytes(arena, public, out, e);
}
