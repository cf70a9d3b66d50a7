// SPDX-License-Identifier: Apache-2.0
#include "tpm/device_internal.h"

#include "base/str.h"
#include <stdlib.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_sys.h>
#include <tss2/tss2_tctildr.h>

bool
tpm_rc_is(TSS2_RC rc, TSS2_RC wanted)
{
	// Format one codes carry the number of a parameter, handle or session in bits 6 and 8..11
	// (Part 2, 6.6.2).
	if (rc & TPM2_RC_FMT1 && wanted & TPM2_RC_FMT1)
		return (rc & 0x00ff00bfu) == (wanted & 0x00ff00bfu);
	return rc == wanted;
}

bool
tpm_rc(struct error *e, TSS2_RC rc, const char *what)
{
	TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;
	bool tcti = layer == TSS2_TCTI_RC_LAYER || layer == TSS2_ESAPI_RC_LAYER ||
		layer == TSS2_SYS_RC_LAYER;

	if (tcti &&
		((rc & ~TSS2_RC_LAYER_MASK) == TSS2_BASE_RC_IO_ERROR ||
			// What follows an answer that never came.
			(rc & ~TSS2_RC_LAYER_MASK) == TSS2_BASE_RC_BAD_SEQUENCE ||
			(rc & ~TSS2_RC_LAYER_MASK) == TSS2_BASE_RC_NO_CONNECTION))
		return error_fault(e, ERR_UNAVAILABLE, "tpm_missing",
			"%s: the TPM does not answer (0x%x)", what, rc);
	if (rc == TPM2_RC_LOCKOUT)
		return error_fault(e, ERR_UNAVAILABLE, "tpm_lockout",
			"%s: the TPM is in dictionary attack lockout", what);
	return error_fault(e, ERR_IO, "tpm_failed", "%s: 0x%x %s", what, rc, Tss2_RC_Decode(rc));
}

struct tpm_device *
tpm_enter(struct tpm_device *device)
{
	pthread_mutex_lock(&device->lock);
	tpm_evict(device);
	return device;
}

void
tpm_leave(struct tpm_device **device)
{
	pthread_mutex_unlock(&(*device)->lock);
}

void
tpm_object_release(struct tpm_object *object)
{
	if (object->esys && object->persistent)
		Esys_TR_Close(object->esys, &object->handle);
	else if (object->esys)
		Esys_FlushContext(object->esys, object->handle);
	object->esys = NULL;
}

bool
tpm_handles(struct tpm_device *device, TPM2_HANDLE first, TPML_HANDLE *out, struct error *e)
{
	autoesys TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;

	TSS2_RC rc = Esys_GetCapability(device->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
		TPM2_CAP_HANDLES, first, TPM2_MAX_CAP_HANDLES, &more, &data);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "listing TPM handles");
	*out = data->data.handles;
	return true;
}

static void
flush_all(struct tpm_device *device, TPM2_HANDLE first)
{
	TSS2_SYS_CONTEXT *sys;
	TPML_HANDLE handles;
	struct error e;

	if (!tpm_handles(device, first, &handles, &e) ||
		Esys_GetSysContext(device->esys, &sys) != TSS2_RC_SUCCESS)
		return;
	for (UINT32 i = 0; i < handles.count; i++)
		Tss2_Sys_FlushContext(sys, handles.handle[i]);
}

// TPM2_TRANSIENT_FIRST of the library's header shifts a signed int out of its range.
static const TPM2_HANDLE transient_first = (TPM2_HANDLE)TPM2_HT_TRANSIENT << TPM2_HR_SHIFT;

// A process that was killed leaves its objects and sessions in the TPM. Behind the kernel's
// resource manager that cannot happen, and the sessions listed there are other people's.
static void
flush_leaked(struct tpm_device *device, const char *tcti)
{
	if (str_starts(tcti, "device:/dev/tpmrm"))
		return;
	flush_all(device, transient_first);
	flush_all(device, TPM2_LOADED_SESSION_FIRST);
	flush_all(device, TPM2_ACTIVE_SESSION_FIRST);
}

// First contact; an emulator that nobody started yet is started up.
static bool
greet(struct tpm_device *device, struct error *e)
{
	autoesys TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;

	TSS2_RC rc = Esys_GetCapability(device->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
		TPM2_CAP_HANDLES, transient_first, 1, &more, &data);
	if (rc == TPM2_RC_INITIALIZE)
		rc = Esys_Startup(device->esys, TPM2_SU_CLEAR);
	return rc == TSS2_RC_SUCCESS || tpm_rc(e, rc, "opening the TPM");
}

bool
tpm_device_open(const char *tcti, struct tpm_device **out, struct error *e)
{
	autotpm *device = calloc(1, sizeof *device);

	if (!device)
		return error_set(e, ERR_INTERNAL, "out of memory");
	pthread_mutex_init(&device->lock, NULL);
	if (!tcti)
		tcti = getenv("FERRY_TCTI");
	if (str_empty(tcti))
		tcti = "device:/dev/tpmrm0";
	TSS2_RC rc = Tss2_TctiLdr_Initialize(tcti, &device->tcti);
	if (rc != TSS2_RC_SUCCESS)
		return error_fault(
			e, ERR_NOT_FOUND, "tpm_missing", "no TPM at %s (0x%x)", tcti, rc);
	rc = Esys_Initialize(&device->esys, device->tcti, NULL);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "opening the TPM");
	if (!greet(device, e))
		return false;
	flush_leaked(device, tcti);
	*out = device;
	device = NULL;
	return true;
}

void
tpm_device_close(struct tpm_device *device)
{
	if (!device)
		return;
	if (device->esys) {
		tpm_evict(device);
		Esys_Finalize(&device->esys);
	}
	if (device->tcti)
		Tss2_TctiLdr_Finalize(&device->tcti);
	pthread_mutex_destroy(&device->lock);
	free(device);
}

bool
tpm_public_bytes(
	struct arena *arena, const TPM2B_PUBLIC *public, struct slice *out, struct error *e)
{
	uint8_t *bytes = arena_alloc(arena, TPM_STRUCT_MAX);
	size_t len = 0;

	TSS2_RC rc = Tss2_MU_TPM2B_PUBLIC_Marshal(public, bytes, TPM_STRUCT_MAX, &len);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "encoding a public area");
	*out = slice_of(bytes, len);
	return true;
}

bool
tpm_signature_bytes(
	struct arena *arena, const TPMT_SIGNATURE *signature, struct slice *out, struct error *e)
{
	uint8_t *bytes = arena_alloc(arena, TPM_STRUCT_MAX);
	size_t len = 0;

	TSS2_RC rc = Tss2_MU_TPMT_SIGNATURE_Marshal(signature, bytes, TPM_STRUCT_MAX, &len);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_rc(e, rc, "encoding a signature");
	*out = slice_of(bytes, len);
	return true;
}
