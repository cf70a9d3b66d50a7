// SPDX-License-Identifier: Apache-2.0
// Running a script that an administrator wrote: as root, with a time limit, what it writes kept
// only in part, and nothing of it left running afterwards.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdbool.h>

struct script_run {
	const char *file;   // is made executable; without a first line #! it runs with /bin/sh
	const char *cgroup; // folder of a control group to make for it; NULL: its processes are
			    // found by their descent
	const char *const *environment; // "NAME=value", NULL at the end
	int timeout_s;
};

struct script_end {
	bool ended;	     // within its time
	int status;	     // exit status, 128 and the signal's number for one that was killed
	struct slice output; // the end of standard output and error together, at most 2 KiB
	bool cleaned;	     // something that it had started was still running, and was ended
};

// ERR_NOT_FOUND with fault script_not_runnable when it cannot be started, ERR_IO. A script that
// fails or takes too long is no error of this function.
bool script_run(struct arena *arena, const struct script_run *run, struct script_end *out,
	struct error *e) MUST_CHECK;

// A folder for control groups of this process, or NULL where there is none that it may make.
const char *script_cgroup(struct arena *arena, const char *name);
