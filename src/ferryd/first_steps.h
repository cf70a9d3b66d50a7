// SPDX-License-Identifier: Apache-2.0
// How an organization begins: its row, a program that may everything, and its first administrator,
// whose secrets are printed once.
#pragma once

#include "store/store.h"

struct first_steps {
	bool another; // beside others; false: the first, and only if there is none
	const char *organization, *domain;
	const char *admin; // user name, or NULL
};

// Prints one JSON line: tenant, clientId, clientSecret; with `admin` also admin and
// temporaryAccessPass. ERR_CONFLICT.
bool organization_make(struct store *store, const struct first_steps *in, struct arena *arena,
	struct error *e) MUST_CHECK;
