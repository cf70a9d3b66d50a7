// SPDX-License-Identifier: Apache-2.0
// The job that tells a device to run a script, and what the device says of it afterwards: data of
// the node ./Device/Vendor/Ferry/Script/{id}/Run and of its alert (docs/wire-device.md).
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>

#define SCRIPT_ALERT "Reversed-Domain-Name:org.ferry.script_result"

enum { SCRIPT_OUTPUT_MAX = 2048, SCRIPT_MAX_SECONDS = 12 * 60 * 60 };

struct script_job {
	const char *url;    // of the content on the service
	const char *sha256; // 64 hexadecimal digits in lower case
	const char *name;   // as people call it
	int64_t seconds;    // time limit, 1 to SCRIPT_MAX_SECONDS
};

// The text lives in the arena.
const char *script_job_write(struct arena *arena, const struct script_job *job);

// ERR_INVALID with fault script_not_runnable.
bool script_job_read(
	struct arena *arena, struct slice text, struct script_job *out, struct error *e) MUST_CHECK;

struct script_result {
	const char *fault;  // NULL: it ended with status 0
	bool ended;	    // it ran to its end with exit_code
	int64_t exit_code;  // 128 and more: by a signal
	const char *output; // the end of what it wrote, at most SCRIPT_OUTPUT_MAX bytes
};

const char *script_result_write(struct arena *arena, const struct script_result *result);

// What is not understood is a failed script: ERR_INVALID.
bool script_result_read(struct arena *arena, struct slice text, struct script_result *out,
	struct error *e) MUST_CHECK;

// Bytes that a program wrote as text that can be kept: what is no UTF-8 becomes '?', control
// characters other than line ends and tabs a blank.
const char *script_output_text(struct arena *arena, struct slice bytes);
