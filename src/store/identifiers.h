// SPDX-License-Identifier: Apache-2.0
// Corporate identifiers: what tells a company's own device from a personal one before it is known
// otherwise (graph-api.md section 12).
#pragma once

#include "store/work.h"

struct corporate_identifier {
	const char *type;	 // "serialNumber", "imei", "manufacturerModelSerial"
	const char *identifier;	 // for the last one "maker,model,serial"
	const char *description; // "" when none
	const char *id;		 // set: of this one, or of the one that was there; NULL: none
	bool done;		 // set: stored or overwritten
};

// Store each; one that is there already (without regard to case) stays as it is, or gets the new
// description with `overwrite`. One transaction.
bool store_identifiers_put(const struct work *w, struct corporate_identifier *list, size_t count,
	bool overwrite, struct error *e) MUST_CHECK;

// Set the id of each that is there.
bool store_identifiers_find(const struct work *w, struct corporate_identifier *list, size_t count,
	struct error *e) MUST_CHECK;

// ERR_NOT_FOUND.
bool store_identifier_delete(const struct work *w, const char *id, struct error *e) MUST_CHECK;
