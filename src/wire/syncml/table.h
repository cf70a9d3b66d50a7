// SPDX-License-Identifier: Apache-2.0
// Which parts a command of each type may have, in the order of the DTD: what reading and writing
// agree on.
#pragma once

#include "wire/syncml/syncml.h"

#define SYNCML_NS "SYNCML:SYNCML1.2"
#define METINF_NS "syncml:metinf"
#define MSFT_NS "http://schemas.microsoft.com/MobileDevice/MDM"

enum syncml_part {
	PART_REFS = 1,	   // MsgRef CmdRef Cmd
	PART_NORESP = 2,   // NoResp
	PART_LANG = 4,	   // Lang
	PART_CRED = 8,	   // Cred
	PART_META = 16,	   // Meta
	PART_LOCREFS = 32, // TargetRef SourceRef
	PART_CHAL = 64,	   // Chal
	PART_DATA = 128,   // Data
	PART_CORRELATOR = 256,
	PART_ITEMS = 512,
	PART_CHILDREN = 1024,
};

struct syncml_row {
	const char *name;
	unsigned parts;
};

// Indexed by enum syncml_type.
extern const struct syncml_row syncml_table[SYNCML_TYPE_COUNT];
