// SPDX-License-Identifier: Apache-2.0
// The token a device gets for a TPM proof: good for one enrolment of one key, for ten minutes.
#pragma once

#include "ferryd/service.h"

struct device_token {
	const char *tenant_id, *device_id, *deployment_id, *attestation_id;
	const char *key_sha256; // SHA-256 of the certified key's SubjectPublicKeyInfo, hexadecimal
};

bool device_token_sign(struct call *c, const struct device_token *in, const char **token,
	struct error *e) MUST_CHECK;

// ERR_UNAUTHENTICATED with fault enrollment_refused.
bool device_token_verify(
	struct call *c, struct slice token, struct device_token *out, struct error *e) MUST_CHECK;
