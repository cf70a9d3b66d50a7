// SPDX-License-Identifier: Apache-2.0
// The offline-domain-join blob (ODJ_PROVISION_DATA): what a computer needs to become a member of a
// domain without talking to it.
//
// Format: MS-DJOIN as written down in Samba's ODJ.idl; the forms are those of `djoin /savefile`
// (behaviour J11-J13, J17). A blob holds the machine password in plain text: treat it as a secret.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/uuid.h"
#include <stdint.h>

enum {
	ODJ_MAX_BINARY = 64 * 1024,
	ODJ_MAX_FORM = 256 * 1024, // as text or file
	ODJ_MAX_NAME = 256,	   // UTF-16 units of a name
	ODJ_MAX_PASSWORD = 512,	   // UTF-16 units; AD's machine passwords have 120
};

// All texts are UTF-8. When encoding, only `site` may be NULL, and one of the passwords.
// When decoding, the first three and the password are there, the rest NULL (or "", 0) if missing.
struct odj_info {
	const char *dns_domain;	    // "corp.example.com"
	const char *netbios_domain; // "CORP"
	const char *machine_name;   // "PC-0001", without "$"
	// NULL after decoding when the password is no valid text: Windows and Samba make random
	// units.
	const char *password;
	// UTF-16LE without final NUL; used for encoding when password is NULL.
	struct slice password_utf16;
	// What Kerberos keys are derived from: as password, with U+FFFD for what is not text.
	// Decoder only.
	const char *password_kerberos;
	char domain_guid[UUID_TEXT];
	const char *domain_sid; // "S-1-5-21-…"
	uint32_t machine_rid;
	const char *dc_name;	// "dc1.corp.example.com", without "\\"
	const char *dc_address; // "10.66.0.10", without "\\"
	const char *site;	// "Default-First-Site-Name"
	const char *forest;	// "corp.example.com"
};

// Encode as binary NDR, byte for byte as Samba does. ERR_INVALID names the field.
bool odj_encode(struct arena *arena, const struct odj_info *info, struct slice *out,
	struct error *e) MUST_CHECK;

// Decode a blob in any of the three forms. ERR_INVALID says what is wrong, ERR_LIMIT when it is
// larger than the maxima above, ERR_UNSUPPORTED for an encrypted package.
bool odj_decode(
	struct arena *arena, struct slice blob, struct odj_info *out, struct error *e) MUST_CHECK;

// Binary blob as one line of base64 (the form of SyncML and of Samba's `printblob`).
char *odj_to_base64(struct arena *arena, struct slice binary);

// Binary blob as the file of `djoin /savefile`: UTF-16LE base64 with byte order mark and final NUL.
struct slice odj_to_file(struct arena *arena, struct slice binary);

// Any form to binary NDR, without looking inside. ERR_INVALID, ERR_LIMIT.
bool odj_to_binary(
	struct arena *arena, struct slice blob, struct slice *out, struct error *e) MUST_CHECK;
