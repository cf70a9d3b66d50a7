// SPDX-License-Identifier: Apache-2.0
// An organization in an empty database, with registrations, proofs and events at hand: what tests
// of registrations begin with.
#pragma once

#include "store/contract/fixture.h"
#include "store/registration.h"

// Another organization in the same database.
struct work registrar_tenant(struct fixture *f);
// A registration as an import makes it: from a hash. `tpm` 0: none.
struct registration registrar_hardware(struct fixture *f, const char *serial, uint8_t tpm);
// Import it.
struct registration_result registrar_put(
	struct fixture *f, const struct work *w, const char *serial, uint8_t tpm);
struct device registrar_get(struct fixture *f, const char *device_id);
// How many events of this kind the registration has.
size_t registrar_events(const struct work *w, const char *device_id, const char *kind);
void registrar_audit_holds(const struct work *w);
// A TPM proves itself for the device; `fault` says why it must not succeed, or NULL.
void registrar_proof(
	struct fixture *f, const char *device_id, const char *ek_id, const char *fault);
