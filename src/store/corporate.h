// SPDX-License-Identifier: Apache-2.0
// Which devices an organization has said are its own before they enrol (behaviour E12, E13).
#pragma once

#include "store/work.h"

struct corporate_identifier {
	const char *type; // serialNumber, imei, manufacturerModelSerial
	const char *identifier, *description;
	// Answers.
	const char *identifier_id;
	bool stored; // new, or overwritten
};

// As identifiers are compared: upper case, without blanks around the commas. NULL when it is none
// of its type: three parts that are not empty, or 14 to 16 digits, or a serial number that is no
// placeholder.
const char *corporate_key(struct arena *arena, const char *type, const char *identifier);

// Put all of them in one transaction. One that is there stays as it is, unless `overwrite`. The
// types and identifiers must be valid.
bool store_corporate_put(const struct work *w, struct corporate_identifier *list, size_t count,
	bool overwrite, struct error *e) MUST_CHECK;

// The same with an audit event.
bool store_corporate_import(const struct work *w, struct corporate_identifier *list, size_t count,
	bool overwrite, const char *actor, struct error *e) MUST_CHECK;

// Set `identifier_id` of those that are there, NULL of the others.
bool store_corporate_search(const struct work *w, struct corporate_identifier *list, size_t count,
	struct error *e) MUST_CHECK;

// ERR_NOT_FOUND.
bool store_corporate_delete(const struct work *w, const char *id, struct error *e) MUST_CHECK;
