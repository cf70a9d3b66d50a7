// SPDX-License-Identifier: Apache-2.0
// Constants of the blob's layout that its encoder and its decoder share.
#pragma once

#include <stdint.h>

enum {
	ODJ_VERSION = 1,
	ODJ_FORMAT_WIN7 = 1,	// ODJ_WIN7BLOB
	ODJ_FORMAT_PACKAGE = 2, // OP_PACKAGE
	ODJ_MAX_BLOBS = 16,
	ODJ_MAX_PARTS = 16,
	ODJ_PART_ESSENTIAL = 1, // flag of a part
	ODJ_ADDRESS_INET = 1,	// DS_INET_ADDRESS
	ODJ_OPTIONS = 6,	// what djoin and Samba write
};

// PDC, GC, LDAP, DS, KDC, time server, closest, writable … and names in DNS form (MS-ADTS 6.3.1.2).
#define ODJ_DC_FLAGS UINT32_C(0xe00011bd)

#define ODJ_PART_WIN7 "631c7621-5289-4321-bc9e-80f843f868c3"
#define ODJ_PART_JOIN3 "fc0ccf25-7ffa-474a-8611-69ffe269645f"
