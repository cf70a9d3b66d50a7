// SPDX-License-Identifier: Apache-2.0
// What the device_*.c files share: the open TPM, loaded objects that flush themselves, and return
// codes as errors.
#pragma once

#include "tpm/device.h"
#include <pthread.h>
#include <tss2/tss2_esys.h>

struct tls_key;

struct tpm_device {
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
	pthread_mutex_t lock;
	struct tls_key *resident; // its key occupies a slot until somebody else needs the TPM
};

// Turn a return code into an error: tpm_missing, tpm_lockout or tpm_failed. Always returns false.
bool tpm_rc(struct error *e, TSS2_RC rc, const char *what);

// Is it this TPM error, whatever parameter, handle or session it is about?
bool tpm_rc_is(TSS2_RC rc, TSS2_RC wanted);

// Lock the TPM and free the slot of a resident TLS key. Use as
// `CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);`
struct tpm_device *tpm_enter(struct tpm_device *device);
void tpm_leave(struct tpm_device **device);

// A loaded object or session; flushed when it goes out of scope unless it is persistent.
struct tpm_object {
	ESYS_CONTEXT *esys; // NULL: nothing loaded
	ESYS_TR handle;
	bool persistent;
};

void tpm_object_release(struct tpm_object *object);

#define autoobject CLEANUP(tpm_object_release) struct tpm_object

// What ESAPI allocated.
static inline void
autoesys_p(void *pointer)
{
	Esys_Free(*(void **)pointer);
}

#define autoesys CLEANUP(autoesys_p)

// Handles of one kind from `first` on that are in use.
bool tpm_handles(
	struct tpm_device *device, TPM2_HANDLE first, TPML_HANDLE *out, struct error *e) MUST_CHECK;

// The keys that are recreated whenever they are needed. `public` is freed by the caller (autoesys),
// may be NULL.
bool tpm_load_ek(struct tpm_device *device, struct tpm_object *out, TPM2B_PUBLIC **public,
	struct error *e) MUST_CHECK;
bool tpm_load_ak(struct tpm_device *device, struct tpm_object *out, TPM2B_PUBLIC **public,
	struct error *e) MUST_CHECK;

// A new child key, and a stored one; both leave nothing but the result loaded.
bool tpm_create_key(struct arena *arena, struct tpm_device *device, struct slice *blob,
	struct error *e) MUST_CHECK;
bool tpm_load_key(struct tpm_device *device, struct slice blob, struct tpm_object *out,
	TPM2B_PUBLIC *public, struct error *e) MUST_CHECK;

// Flush the resident TLS key; the lock is held.
void tpm_evict(struct tpm_device *device);

// TPM structures as bytes in the arena.
bool tpm_public_bytes(struct arena *arena, const TPM2B_PUBLIC *public, struct slice *out,
	struct error *e) MUST_CHECK;
bool tpm_signature_bytes(struct arena *arena, const TPMT_SIGNATURE *signature, struct slice *out,
	struct error *e) MUST_CHECK;
