// SPDX-License-Identifier: Apache-2.0
// One device and its evidence, to be forged in one place at a time: what the tests of the verifier
// share.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/testing.h"
#include "pki/ossl.h"
#include "tpm/forge.h"

// Keys are made once: the TPM's, and those of an attacker.
extern EVP_PKEY *root_key, *ek_key, *ak_key, *device_key, *other_key, *other_ek;
extern X509 *root;
extern struct tpm_trust_store *store;

int make_keys(void **state);
int free_keys(void **state);

// What a forgery may change before the evidence is made and signed.
struct world {
	struct arena *arena;
	struct forge_public ak, key;
	struct forge_attest quote, certify;
	struct tpm_pcrs pcrs;
	EVP_PKEY *quote_signer, *certify_signer, *csr_key;
	uint16_t quote_scheme, quote_hash, certify_scheme, certify_hash;
	size_t quote_pad, certify_pad;
	uint8_t nonces[2][32], secret[32], digest[32], name[34];
	// Made of the above; may be changed too, after signing.
	struct tpm_proof proof;
	struct tpm_proof_expect expect;
};

// Fill in a genuine device before anything is signed, then make and sign its evidence.
void begin(struct world *w, struct arena *arena);
void finish(struct world *w);

// The name of a public area.
void name_of(struct arena *arena, const struct forge_public *spec, uint8_t out[34]);

// A copy with one bit changed, at an offset or at the end.
struct slice changed(struct arena *arena, struct slice in, size_t at);

// The proof must be refused with this fault, and for this reason and no other.
void expect_fault(struct world *w, const char *what, const char *fault, const char *because);

struct forgery {
	void (*forge)(struct world *w);
	const char *name;
	const char *because; // what the verifier must say
};

#define F(fn, because)                                                                             \
	{                                                                                          \
		fn, #fn, because                                                                   \
	}

// FORGERY(name, statements);
#define FORGERY(name, ...)                                                                         \
	static void name(struct world *w)                                                          \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
	}                                                                                          \
	struct world

enum forge_when { BEFORE_SIGNING, AFTER_SIGNING };

void check_all(const struct forgery *list, size_t count, enum forge_when when, const char *fault);

#define CHECK(list, when, fault) check_all(list, sizeof list / sizeof *list, when, fault)

// Attributes that only say how a key is authorized: every other bit must be as it is.
#define FREE_BITS                                                                                  \
	(TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_ADMINWITHPOLICY | TPMA_OBJECT_NODA |               \
		TPMA_OBJECT_STCLEAR)
