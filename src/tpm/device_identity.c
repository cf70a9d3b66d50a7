// SPDX-License-Identifier: Apache-2.0
#include "tpm/device_internal.h"

#include "base/str.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include "tpm/ek_cert.h"

// The NV indexes reserved for EK certificates (TCG EK Credential Profile 2.2.1.4).
#define NV_EK_FIRST 0x01c00000u
#define NV_EK_LAST 0x01c07fffu

enum { NV_CHUNK = 512, NV_MAX = 8192, NV_MIN = 200 };

struct properties {
	uint32_t manufacturer, level, revision; // revision 138 is "1.38"
	uint64_t firmware;
};

static void
read_properties(struct tpm_device *device, struct properties *out)
{
	autoesys TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;

	if (Esys_GetCapability(device->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
		    TPM2_CAP_TPM_PROPERTIES, TPM2_PT_FIXED, 64, &more, &data) != TSS2_RC_SUCCESS)
		return;
	const TPML_TAGGED_TPM_PROPERTY *list = &data->data.tpmProperties;
	for (UINT32 i = 0; i < list->count; i++) {
		uint32_t value = list->tpmProperty[i].value;
		if (list->tpmProperty[i].property == TPM2_PT_MANUFACTURER)
			out->manufacturer = value;
		else if (list->tpmProperty[i].property == TPM2_PT_LEVEL)
			out->level = value;
		else if (list->tpmProperty[i].property == TPM2_PT_REVISION)
			out->revision = value;
		else if (list->tpmProperty[i].property == TPM2_PT_FIRMWARE_VERSION_1)
			out->firmware |= (uint64_t)value << 32;
		else if (list->tpmProperty[i].property == TPM2_PT_FIRMWARE_VERSION_2)
			out->firmware |= value;
	}
}

static const char *
vendor_text(struct arena *arena, uint32_t id)
{
	char text[5] = {0};

	for (int i = 0; i < 4; i++) {
		char c = (char)(id >> (24 - 8 * i));
		text[i] = c > 0x20 && c < 0x7f ? c : '\0';
	}
	return arena_strdup(arena, text);
}

bool
tpm_device_identity(struct arena *arena, struct tpm_device *device, struct tpm_device_identity *out,
	struct error *e)
{
	CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);
	struct tpm_device_identity got = {0};
	autoesys TPM2B_PUBLIC *public = NULL;
	autoobject ek = {.esys = NULL};
	struct properties properties = {0};

	if (!tpm_load_ek(held, &ek, &public, e) ||
		!tpm_public_bytes(arena, public, &got.ek_public, e))
		return false;
	const TPM2B_PUBLIC_KEY_RSA *modulus = &public->publicArea.unique.rsa;
	got.modulus = slice_of(arena_memdup(arena, modulus->buffer, modulus->size), modulus->size);
	got.ek_id = sha256_hex(arena, got.modulus);
	read_properties(held, &properties);
	got.firmware = properties.firmware;
	got.vendor = vendor_text(arena, properties.manufacturer);
	got.description = arena_printf(arena,
		"TPM-Version:2.0 -Level:%u-Revision:%u.%02u-VendorID:'%s'-Firmware:%u.%u",
		properties.level, properties.revision / 100, properties.revision % 100, got.vendor,
		(unsigned)(got.firmware >> 48), (unsigned)(got.firmware >> 32 & 0xffff));
	*out = got;
	return true;
}

// Content of an NV index, read with the index's own empty authorization.
static bool
read_nv(struct arena *arena, struct tpm_device *device, TPM2_HANDLE index, struct slice *out)
{
	autoesys TPM2B_NV_PUBLIC *public = NULL;
	ESYS_TR nv;

	if (Esys_TR_FromTPMPublic(device->esys, index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
		    &nv) != TSS2_RC_SUCCESS)
		return false;
	autoobject object = {.esys = device->esys, .handle = nv, .persistent = true};
	if (Esys_NV_ReadPublic(device->esys, nv, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &public,
		    NULL) != TSS2_RC_SUCCESS)
		return false;
	uint16_t size = public->nvPublic.dataSize, at = 0;
	if (size < NV_MIN || size > NV_MAX)
		return false;
	uint8_t *bytes = arena_alloc(arena, size);
	while (at < size) {
		autoesys TPM2B_MAX_NV_BUFFER *chunk = NULL;
		uint16_t want = size - at > NV_CHUNK ? NV_CHUNK : (uint16_t)(size - at);
		if (Esys_NV_Read(device->esys, object.handle, object.handle, ESYS_TR_PASSWORD,
			    ESYS_TR_NONE, ESYS_TR_NONE, want, at, &chunk) != TSS2_RC_SUCCESS ||
			chunk->size == 0 || chunk->size > want)
			return false;
		memcpy(bytes + at, chunk->buffer, chunk->size);
		at = (uint16_t)(at + chunk->size);
	}
	*out = slice_of(bytes, size);
	return true;
}

// Is it a certificate for the RSA key with this modulus?
static bool
is_certificate_of(struct slice nv, struct slice modulus, struct slice *der)
{
	autoarena(scratch, ARENA_SMALL);
	size_t len = tpm_der_length(nv);
	struct slice got;
	struct error e;
	autox509 *cert = NULL;

	if (len == 0 || len > nv.len || !cert_load(slice_of(nv.data, len), &cert, &e))
		return false;
	const EVP_PKEY *key = X509_get0_pubkey(cert);
	if (!key || !key_rsa_modulus(&scratch, key, &got, &e) || !slice_eq(got, modulus))
		return false;
	*der = slice_of(nv.data, len);
	return true;
}

bool
tpm_device_ek_certificate(
	struct arena *arena, struct tpm_device *device, struct slice *der, struct error *e)
{
	CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);
	autoesys TPM2B_PUBLIC *public = NULL;
	autoobject ek = {.esys = NULL};
	TPML_HANDLE handles;
	struct slice nv;

	if (!tpm_load_ek(held, &ek, &public, e) || !tpm_handles(held, NV_EK_FIRST, &handles, e))
		return false;
	const TPM2B_PUBLIC_KEY_RSA *rsa = &public->publicArea.unique.rsa;
	for (UINT32 i = 0; i < handles.count && handles.handle[i] <= NV_EK_LAST; i++)
		if (read_nv(arena, held, handles.handle[i], &nv) &&
			is_certificate_of(nv, slice_of(rsa->buffer, rsa->size), der))
			return true;
	return error_fault(e, ERR_NOT_FOUND, "tpm_ek_certificate_missing",
		"the TPM holds no certificate for its RSA endorsement key");
}
