// SPDX-License-Identifier: Apache-2.0
// The tokens of a deployment: what a device gets for a TPM proof (good for one enrolment of one
// key, for ten minutes), and what a person who signs in on a device gets (good on that device).
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

// A person signed in on this device: for an hour, which a deployment takes at most to need it.
struct user_token {
	const char *tenant_id, *device_id, *user_id, *upn;
};
bool user_token_sign(struct call *c, const struct user_token *in, const char **token,
	struct error *e) MUST_CHECK;
// ERR_UNAUTHENTICATED with fault signin_needed, also for a token of another device (NULL: any).
bool user_token_verify(struct call *c, struct slice token, const char *device_id,
	struct user_token *out, struct error *e) MUST_CHECK;

// The password was right, the second factor is still missing: for five minutes. Errors as above.
bool sign_in_token_sign(struct call *c, const struct user_token *in, const char **token,
	struct error *e) MUST_CHECK;
bool sign_in_token_verify(struct call *c, struct slice token, const char *device_id,
	struct user_token *out, struct error *e) MUST_CHECK;
