// SPDX-License-Identifier: Apache-2.0
#include "tpm/forge.h"
#include <openssl/x509.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tpm_trust_store *
make_store(void)
{
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = {.ca = true, .not_after = 4102444800 * US_PER_S};
	struct tpm_trust_store *store;
	struct error e;

	if (!key_generate(KEY_P256, &spec.subject, &e))
		abort();
	spec.issuer_key = spec.subject;
	X509 *root = forge_certificate(&spec);
	if (!tpm_trust_store_parse("lab",
		    slice_str(forge_manifest(&arena, "lab", root, "00001014")),
		    forge_pem(&arena, root), slice_of(NULL, 0), &store, &e))
		abort();
	X509_free(root);
	EVP_PKEY_free(spec.subject);
	return store;
}

// The root issued nothing: whatever is accepted was forged.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tpm_trust_store *store;
	autoarena(arena, ARENA_REQUEST);
	struct error e;
	autoek ek = {0};

	if (!store)
		store = make_store();
	if (tpm_ek_verify(&arena, store, slice_of(data, size), 0, &ek, &e) || !e.fault)
		abort();
	return 0;
}
