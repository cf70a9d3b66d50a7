// SPDX-License-Identifier: Apache-2.0
#include "pki/cert.h"
#include "pki/csr.h"
#include <openssl/x509.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A request, and the same bytes as a certificate.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct cert_facts facts;
	struct error e;
	autocsr csr = {0};
	X509 *cert;

	if (csr_parse(&arena, slice_of(data, size), &csr, &e))
		return 0;
	if (!cert_load(slice_of(data, size), &cert, &e))
		return 0;
	if (!cert_facts(&arena, cert, &facts, &e))
		facts = (struct cert_facts){0};
	X509_free(cert);
	return 0;
}
