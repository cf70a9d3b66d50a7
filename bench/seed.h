// SPDX-License-Identifier: Apache-2.0
// What a benchmark's devices say to the service, and how the signer is asked on their behalf. Only
// for benchmarks.
#pragma once

#include "base/buf.h"
#include "store/work.h"
#include <openssl/types.h>

struct seed {
	struct work work;
	const char *signer, *base_url, *out;
	size_t devices, managed, enrolments;
	char **device_ids;
	int signer_fd;
};

// One device on its way to a certificate.
struct subject {
	const char *device_id, *deployment_id, *attestation_id, *enrollment_id;
	EVP_PKEY *key;
	struct slice csr;
};

// Connect to ferry-signer's socket. ERR_IO.
bool seed_connect(struct seed *s, struct error *e) MUST_CHECK;

// A management certificate for a request.
bool seed_certificate(struct seed *s, const char *common_name, struct slice csr, int64_t days,
	struct slice *der, struct error *e) MUST_CHECK;

// Write OUT/profile, OUT/event, OUT/health and OUT/syncml: what a managed device sends.
bool seed_write_managed(struct seed *s, const struct subject *subject, struct error *e) MUST_CHECK;

// Append the three requests of one enrolment, with a device token that is good for ten minutes.
bool seed_enrolment(struct seed *s, const struct subject *subject, struct buf *script,
	struct error *e) MUST_CHECK;
